package cache

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/imednetgo/imednet/internal/argument"
)

// RecordSyncer is what a [SyncWorker] drives. A [CachedRecordsLoader] implements it.
//
// SyncRecords returns a nil error only after a complete run, with the mark up to which the study is
// in the mirror. Runs of the same study exclude each other by a lock for which the syncer waits, up
// to its own timeout ([WithLockTimeout], 30 s by default), before it returns [ErrSyncRunning].
type RecordSyncer interface {
	SyncRecords(ctx context.Context, studyKey string, opts SyncOptions) (Report, error)
}

// Flusher is an optional interface of a [RecordSyncer] that makes commits durable. The worker calls
// it before it advances the mark in a ledger, so that not even a power failure leaves the ledger
// ahead of the mirror.
type Flusher interface {
	Flush(ctx context.Context) error
}

// ResourceSyncer is an optional interface of a [RecordSyncer] that syncs the resources other than
// records. The worker needs it for [WithResourcesEvery].
type ResourceSyncer interface {
	SyncResources(ctx context.Context, studyKey string, opts SyncOptions) (ResourcesReport, error)
}

var (
	_ RecordSyncer   = (*CachedRecordsLoader)(nil)
	_ Flusher        = (*CachedRecordsLoader)(nil)
	_ ResourceSyncer = (*CachedRecordsLoader)(nil)
)

// Sentinels of a [SyncWorker] that a caller can test for with errors.Is.
var (
	// ErrWorkerRunning means that the worker is already running.
	ErrWorkerRunning = errors.New("the worker is already running")
	// ErrAllStopped means that every study of the worker has stopped with a permanent error.
	ErrAllStopped = errors.New("every study has stopped")

	errStopping = errors.New("the worker was stopped")
)

// SyncWorker keeps the mirrors of several studies up to date: each with a run at every interval and
// a sweep less often. Studies do not wait for one another, except for their turn if more of them
// are due than [WithConcurrency] allows.
//
// After an error a study is retried with increasing delays. After several consecutive errors its
// circuit opens: the study pauses, then makes one attempt, and continues as before if that
// succeeds. A permanent error (401, 403, an invalid argument, a file of another program) stops the
// study; the others continue. A run that finds the study locked by another process counts as
// skipped, not as failed.
type SyncWorker struct {
	loader  RecordSyncer
	cfg     workerConfig
	studies []*workerStudy
	turns   chan struct{} // one token for each study that may run at the same time
	events  sync.Mutex    // held while an event is handed out

	mu      sync.Mutex
	stopped bool // for good, by Stop
	running bool
	cancel  context.CancelCauseFunc // ends what is running
	idle    chan struct{}           // closed when no Run or RunOnce is under way
}

// NewSyncWorker returns a worker for the studies. It does nothing until [SyncWorker.Run] or
// [SyncWorker.RunOnce] is called. The error is an *[imednet.ValidationError].
func NewSyncWorker(loader RecordSyncer, studies []string, opts ...WorkerOption) (*SyncWorker, error) {
	if err := argument.Required("cache.NewSyncWorker", "loader", loader); err != nil {
		return nil, wrap("new worker", "", err)
	}
	if len(studies) == 0 {
		return nil, wrap("new worker", "", argument.Invalid("cache.NewSyncWorker", "studies", "is empty"))
	}
	cfg := workerDefaults()
	for _, opt := range opts {
		if err := argument.Required("cache.NewSyncWorker", "opts", opt); err != nil {
			return nil, wrap("new worker", "", err)
		}
		if err := opt.applyToWorker(&cfg); err != nil {
			return nil, wrap("new worker", "", err)
		}
	}
	if _, able := loader.(ResourceSyncer); cfg.resourcesEvery > 0 && !able {
		return nil, wrap("new worker", "", argument.Invalid("cache.NewSyncWorker", "loader", "cannot sync resources beside the records"))
	}
	w := &SyncWorker{loader: loader, cfg: cfg, idle: make(chan struct{})}
	close(w.idle)
	w.turns = make(chan struct{}, cfg.concurrency)
	for i, key := range studies {
		if key == "" || slices.Contains(studies[:i], key) {
			return nil, wrap("new worker", key, argument.Invalid("cache.NewSyncWorker", "studies", "must hold no empty key and none twice"))
		}
		w.studies = append(w.studies, newWorkerStudy(key, cfg.clock.Now()))
	}
	return w, nil
}

