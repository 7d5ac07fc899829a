package cache

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/imednetgo/imednet"
)

// workerStudy is what a worker knows of one study. Only the study's own cycle changes it; the
// mutex is for snapshots.
type workerStudy struct {
	mu     sync.Mutex
	status StudyStatus

	sweepFrom   time.Time // the last sweep, or when the worker was made
	sweepFailed bool      // let a delta run succeed before the next sweep
	resourcesAt time.Time // when the other resources were last synced by this worker
	asked       bool      // the ledger was asked for its marks
	untold      int64     // records of whole runs that the ledger could not be told of
}

func newWorkerStudy(key string, now time.Time) *workerStudy {
	status := StudyStatus{StudyKey: key, State: StateWaiting, Fresh: map[imednet.Resource]time.Time{}}
	return &workerStudy{status: status, sweepFrom: now}
}

// update changes the status under the mutex.
func (s *workerStudy) update(change func(*StudyStatus)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.status)
}

func (s *workerStudy) snapshot() StudyStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := s.status
	status.Fresh = maps.Clone(s.status.Fresh)
	return status
}

func (s *workerStudy) next() time.Time { return s.snapshot().NextRun }

// cycle makes one run of one study and decides when the next one comes.
func (w *SyncWorker) cycle(ctx context.Context, s *workerStudy) error {
	key := s.snapshot().StudyKey
	w.askLedger(ctx, s)
	started := w.cfg.clock.Now()
	sweep := w.sweepDue(s, started)
	s.update(func(st *StudyStatus) { st.State, st.LastAttempt = StateRunning, started })
	report, err := w.loader.SyncRecords(ctx, key, SyncOptions{Sweep: sweep})
	if err == nil {
		s.update(func(st *StudyStatus) { st.Fresh[imednet.Records] = started })
		err = w.syncResources(ctx, s, key, sweep, started)
	}
	switch {
	case err == nil:
		w.succeeded(ctx, s, sweep, report, w.cfg.clock.Now().Sub(started))
	case ctx.Err() != nil:
		s.update(func(st *StudyStatus) { st.State = StateWaiting })
		return context.Cause(ctx)
	case errors.Is(err, ErrSyncRunning):
		w.skipped(s, err)
	default:
		s.sweepFailed = s.sweepFailed || sweep
		w.failed(s, sweep, err)
	}
	return err
}

// syncResources syncs the resources beside the records when that is due, and with every sweep.
func (w *SyncWorker) syncResources(ctx context.Context, s *workerStudy, key string, sweep bool, now time.Time) error {
	if w.cfg.resourcesEvery == 0 || !sweep && !s.resourcesAt.IsZero() && now.Sub(s.resourcesAt) < w.cfg.resourcesEvery {
		return nil
	}
	report, err := w.loader.(ResourceSyncer).SyncResources(ctx, key, SyncOptions{Sweep: sweep, Resources: w.cfg.resources})
	s.update(func(st *StudyStatus) {
		for _, name := range report.whole() {
			st.Fresh[name] = now
		}
	})
	w.noteDesign(s, report, now)
	if err != nil {
		return err
	}
	s.resourcesAt = now
	s.update(func(st *StudyStatus) { st.LastResources, st.ResourcesAt = report, now })
	return nil
}

// noteDesign tells that the study's design has changed, also where the run failed later on: no other run
// will bring the change again.
func (w *SyncWorker) noteDesign(s *workerStudy, report ResourcesReport, now time.Time) {
	if !report.designChanged() {
		return
	}
	s.update(func(st *StudyStatus) { st.DesignChanged = now })
	w.emit(Event{Kind: EventDesignChanged, StudyKey: report.StudyKey})
}

// sweepDue reports whether the next run is to be a sweep. After a sweep failed, a delta run comes
// first: the mirror must not grow stale because sweeps do not get through.
func (w *SyncWorker) sweepDue(s *workerStudy, now time.Time) bool {
	return w.cfg.sweepEvery > 0 && !s.sweepFailed && now.Sub(s.sweepFrom) >= w.cfg.sweepEvery
}

func (w *SyncWorker) succeeded(ctx context.Context, s *workerStudy, sweep bool, report Report, took time.Duration) {
	now := w.cfg.clock.Now()
	swept := sweep || report.First // a first run reads everything
	if s.sweepFailed = false; swept {
		s.sweepFrom = now
	}
	closed := false
	s.update(func(st *StudyStatus) {
		closed = st.Failures >= w.cfg.breakAfter
		st.State, st.Failures, st.LastError = StateWaiting, 0, nil
		st.LastSuccess, st.NextRun = now, now.Add(w.cfg.delay())
		if swept {
			st.LastSweep = now
			st.Totals.Sweeps++
		}
		st.LastReport = report
		st.Totals.add(report, took)
	})
	if closed {
		w.emit(Event{Kind: EventCircuitClosed, StudyKey: report.StudyKey})
	}
	w.tellLedger(context.WithoutCancel(ctx), s, swept, report) // the data are there: say so even when stopping
	w.emit(Event{Kind: EventSynced, StudyKey: s.snapshot().StudyKey, Report: report, Sweep: sweep, Took: took, NextRun: s.next()})
}

