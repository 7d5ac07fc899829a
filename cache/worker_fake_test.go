package cache_test

import (
	"context"
	"errors"
	stdsync "sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

// syncCall is one run that a worker asked for.
type syncCall struct {
	study string
	at    time.Time
	sweep bool
}

// fakeSyncer answers runs by a function, and remembers them.
type fakeSyncer struct {
	answer func(ctx context.Context, call syncCall, n int) (cache.Report, error)
	mu     stdsync.Mutex
	calls  []syncCall
}

func (f *fakeSyncer) SyncRecords(ctx context.Context, study string, opts cache.SyncOptions) (cache.Report, error) {
	call := syncCall{study, time.Now(), opts.Sweep}
	f.mu.Lock()
	f.calls = append(f.calls, call)
	n := 0
	for _, c := range f.calls {
		if c.study == study {
			n++
		}
	}
	f.mu.Unlock()
	report, err := f.answer(ctx, call, n)
	report.StudyKey = study
	return report, err
}

// of returns the runs of one study.
func (f *fakeSyncer) of(study string) []syncCall {
	f.mu.Lock()
	defer f.mu.Unlock()
	var calls []syncCall
	for _, c := range f.calls {
		if c.study == study {
			calls = append(calls, c)
		}
	}
	return calls
}

// delays are the times between the runs of one study.
func (f *fakeSyncer) delays(study string) []time.Duration {
	calls := f.of(study)
	var d []time.Duration
	for i := 1; i < len(calls); i++ {
		d = append(d, calls[i].at.Sub(calls[i-1].at))
	}
	return d
}

func succeed(context.Context, syncCall, int) (cache.Report, error) { return cache.Report{}, nil }

// fakeLedger keeps marks as a ledger does: one that would go back is refused.
type fakeLedger struct {
	mu    stdsync.Mutex
	marks map[string]imednet.Watermark
	fail  error
	before,
	after func() // around the moment in which a mark moves
}

func newFakeLedger() *fakeLedger {
	return &fakeLedger{marks: map[string]imednet.Watermark{}, before: func() {}, after: func() {}}
}

var errBackward = errors.New("the mark would go back")

func (l *fakeLedger) LastTimestamp(_ context.Context, study, stream string) (time.Time, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m, ok := l.marks[study+"/"+stream]
	return m.Time, ok, l.fail
}

func (l *fakeLedger) Advance(ctx context.Context, study, stream string, m imednet.Watermark) error {
	l.before()
	if err := l.move(ctx, study+"/"+stream, m); err != nil {
		return err
	}
	l.after()
	return nil
}

func (l *fakeLedger) move(ctx context.Context, key string, m imednet.Watermark) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := errors.Join(l.fail, ctx.Err()); err != nil {
		return err
	}
	if m.Time.Before(l.marks[key].Time) {
		return errBackward
	}
	l.marks[key] = m
	return nil
}

func (l *fakeLedger) mark(key string) imednet.Watermark {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.marks[key]
}

// newWorker makes a worker without randomness unless options say otherwise.
func newWorker(t *testing.T, f cache.RecordSyncer, studies []string, opts ...cache.WorkerOption) *cache.SyncWorker {
	t.Helper()
	w, err := cache.NewSyncWorker(f, studies, append([]cache.WorkerOption{cache.WithJitter(0)}, opts...)...)
	require.NoError(t, err)
	return w
}

// runFor runs a worker for some time, in a bubble of fake time, and stops it.
func runFor(t *testing.T, w *cache.SyncWorker, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), d, errOver)
	defer cancel()
	require.NoError(t, w.Run(ctx))
	require.ErrorIs(t, context.Cause(ctx), errOver, "it ended of itself")
}

var errOver = errors.New("the time is over")