// Run syncs every study immediately and then at every interval. It returns nil if it was stopped in
// an orderly way, by [SyncWorker.Stop] or the end of ctx. If every study has stopped, it returns
// [ErrAllStopped] joined with the error of each study. It waits until runs in progress have ended.
func (w *SyncWorker) Run(ctx context.Context) error {
	return w.work(ctx, func(ctx context.Context) error {
		w.emit(Event{Kind: EventStarted})
		var group sync.WaitGroup
		for _, s := range w.studies {
			group.Go(func() { w.keep(ctx, s) })
		}
		group.Wait()
		w.emit(Event{Kind: EventEnded})
		if ctx.Err() != nil {
			return nil
		}
		errs := []error{ErrAllStopped}
		for _, s := range w.studies {
			errs = append(errs, s.snapshot().LastError)
		}
		return errors.Join(errs...)
	})
}

// keep runs one study until ctx ends or the study stops.
func (w *SyncWorker) keep(ctx context.Context, s *workerStudy) {
	for {
		if err := w.turn(ctx, s); ctx.Err() != nil || permanent(err) {
			return
		}
		if err := w.cfg.clock.Sleep(ctx, s.next().Sub(w.cfg.clock.Now())); err != nil {
			return
		}
	}
}

// RunOnce runs every study once, regardless of delays and even if it has stopped. It returns the
// reports of the successful runs and the joined errors of the others. After [SyncWorker.Stop] it
// does nothing.
func (w *SyncWorker) RunOnce(ctx context.Context) ([]Report, error) {
	reports := make([]*Report, len(w.studies))
	errs := make([]error, len(w.studies))
	err := w.work(ctx, func(ctx context.Context) error {
		var group sync.WaitGroup
		for i, s := range w.studies {
			group.Go(func() {
				if errs[i] = w.turn(ctx, s); errs[i] == nil {
					report := s.snapshot().LastReport
					reports[i] = &report
				}
			})
		}
		group.Wait()
		return errors.Join(errs...)
	})
	var done []Report
	for _, r := range reports {
		if r != nil {
			done = append(done, *r)
		}
	}
	return done, err
}

// work runs fn with a context that Stop ends. A result that is only due to Stop is nil.
func (w *SyncWorker) work(ctx context.Context, fn func(context.Context) error) error {
	ctx, err := w.begin(ctx)
	if errors.Is(err, errStopping) {
		return nil
	}
	if err != nil {
		return wrap("run worker", "", err)
	}
	defer w.end()
	if err = fn(ctx); errors.Is(context.Cause(ctx), errStopping) {
		return nil
	}
	return err
}

func (w *SyncWorker) begin(ctx context.Context) (context.Context, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return nil, errStopping
	}
	if w.running {
		return nil, ErrWorkerRunning
	}
	w.running, w.idle = true, make(chan struct{})
	ctx, w.cancel = context.WithCancelCause(ctx)
	return ctx, nil
}

func (w *SyncWorker) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancel(nil)
	w.running = false
	close(w.idle)
}

// Stop ends Run and RunOnce permanently, including a run in progress (whose stored records are kept
// and whose marks do not move), and waits until they have returned or ctx ends. It can be called
// repeatedly, and before Run, which then does nothing. It must not be called by the function passed
// to [WithEvents].
func (w *SyncWorker) Stop(ctx context.Context) error {
	w.mu.Lock()
	w.stopped = true
	if w.running {
		w.cancel(errStopping)
	}
	idle := w.idle
	w.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return wrap("stop worker", "", fmt.Errorf("a run has not ended yet: %w", context.Cause(ctx)))
	}
}

// turn waits for the study's turn and runs one cycle.
func (w *SyncWorker) turn(ctx context.Context, s *workerStudy) error {
	select {
	case w.turns <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-w.turns }()
	return w.cycle(ctx, s)
}

// delay is the interval with jitter.
func (c *workerConfig) delay() time.Duration {
	return time.Duration(float64(c.interval) * (1 + c.jitter*(2*c.random()-1)))
}