// skipped handles a study that another process is syncing at the moment.
func (w *SyncWorker) skipped(s *workerStudy, err error) {
	now := w.cfg.clock.Now()
	s.update(func(st *StudyStatus) {
		if st.State = StateWaiting; st.Failures >= w.cfg.breakAfter {
			st.State = StateCircuitOpen
		}
		st.Totals.Skipped++
		st.NextRun = now.Add(w.cfg.delay())
	})
	w.emit(Event{Kind: EventSkipped, StudyKey: s.snapshot().StudyKey, Err: err, NextRun: s.next()})
}

func (w *SyncWorker) failed(s *workerStudy, sweep bool, err error) {
	now := w.cfg.clock.Now()
	kind := EventFailed
	s.update(func(st *StudyStatus) {
		st.LastError, st.LastFailure = err, now
		st.Failures++
		st.Totals.Failures++
		switch {
		case permanent(err):
			kind = EventStudyStopped
			st.State, st.NextRun = StateStopped, time.Time{}
		case st.Failures >= w.cfg.breakAfter:
			if st.Failures == w.cfg.breakAfter {
				kind = EventCircuitOpened
			}
			st.State, st.NextRun = StateCircuitOpen, now.Add(w.cfg.spread(w.cfg.breakFor))
		default:
			st.State, st.NextRun = StateBackingOff, now.Add(w.cfg.backoff(st.Failures, err))
		}
	})
	w.emit(Event{Kind: kind, StudyKey: s.snapshot().StudyKey, Err: err, Sweep: sweep, NextRun: s.next()})
}

// backoff is the delay after the given number of failures in a row.
func (c *workerConfig) backoff(failures int, err error) time.Duration {
	d := c.firstBackoff
	for i := 1; i < failures && d < c.maxBackoff; i++ {
		d *= 2
	}
	d = c.spread(min(d, c.maxBackoff))
	var api *imednet.APIError
	if errors.As(err, &api) {
		d = max(d, api.RetryAfter)
	}
	return d
}

// spread lengthens a delay by up to the jitter, so that studies that failed together do not come
// back together.
func (c *workerConfig) spread(d time.Duration) time.Duration {
	return d + time.Duration(float64(d)*c.jitter*c.random())
}

// permanent reports whether waiting cannot help against an error.
func permanent(err error) bool {
	var invalid *imednet.ValidationError
	return errors.Is(err, imednet.ErrUnauthorized) || errors.Is(err, imednet.ErrForbidden) ||
		errors.Is(err, ErrNoClient) || errors.Is(err, ErrForeignFile) || errors.Is(err, ErrFileReplaced) || errors.Is(err, ErrNewerSchema) || errors.As(err, &invalid)
}

// sweepStream is where a ledger keeps the sweeps of a stream.
func sweepStream(stream string) string { return stream + ".sweep" }

// askLedger reads, once, where an earlier worker left off: the mark to show, and the last sweep.
func (w *SyncWorker) askLedger(ctx context.Context, s *workerStudy) {
	if w.cfg.ledger == nil || s.asked {
		return
	}
	key := s.snapshot().StudyKey
	mark, known, err := w.cfg.ledger.LastTimestamp(ctx, key, w.cfg.stream)
	if err == nil && known {
		s.update(func(st *StudyStatus) { st.LedgerMark = mark })
	}
	swept, ever, sweepErr := w.cfg.ledger.LastTimestamp(ctx, key, sweepStream(w.cfg.stream))
	if err = errors.Join(err, sweepErr); err != nil {
		w.ledgerFailed(s, err)
		return
	}
	s.asked = true
	if !ever {
		return
	}
	s.sweepFrom = swept
	s.update(func(st *StudyStatus) { st.LastSweep = swept })
}

// tellLedger moves the ledger's marks after a whole run. What it could not be told is told with
// the next run; the data are in the mirror either way.
func (w *SyncWorker) tellLedger(ctx context.Context, s *workerStudy, swept bool, report Report) {
	if w.cfg.ledger == nil || report.Mark.IsZero() {
		return
	}
	key := s.snapshot().StudyKey
	s.untold += changesOf(report)
	err := w.advance(ctx, key, imednet.Watermark{Time: report.Mark, Records: s.untold})
	if err == nil {
		s.untold = 0
		s.update(func(st *StudyStatus) { st.LedgerMark, st.LedgerError = report.Mark, nil })
		if swept && !report.AsOf.IsZero() {
			err = w.cfg.ledger.Advance(ctx, key, sweepStream(w.cfg.stream), imednet.Watermark{Time: report.AsOf, Records: report.Received})
		}
	}
	if err != nil {
		w.ledgerFailed(s, err)
	}
}

// advance makes the data durable and then moves the mark.
func (w *SyncWorker) advance(ctx context.Context, key string, m imednet.Watermark) error {
	if f, ok := w.loader.(Flusher); ok {
		if err := f.Flush(ctx); err != nil {
			return fmt.Errorf("the mirror could not be made durable: %w", err)
		}
	}
	return w.cfg.ledger.Advance(ctx, key, w.cfg.stream, m)
}

func (w *SyncWorker) ledgerFailed(s *workerStudy, err error) {
	s.update(func(st *StudyStatus) {
		st.LedgerError = err
		st.Totals.LedgerFailures++
	})
	w.emit(Event{Kind: EventLedgerFailed, StudyKey: s.snapshot().StudyKey, Err: err})
}

// changesOf is how many records a run changed in the mirror.
func changesOf(r Report) int64 {
	return r.Added + r.Updated + r.Deleted + r.Restored + r.Vanished + r.Adopted
}
