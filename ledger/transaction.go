package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// Tx is the input and output of a transaction's function.
type Tx struct {
	// LastTimestamp is the stored mark, or else the fallback, in UTC; zero if there is neither.
	LastTimestamp time.Time
	// NewTimestamp becomes the mark if the function succeeds. Zero leaves the mark unchanged.
	NewTimestamp time.Time
	// RecordsProcessed is the number of records that the run processed.
	RecordsProcessed int64
	// Metadata replaces that of the entry if the function succeeds and either sets a mark or stores
	// something here.
	Metadata Metadata
	// AllowBackward allows a NewTimestamp before the stored mark; Reason is then required.
	AllowBackward bool
	Reason        string
}

// Transaction runs fn while holding the lock of one stream and then records the outcome:
//
//   - if fn succeeds and sets NewTimestamp, the entry is replaced;
//   - if fn succeeds without setting it, a successful run is recorded and the mark is unchanged;
//   - if fn fails or panics, the attempt is recorded, the mark is unchanged, and no entry is
//     created. fn's error is returned unchanged, joined with an error of recording the attempt if
//     there is one.
//
// The entry is written by compare-and-set: if another program has changed it meanwhile, nothing is
// overwritten and the result is [ErrConflict]. fallback (zero for none) is where a first run
// begins; it is never stored. fn must pass on the context that it receives: with it, using the same
// stream again is [ErrReentrant]; without it, such a call waits until the lock times out.
func (l *ExtractionStateLedger) Transaction(ctx context.Context, study, stream string, fallback time.Time, fn func(context.Context, *Tx) error) error {
	if err := argument.Required("ledger.ExtractionStateLedger.Transaction", "fn", fn); err != nil {
		return err
	}
	k := Key{study, stream}
	if err := k.validate(); err != nil {
		return wrap("transaction", k, err)
	}
	ran := false
	err := l.hold(ctx, []Key{k}, func(ctx context.Context) error {
		old, err := l.entry(ctx, k)
		if err != nil {
			return err
		}
		ran = true
		return l.run(ctx, k, old, fallback, fn)
	})
	if ran {
		return err
	}
	return wrap("transaction", k, err)
}

// run calls fn and records its outcome, also when it panics. What is recorded must not depend on
// the caller's context, which may be the reason why fn ended.
func (l *ExtractionStateLedger) run(ctx context.Context, k Key, old *StreamState, fallback time.Time, fn func(context.Context, *Tx) error) error {
	tx := &Tx{LastTimestamp: fallback, Metadata: Metadata{}}
	if old != nil {
		tx.LastTimestamp = old.LastTimestamp
	}
	tx.LastTimestamp = tx.LastTimestamp.UTC()
	started := l.now()
	record := func(err error) error {
		out := outcome{kind: RunTransaction, started: started, mark: tx.NewTimestamp, records: tx.RecordsProcessed, metadata: tx.Metadata,
			replaceMetadata: !tx.NewTimestamp.IsZero() || len(tx.Metadata) > 0, backward: tx.AllowBackward, reason: tx.Reason, err: err}
		return wrap("transaction", k, l.finish(context.WithoutCancel(ctx), k, old, out))
	}
	returned := false
	defer func() {
		if !returned {
			// The panic goes on; its value may hold data and is not written down.
			_ = record(errors.New("panic"))
		}
	}()
	err := fn(ctx, tx)
	returned = true
	if err == nil {
		err = wrap("transaction", k, tx.validate())
	}
	if err != nil {
		return joined(err, record(err))
	}
	return record(nil)
}

func (tx *Tx) validate() error {
	if tx.RecordsProcessed < 0 {
		return invalid("recordsProcessed", "is negative")
	}
	if tx.AllowBackward && audit.Blank(tx.Reason) {
		return invalid("reason", "is needed to let a mark go back")
	}
	return tx.Metadata.validate()
}

