package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/verdict"
)

// ErrIntegrity means that the history was altered, or that an entry contradicts the history. See
// [Verification].
var ErrIntegrity = errors.New("the ledger's history is not intact")

// VerifyOptions configures [ExtractionStateLedger.Verify].
type VerifyOptions struct {
	// Head is the hash of the newest run as stored elsewhere; empty means none. The history must
	// still contain that run. Without it, the removal of the newest runs cannot be detected. A run
	// that is older than the history keeps cannot be found any more: store a newer head.
	Head string
	// Kept are heads of this ledger that were kept elsewhere, as package heads reads them: lines of
	// [Head]. The history must still contain the run of each, unless its limit has cut it; a fault names the head.
	Kept []imednet.KeptHead
}

// Verification is the result of [ExtractionStateLedger.Verify].
type Verification struct {
	Runs    int64  // read
	Entries int64  // compared with the newest run of their stream
	Head    string // hash of the newest run; store it elsewhere if all is intact
	// Cut is the number of the oldest run of a history that its limit has cut; 0 if it was not.
	Cut int64
	// Outlived counts the kept heads of runs that the limit has cut. Nothing can be said of them.
	Outlived int
	// Unattested counts the entries that no run left and that do not say so, as another program writes them. Whoever can
	// write the file can invent such an entry, and nothing in it tells: look at them where no other program writes it.
	Unattested int64
	Faults     int64 // all faults
	// Problems lists the first hundred faults. Path is "runs/N", counted from the oldest, or
	// "entries/STUDY/STREAM".
	Problems []imednet.Problem
}

// String returns the result as the command prints it.
func (v Verification) String() string {
	text := verdict.Of(fmt.Sprintf("%d runs, %d entries", v.Runs, v.Entries), v.Faults)
	if v.Cut > 0 {
		text += fmt.Sprintf("; the limit has cut the runs before %d", v.Cut)
	}
	if v.Outlived > 0 {
		text += fmt.Sprintf(", and %d kept heads are of them", v.Outlived)
	}
	if v.Unattested > 0 {
		text += fmt.Sprintf("; %d entries were left by no run, as another program writes them", v.Unattested)
	}
	return text
}

// Verify checks that the recorded runs form an unbroken chain of correct hashes, that their times
// never decrease, that there are runs if an entry was left by one, and that every entry is as the newest run of its
// stream left it. An entry that the Python package, which writes no history, has written over that of a run is a fault:
// Verify is meant for files used only by this library, and otherwise reports what the other program wrote. Entries of
// streams that only such a program knows are counted as [Verification.Unattested]. If there are faults the error is
// [ErrIntegrity], and the result lists them. Verify writes nothing.
func (l *ExtractionStateLedger) Verify(ctx context.Context, o VerifyOptions) (v Verification, err error) {
	const op = "verify"
	state, err := l.store.Load(ctx)
	if err != nil {
		return v, wrap(op, Key{}, err)
	}
	runs, err := historyOf(ctx, l.store)
	if err != nil {
		return v, wrap(op, Key{}, err)
	}
	found := &audit.Findings{}
	numbers := numberRuns(runs, found)
	outlived := verifyAll(state, runs, numbers, o, found)
	v = Verification{Outlived: outlived, Unattested: unattested(state, runs), Runs: int64(len(runs)), Entries: int64(len(state.Keys())), Faults: found.Count, Problems: found.Problems}
	if cut := numbers.cut(); cut > 1 {
		v.Cut = cut
	}
	if len(runs) > 0 {
		v.Head = runs[len(runs)-1].Hash
	}
	if v.Faults > 0 {
		return v, wrap(op, Key{}, fmt.Errorf("%w: %s", ErrIntegrity, verdict.First(v.Faults, v.Problems[0])))
	}
	return v, nil
}

// verifyAll verifies a history and that a state is what it left. It returns the number of kept heads that the limit has cut.
func verifyAll(state LedgerState, runs []Run, numbers numbering, o VerifyOptions, found *audit.Findings) (outlived int) {
	left, outlived := verifyRuns(runs, numbers, o, found)
	if len(runs) == 0 && ran(state) {
		found.Add("runs", "the history is missing: entries are there that its runs left")
	}
	verifyEntries(state, left, found)
	verifyOrigins(state, runs, found)
	return outlived
}

