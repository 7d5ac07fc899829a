package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// ReadState returns the whole ledger. It never creates a file.
func (l *ExtractionStateLedger) ReadState(ctx context.Context) (LedgerState, error) {
	state, err := l.store.Load(ctx)
	if err != nil {
		return LedgerState{}, wrap("read state", Key{}, err)
	}
	state.base = state.entries()
	return state, nil
}

func (s LedgerState) entries() map[Key]StreamState {
	m := map[Key]StreamState{}
	for _, k := range s.Keys() {
		e, _ := s.Entry(k)
		m[k] = e.Clone()
	}
	return m
}

// WriteOptions configures [ExtractionStateLedger.WriteState].
type WriteOptions struct {
	// Overwrite replaces entries that differ from those that ReadState returned, for a state that
	// was not read from this ledger. By default they are [ErrConflict].
	Overwrite bool
	// AllowBackward allows marks to move backward and entries to be removed; Reason is then
	// required.
	AllowBackward bool
	Reason        string
}

// WriteState writes a state that [ExtractionStateLedger.ReadState] returned and the caller changed.
// Only the entries that the caller changed are written, each by compare-and-set, all or none. Other
// entries are kept, including those that were added or changed meanwhile. Unknown members of an
// entry are written with it; those outside entries are unchanged.
func (l *ExtractionStateLedger) WriteState(ctx context.Context, state LedgerState, opts WriteOptions) error {
	err := opts.validate()
	base := state.base
	if err == nil && opts.Overwrite {
		var current LedgerState
		current, err = l.store.Load(ctx)
		base = current.entries()
	}
	if err == nil {
		_, err = l.merge(ctx, base, state, transfer{kind: RunWrite, backward: opts.AllowBackward, remove: true, reason: opts.Reason})
	}
	return wrap("write state", Key{}, err)
}

func (o WriteOptions) validate() error {
	if o.AllowBackward && audit.Blank(o.Reason) {
		return invalid("reason", "is needed to let marks go back")
	}
	return nil
}

// Export writes the ledger in the format of the Python package's JSON file.
func (l *ExtractionStateLedger) Export(ctx context.Context, w io.Writer) error {
	if err := argument.Required("ledger.ExtractionStateLedger.Export", "w", w); err != nil {
		return err
	}
	state, err := l.store.Load(ctx)
	if err != nil {
		return wrap("export", Key{}, err)
	}
	data, err := encodeState(state)
	if err == nil {
		_, err = w.Write(data)
	}
	return wrap("export", Key{}, err)
}

// ImportOptions configures [ExtractionStateLedger.Import] and [ExtractionStateLedger.CopyFrom].
type ImportOptions struct {
	// AllowBackward allows marks to move backward; Reason is then required.
	AllowBackward bool
	Reason        string
}

// ImportReport counts the entries of an import: Read = Added + Changed + Unchanged.
type ImportReport struct {
	Read, Added, Changed, Unchanged int
	Runs                            int // runs copied to the history
}

// String is the report in one line.
func (r ImportReport) String() string {
	return fmt.Sprintf("%d entries: %d added, %d changed, %d unchanged", r.Read, r.Added, r.Changed, r.Unchanged)
}

// Import merges a file in the format of the Python package: its entries are added or replaced, all
// or none, and entries that it does not name are kept.
func (l *ExtractionStateLedger) Import(ctx context.Context, r io.Reader, opts ImportOptions) (ImportReport, error) {
	if err := argument.Required("ledger.ExtractionStateLedger.Import", "r", r); err != nil {
		return ImportReport{}, err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return ImportReport{}, wrap("import", Key{}, err)
	}
	state, err := decodeState(data)
	if err != nil {
		return ImportReport{}, wrap("import", Key{}, fmt.Errorf("%w: %w", ErrDamaged, err))
	}
	report, err := l.take(ctx, state, nil, opts)
	return report, wrap("import", Key{}, err)
}

// CopyFrom merges the entries of another ledger as [ExtractionStateLedger.Import] does, and appends
// its history.
func (l *ExtractionStateLedger) CopyFrom(ctx context.Context, src *ExtractionStateLedger, opts ImportOptions) (ImportReport, error) {
	if err := argument.Required("ledger.ExtractionStateLedger.CopyFrom", "src", src); err != nil {
		return ImportReport{}, err
	}
	state, err := src.store.Load(ctx)
	if err != nil {
		return ImportReport{}, wrap("copy", Key{}, err)
	}
	var runs []Run
	for r, err := range src.store.Runs(ctx, RunFilter{}) {
		if err != nil {
			return ImportReport{}, wrap("copy", Key{}, err)
		}
		runs = append(runs, r)
	}
	slices.Reverse(runs)
	report, err := l.take(ctx, state, runs, opts)
	return report, wrap("copy", Key{}, err)
}

