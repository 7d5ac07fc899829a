package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/filelock"
)

// DefaultLockTimeout is the default of [WithLockTimeout].
const DefaultLockTimeout = 30 * time.Second

// ExtractionStateLedger stores high-water marks, one per stream of each study. It is safe for
// concurrent use and, with a persistent store, by several processes.
type ExtractionStateLedger struct {
	store       Store
	clock       imednet.Clock
	lockTimeout time.Duration
	author      *Author
}

// WithLockTimeout limits the wait for a stream that is in use elsewhere; the default is
// [DefaultLockTimeout]. 0 means to try once.
func WithLockTimeout(d time.Duration) Option {
	return option(func(l *ExtractionStateLedger) error {
		if d < 0 {
			return argument.Invalid("ledger.WithLockTimeout", "timeout", "must not be negative")
		}
		l.lockTimeout = d
		return nil
	})
}

// NewExtractionStateLedger returns a ledger that uses a store. It reads and writes nothing.
func NewExtractionStateLedger(store Store, opts ...Option) (*ExtractionStateLedger, error) {
	if err := argument.Required("ledger.NewExtractionStateLedger", "store", store); err != nil {
		return nil, wrap("new", Key{}, err)
	}
	l := &ExtractionStateLedger{store: store, clock: clockOf(store), lockTimeout: DefaultLockTimeout}
	for _, opt := range opts {
		if err := argument.Required("ledger.NewExtractionStateLedger", "opts", opt); err != nil {
			return nil, wrap("new", Key{}, err)
		}
		if err := opt.applyToLedger(l); err != nil {
			return nil, wrap("new", Key{}, err)
		}
	}
	return l, nil
}

// clockOf is the clock that a store tells, or else the system's. Processes on several machines that share a database
// have to date their runs by one clock, or the history would look as if it had been put together.
func clockOf(store Store) imednet.Clock {
	if timed, ok := store.(interface{ Clock() imednet.Clock }); ok {
		return timed.Clock()
	}
	return imednet.SystemClock()
}

// LastTimestamp returns a stream's mark in UTC, and whether it has one.
func (l *ExtractionStateLedger) LastTimestamp(ctx context.Context, study, stream string) (time.Time, bool, error) {
	k := Key{study, stream}
	if err := k.validate(); err != nil {
		return time.Time{}, false, wrap("last timestamp", k, err)
	}
	state, err := l.store.Load(ctx)
	if err != nil {
		return time.Time{}, false, wrap("last timestamp", k, err)
	}
	e, ok := state.Entry(k)
	return e.LastTimestamp.UTC(), ok, nil
}

// SetOptions configures [ExtractionStateLedger.SetLastTimestamp].
type SetOptions struct {
	RecordsProcessed int64
	Status           Status   // default StatusSuccess
	ErrorMessage     string   // only with StatusFailed
	Metadata         Metadata // replaces that of the entry
	// AllowBackward allows a mark before the stored one; Reason is then required, and both are
	// recorded.
	AllowBackward bool
	Reason        string
}

// SetLastTimestamp replaces a stream's entry outside a transaction. A mark before the stored one is
// [ErrBackward] unless the options allow it. With [StatusFailed] the attempt is recorded, and mark,
// count and metadata are unchanged; t must then be zero or the stored mark.
func (l *ExtractionStateLedger) SetLastTimestamp(ctx context.Context, study, stream string, t time.Time, opts SetOptions) error {
	k := Key{study, stream}
	if err := errors.Join(k.validate(), opts.validate(), opts.Metadata.validate()); err != nil {
		return wrap("set", k, err)
	}
	out := outcome{kind: RunSet, mark: t, records: opts.RecordsProcessed, metadata: opts.Metadata, replaceMetadata: true,
		backward: opts.AllowBackward, reason: opts.Reason}
	if opts.Status == StatusFailed {
		out.err = errors.New(opts.ErrorMessage)
	} else if t.IsZero() {
		return wrap("set", k, invalid("timestamp", "is zero"))
	}
	return wrap("set", k, l.record(ctx, k, out))
}