// outcome is how a run ended.
type outcome struct {
	kind            RunKind
	started         time.Time
	mark            time.Time // zero: the mark stays
	records         int64
	metadata        Metadata
	replaceMetadata bool
	backward        bool
	reason          string
	err             error
}

// finish turns an outcome into one commit. An outcome that cannot be applied is recorded as a
// failed attempt, and its error returned.
func (l *ExtractionStateLedger) finish(ctx context.Context, k Key, old *StreamState, out outcome) error {
	failure := out.err
	if failure == nil {
		failure = out.problem(old)
	}
	next := l.next(old, out, failure)
	c := Commit{Runs: []Run{l.runOf(k, old, next, out, failure)}}
	if next != nil {
		c.Changes = []Change{{Key: k, Old: old, New: next}}
	}
	err := l.store.Commit(ctx, c)
	if errors.Is(err, ErrConflict) {
		lost := l.runOf(k, old, old, out, err)
		lost.EntryHash = ""
		return errors.Join(err, l.store.Commit(ctx, Commit{Runs: []Run{lost}}))
	}
	if out.err != nil {
		return err
	}
	return errors.Join(failure, err)
}

// problem says why a successful run's outcome must not be stored.
func (o outcome) problem(old *StreamState) error {
	if o.mark.IsZero() {
		return nil
	}
	if y := o.mark.UTC().Year(); y < 1 || y > 9999 {
		return invalid("timestamp", "its year does not have four digits")
	}
	if old != nil && o.mark.Truncate(time.Microsecond).Before(old.LastTimestamp) && !o.backward {
		return fmt.Errorf("%w: from %s to %s", ErrBackward, formatTime(old.LastTimestamp.UTC()), formatTime(o.mark.UTC()))
	}
	return nil
}

// next is the entry after the run; nil when there is none to write. It is the only place where
// marks are made: a failed run gets the old one, and a run without an old one and without a new
// one gets none.
func (l *ExtractionStateLedger) next(old *StreamState, out outcome, failure error) *StreamState {
	if old == nil && (failure != nil || out.mark.IsZero()) {
		return nil
	}
	n := StreamState{Metadata: Metadata{}}
	if old != nil {
		n = old.Clone()
	}
	attempt := &Attempt{StartedAt: out.started, EndedAt: l.now(), Status: StatusSuccess, Records: out.records, By: l.author}
	n.LastAttempt = attempt
	if failure != nil {
		text := errorText(failure)
		attempt.Status, attempt.Error = StatusFailed, text
		n.LastRunStatus, n.ErrorMessage = StatusFailed, &text
		return &n
	}
	success := *attempt
	n.LastSuccess = &success
	n.LastRunStatus, n.ErrorMessage = StatusSuccess, nil
	if !out.mark.IsZero() {
		n.LastTimestamp, n.RecordsProcessed = *utc(out.mark), out.records
	}
	if out.replaceMetadata {
		n.Metadata = out.metadata.clone()
	}
	return &n
}

func (l *ExtractionStateLedger) runOf(k Key, old, next *StreamState, out outcome, failure error) Run {
	r := Run{StudyKey: k.StudyKey, Stream: k.Stream, Kind: out.kind, Status: StatusSuccess, StartedAt: out.started, EndedAt: l.now(),
		Records: out.records, Reason: out.reason, By: l.author}
	if out.metadata.validate() == nil {
		r.Metadata = out.metadata
	}
	if old != nil {
		r.MarkBefore = utc(old.LastTimestamp)
	}
	if next != nil {
		r.MarkAfter = utc(next.LastTimestamp)
	}
	r.EntryHash = entryHash(next)
	if failure != nil {
		r.Status, r.Error = StatusFailed, errorText(failure)
	}
	return r
}

// maxErrorText bounds what one failure adds to the file, in bytes.
const maxErrorText = 2000

func errorText(err error) string {
	s := strings.ToValidUTF8(err.Error(), "\uFFFD")
	if len(s) <= maxErrorText {
		return s
	}
	s = s[:maxErrorText]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s + "…"
}