// verifyState is verifyAll without a head.
func verifyState(state LedgerState, runs []Run) *audit.Findings {
	found := &audit.Findings{}
	verifyAll(state, runs, numberRuns(runs, found), VerifyOptions{}, found)
	return found
}

// clockTolerance is what the clocks of computers that share a ledger may differ by.
const clockTolerance = 10 * time.Second

// verifyRuns checks the chain, oldest first, and returns the hash of the entry that each
// stream was left with, empty for none, and how many kept heads are of runs that the limit has cut.
func verifyRuns(runs []Run, numbers numbering, o VerifyOptions, found *audit.Findings) (left map[Key]string, outlived int) {
	left = map[Key]string{}
	seen := o.Head == ""
	kept := audit.NewKept(found)
	kept.ExpectAll(o.Kept, parseKept)
	var ended time.Time
	for i, r := range runs {
		at := fmt.Sprintf("runs/%d", i+1)
		hash, err := r.computeHash()
		switch {
		case err != nil || hash != r.Hash:
			found.Add(at, "was changed: its hash does not match what it says")
		case i > 0 && r.Previous != runs[i-1].Hash:
			found.Add(at, "does not follow the run before it")
		case r.EndedAt.Before(ended.Add(-clockTolerance)):
			found.Add(at, "is dated before the run before it")
		}
		ended = r.EndedAt
		seen = seen || r.Hash == o.Head
		kept.Entry(at, "", numbers.first+int64(i), r.Hash)
		switch {
		case r.Kind == RunRestore && r.EntryHash == "":
			clear(left) // whatever the backup had
		case r.Kind == RunRestore: // its backup was what the runs before it left
		case r.StudyKey != "" && (r.EntryHash != "" || r.MarkAfter == nil):
			left[Key{r.StudyKey, r.Stream}] = r.EntryHash
		}
	}
	if !seen {
		found.Add("runs", "the history lacks the run of the kept head: its tail was cut, or it is older than the history keeps")
	}
	outlived = kept.Outlived(numbers.cut())
	kept.Missing("history", nil)
	return left, outlived
}

// ran reports whether any entry was left by a run of this library, which writes a history.
func ran(state LedgerState) bool {
	return slices.ContainsFunc(state.Keys(), func(k Key) bool {
		e, _ := state.Entry(k)
		return e.LastAttempt != nil
	})
}

// unattested counts the entries of streams without a run that no run says it left.
func unattested(state LedgerState, runs []Run) (n int64) {
	streams := streamsOf(runs)
	for _, k := range state.Keys() {
		if e, _ := state.Entry(k); e.LastAttempt == nil && !streams[k] {
			n++
		}
	}
	return n
}

// streamsOf are the streams that have a run.
func streamsOf(runs []Run) map[Key]bool {
	streams := map[Key]bool{}
	for _, r := range runs {
		streams[Key{r.StudyKey, r.Stream}] = true
	}
	return streams
}

func verifyEntries(state LedgerState, left map[Key]string, found *audit.Findings) {
	for _, k := range state.Keys() {
		at := "entries/" + k.StudyKey + "/" + k.Stream
		e, _ := state.Entry(k)
		hash, known := left[k]
		delete(left, k)
		if known && hash != entryHash(&e) {
			found.Add(at, "is not what its newest run left: another program wrote it, or it was changed")
		}
	}
	for k, hash := range left {
		if hash != "" {
			found.Add("entries/"+k.StudyKey+"/"+k.Stream, "is missing: its newest run left one")
		}
	}
}

// verifyOrigins finds entries that say that a run left them, of streams of which a history that is there from its
// beginning has no run. After a restore nothing can be said: the backup's entries have their runs elsewhere.
func verifyOrigins(state LedgerState, runs []Run, found *audit.Findings) {
	if len(runs) == 0 || runs[0].Previous != "" {
		return
	}
	if slices.ContainsFunc(runs, func(r Run) bool {
		return r.Kind == RunRestore && r.EntryHash == "" || r.Kind != RunRestore && r.StudyKey == ""
	}) {
		return
	}
	streams := streamsOf(runs)
	for _, k := range state.Keys() {
		if e, _ := state.Entry(k); e.LastAttempt != nil && !streams[k] {
			found.Add("entries/"+k.StudyKey+"/"+k.Stream, "was left by no run of the history")
		}
	}
}