func (o SetOptions) validate() error {
	switch {
	case o.Status != "" && o.Status != StatusSuccess && o.Status != StatusFailed:
		return invalid("status", "must be success or failed")
	case o.Status != StatusFailed && o.ErrorMessage != "":
		return invalid("errorMessage", "is only for a failed run")
	case o.RecordsProcessed < 0:
		return invalid("recordsProcessed", "is negative")
	case o.AllowBackward && audit.Blank(o.Reason):
		return invalid("reason", "is needed to let a mark go back")
	}
	return nil
}

// Advance advances a stream's mark after the data have been committed, and clears an earlier
// failure. A mark before the stored one is [ErrBackward]; the same mark again records a successful
// run. The entry's metadata are unchanged.
func (l *ExtractionStateLedger) Advance(ctx context.Context, study, stream string, m imednet.Watermark) error {
	k := Key{study, stream}
	err := k.validate()
	if m.Time.IsZero() {
		err = errors.Join(err, invalid("mark", "has no time"))
	}
	if m.Records < 0 {
		err = errors.Join(err, invalid("mark", "has a negative count"))
	}
	if err != nil {
		return wrap("advance", k, err)
	}
	return wrap("advance", k, l.record(ctx, k, outcome{kind: RunAdvance, mark: m.Time, records: m.Records}))
}

// record takes the stream's lock and writes the outcome of a run that is already over.
func (l *ExtractionStateLedger) record(ctx context.Context, k Key, out outcome) error {
	return l.hold(ctx, []Key{k}, func(ctx context.Context) error {
		old, err := l.entry(ctx, k)
		if err != nil {
			return err
		}
		out.started = l.now()
		if out.err != nil && !out.mark.IsZero() && (old == nil || !old.LastTimestamp.Equal(*utc(out.mark))) {
			return invalid("timestamp", "a failed run never moves a mark")
		}
		if out.kind == RunAdvance && out.records == 0 && old != nil && old.LastTimestamp.Equal(*utc(out.mark)) {
			out.mark = time.Time{} // nothing new: the count stays that of the run that set the mark
		}
		return l.finish(ctx, k, old, out)
	})
}

func (l *ExtractionStateLedger) entry(ctx context.Context, k Key) (*StreamState, error) {
	state, err := l.store.Load(ctx)
	if err != nil {
		return nil, err
	}
	if e, ok := state.Entry(k); ok {
		return &e, nil
	}
	return nil, nil
}

// DeleteOptions configures [ExtractionStateLedger.DeleteEntry].
type DeleteOptions struct {
	Reason string // required; recorded in the history
}

// DeleteEntry removes the entry of one stream, or all entries of the study if stream is empty, so
// that the next run starts from the beginning. If there is nothing to remove it returns false and
// writes nothing.
func (l *ExtractionStateLedger) DeleteEntry(ctx context.Context, study, stream string, opts DeleteOptions) (bool, error) {
	k := Key{study, stream}
	if err := deleteProblem(k, opts); err != nil {
		return false, wrap("delete", k, err)
	}
	state, err := l.store.Load(ctx)
	if err != nil {
		return false, wrap("delete", k, err)
	}
	keys := slices.DeleteFunc(state.Keys(), func(x Key) bool {
		return x.StudyKey != study || stream != "" && x.Stream != stream
	})
	if len(keys) == 0 {
		return false, nil
	}
	return true, wrap("delete", k, l.hold(ctx, keys, func(ctx context.Context) error { return l.remove(ctx, keys, opts.Reason) }))
}

func deleteProblem(k Key, opts DeleteOptions) error {
	if audit.Blank(opts.Reason) {
		return invalid("reason", "is needed to reset a stream")
	}
	if k.Stream == "" {
		return validName("studyKey", k.StudyKey)
	}
	return k.validate()
}