func (l *ExtractionStateLedger) take(ctx context.Context, state LedgerState, runs []Run, opts ImportOptions) (ImportReport, error) {
	if err := (WriteOptions{AllowBackward: opts.AllowBackward, Reason: opts.Reason}).validate(); err != nil {
		return ImportReport{}, err
	}
	current, err := l.store.Load(ctx)
	if err != nil {
		return ImportReport{}, err
	}
	return l.merge(ctx, current.entries(), state, transfer{kind: RunImport, backward: opts.AllowBackward, reason: opts.Reason, runs: runs})
}

// transfer is how a merge treats what it writes.
type transfer struct {
	kind     RunKind
	backward bool
	remove   bool // entries that are missing in the new state are removed
	reason   string
	runs     []Run // older runs, added before those of the merge
}

// merge commits the difference between two states under the locks of what differs.
func (l *ExtractionStateLedger) merge(ctx context.Context, from map[Key]StreamState, to LedgerState, how transfer) (ImportReport, error) {
	c := Commit{Runs: how.runs}
	report := ImportReport{Read: len(to.Keys()), Runs: len(how.runs)}
	var problems []error
	for _, k := range to.Keys() {
		e, _ := to.Entry(k)
		old, existed := from[k]
		switch {
		case existed && old.Equal(e):
			report.Unchanged++
			continue
		case existed:
			report.Changed++
			problems = append(problems, how.check(k, &old, &e))
			c.Changes = append(c.Changes, Change{Key: k, Old: &old, New: &e})
		default:
			report.Added++
			problems = append(problems, how.check(k, nil, &e))
			c.Changes = append(c.Changes, Change{Key: k, New: &e})
		}
	}
	for _, k := range slices.SortedFunc(maps.Keys(from), compareKeys) {
		if _, stays := to.Entry(k); how.remove && !stays {
			old := from[k]
			problems = append(problems, how.check(k, &old, nil))
			c.Changes = append(c.Changes, Change{Key: k, Old: &old})
		}
	}
	if err := errors.Join(problems...); err != nil {
		return ImportReport{}, err
	}
	if err := l.commitMerge(ctx, c, how); err != nil {
		return ImportReport{}, err
	}
	return report, nil
}

func compareKeys(a, b Key) int {
	if c := strings.Compare(a.StudyKey, b.StudyKey); c != 0 {
		return c
	}
	return strings.Compare(a.Stream, b.Stream)
}

// check refuses entries that may not be written; a nil next one is a removal.
func (how transfer) check(k Key, old, next *StreamState) error {
	if next == nil {
		if how.backward {
			return nil
		}
		return fmt.Errorf("study %s, stream %s would be removed: %w", k.StudyKey, k.Stream, ErrBackward)
	}
	if err := errors.Join(k.validate(), next.Metadata.validate()); err != nil {
		return err
	}
	err := outcome{mark: next.LastTimestamp, backward: how.backward}.problem(old)
	if next.LastTimestamp.IsZero() {
		err = invalid("timestamp", "is zero")
	}
	if err != nil {
		return fmt.Errorf("study %s, stream %s: %w", k.StudyKey, k.Stream, err)
	}
	return nil
}

func (l *ExtractionStateLedger) commitMerge(ctx context.Context, c Commit, how transfer) error {
	if len(c.Changes) == 0 && len(c.Runs) == 0 {
		return nil
	}
	keys := make([]Key, len(c.Changes))
	now := l.now()
	for i, change := range c.Changes {
		keys[i] = change.Key
		r := Run{StudyKey: change.StudyKey, Stream: change.Stream, Kind: how.kind, Status: StatusSuccess, StartedAt: now, EndedAt: now,
			MarkBefore: markOf(change.Old), MarkAfter: markOf(change.New), Reason: how.reason, By: l.author,
			EntryHash: entryHash(change.New)}
		if change.New != nil {
			r.Records = change.New.RecordsProcessed
		}
		c.Runs = append(c.Runs, r)
	}
	slices.SortFunc(keys, compareKeys)
	return l.hold(ctx, keys, func(ctx context.Context) error { return l.store.Commit(ctx, c) })
}

func markOf(e *StreamState) *time.Time {
	if e == nil {
		return nil
	}
	return utc(e.LastTimestamp)
}