// remove runs under the locks of all keys. The entries are read again: they may have changed
// while the locks were waited for.
func (l *ExtractionStateLedger) remove(ctx context.Context, keys []Key, reason string) error {
	state, err := l.store.Load(ctx)
	if err != nil {
		return err
	}
	var c Commit
	now := l.now()
	for _, k := range keys {
		if e, ok := state.Entry(k); ok {
			c.Changes = append(c.Changes, Change{Key: k, Old: &e})
			c.Runs = append(c.Runs, Run{StudyKey: k.StudyKey, Stream: k.Stream, Kind: RunReset, Status: StatusSuccess,
				StartedAt: now, EndedAt: now, MarkBefore: utc(e.LastTimestamp), Reason: reason, By: l.author})
		}
	}
	return l.store.Commit(ctx, c)
}

// Runs yields the recorded runs, from newest to oldest. Stores keep a limited number.
func (l *ExtractionStateLedger) Runs(ctx context.Context, f RunFilter) iter.Seq2[Run, error] {
	if f.Limit < 0 {
		return func(yield func(Run, error) bool) {
			yield(Run{}, argument.Invalid("ledger.ExtractionStateLedger.Runs", "f.Limit", "must not be negative"))
		}
	}
	return l.store.Runs(ctx, f)
}

// heldKey marks a context of a function that runs under locks.
type heldKey struct{}

type held struct {
	ledger *ExtractionStateLedger
	keys   []Key
	outer  *held
}

// hold runs fn under the locks of the keys, taken in order so that two callers cannot wait for
// each other. The context given to fn remembers them.
func (l *ExtractionStateLedger) hold(ctx context.Context, keys []Key, fn func(context.Context) error) (err error) {
	outer, _ := ctx.Value(heldKey{}).(*held)
	for h := outer; h != nil; h = h.outer {
		if h.ledger == l && slices.ContainsFunc(keys, func(k Key) bool { return slices.Contains(h.keys, k) }) {
			return ErrReentrant
		}
	}
	for _, k := range keys {
		unlock, lockErr := l.lock(ctx, k)
		if lockErr != nil {
			return lockErr
		}
		defer func() { err = joined(err, unlock()) }()
	}
	return fn(context.WithValue(ctx, heldKey{}, &held{ledger: l, keys: keys, outer: outer}))
}

// holds reports whether ctx is of a function that runs under locks of a ledger over the store.
func holds(ctx context.Context, store Store) bool {
	for h, _ := ctx.Value(heldKey{}).(*held); h != nil; h = h.outer {
		if h.ledger.store == store {
			return true
		}
	}
	return false
}

func (l *ExtractionStateLedger) lock(ctx context.Context, k Key) (unlock func() error, err error) {
	err = filelock.Poll(ctx, l.lockTimeout, l.clock, func() (ok bool, err error) {
		unlock, ok, err = l.store.TryLock(ctx, k)
		return ok, err
	})
	if errors.Is(err, filelock.ErrTimeout) {
		return nil, fmt.Errorf("%w for %v", ErrLocked, l.lockTimeout)
	}
	return unlock, err
}

func (l *ExtractionStateLedger) now() time.Time {
	return l.clock.Now().UTC().Truncate(time.Microsecond)
}

func utc(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}

func (k Key) validate() error {
	return errors.Join(validName("studyKey", k.StudyKey), validName("stream", k.Stream))
}

func validName(what, s string) error {
	if strings.TrimSpace(s) == "" {
		return invalid(what, "is empty")
	}
	if !utf8.ValidString(s) {
		return invalid(what, "is not UTF-8")
	}
	return nil
}

func (m Metadata) validate() error {
	if _, ok := m[reserved]; ok {
		return invalid("metadata", "the name "+reserved+" is reserved")
	}
	for name, v := range m {
		if !v.IsValid() {
			return invalid("metadata", "the value of "+name+" is not JSON")
		}
	}
	return nil
}

func invalid(path, message string) error {
	return &imednet.ValidationError{What: "ledger call", Problems: []imednet.Problem{{Path: path, Message: message}}}
}
