package cache_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

var errServer = &imednet.APIError{StatusCode: 503, Method: "GET", Path: "/api/v1/edc/studies/A/records"}

// failTimes fails the first n runs of every study.
func failTimes(n int, err error) func(context.Context, syncCall, int) (cache.Report, error) {
	return func(_ context.Context, _ syncCall, i int) (cache.Report, error) {
		if i <= n {
			return cache.Report{}, err
		}
		return cache.Report{}, nil
	}
}

func seconds(s ...int) []time.Duration {
	var d []time.Duration
	for _, n := range s {
		d = append(d, time.Duration(n)*time.Second)
	}
	return d
}

func TestWorkerRunsEveryInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSyncer{answer: succeed}
		runFor(t, newWorker(t, f, []string{"A", "B"}), time.Hour-time.Second)
		require.Equal(t, seconds(900, 900, 900), f.delays("A"))
		require.Equal(t, seconds(900, 900, 900), f.delays("B"))
	})
}

func TestWorkerJitterStaysInItsBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSyncer{answer: succeed}
		random := rand.New(rand.NewPCG(1, 2))
		runFor(t, newWorker(t, f, []string{"A"}, cache.WithJitter(0.2), cache.WithInterval(time.Minute), cache.WithRandom(random.Float64)), 24*time.Hour)
		delays := f.delays("A")
		require.Greater(t, len(delays), 1000)
		shortest, longest := delays[0], delays[0]
		for _, d := range delays {
			shortest, longest = min(shortest, d), max(longest, d)
		}
		require.GreaterOrEqual(t, shortest, 48*time.Second)
		require.LessOrEqual(t, longest, 72*time.Second)
		require.Greater(t, longest-shortest, 20*time.Second, "the whole range is used")
	})
}

func TestWorkerBacksOffAndThenRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSyncer{answer: failTimes(7, errServer)}
		var kinds []cache.EventKind
		w := newWorker(t, f, []string{"A"}, cache.WithBackoff(30*time.Second, 100*time.Second),
			cache.WithEvents(func(e cache.Event) { kinds = append(kinds, e.Kind) }))
		runFor(t, w, 4*time.Hour)
		require.Equal(t, seconds(30, 60, 100, 100, 3600, 3600, 3600, 900), f.delays("A")[:8])
		require.Equal(t, []cache.EventKind{cache.EventStarted, cache.EventFailed, cache.EventFailed, cache.EventFailed, cache.EventFailed,
			cache.EventCircuitOpened, cache.EventFailed, cache.EventFailed, cache.EventCircuitClosed, cache.EventSynced}, kinds[:10])
		st := w.Status().Studies[0]
		require.Equal(t, []any{cache.StateWaiting, 0, nil, int64(7)}, []any{st.State, st.Failures, st.LastError, st.Totals.Failures})
	})
}

func TestWorkerStatusTellsOfAnOpenCircuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSyncer{answer: failTimes(100, errServer)}
		w := newWorker(t, f, []string{"A"}, cache.WithBreaker(2, time.Hour))
		go func() { _ = w.Run(t.Context()) }()
		synctest.Wait()
		require.Equal(t, cache.StateBackingOff, w.Status().Studies[0].State)
		elapse(time.Minute)
		st := w.Status()
		require.Equal(t, cache.StateCircuitOpen, st.Studies[0].State)
		require.ErrorIs(t, st.Studies[0].LastError, imednet.ErrServer)
		require.False(t, st.Healthy(24*time.Hour))
		require.NoError(t, w.Stop(t.Context()))
	})
}

// elapse lets fake time go by and waits until nothing moves. Only for use in a bubble.
func elapse(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestWorkerGivesTheServerTheTimeItAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSyncer{answer: failTimes(1, &imednet.APIError{StatusCode: 429, Method: "GET", RetryAfter: 10 * time.Minute})}
		runFor(t, newWorker(t, f, []string{"A"}), 11*time.Minute)
		require.Equal(t, seconds(600), f.delays("A"))
	})
}

func TestWorkerStudiesFailAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSyncer{answer: func(_ context.Context, c syncCall, _ int) (cache.Report, error) {
			if c.study == "BAD" {
				return cache.Report{}, errServer
			}
			return cache.Report{}, nil
		}}
		w := newWorker(t, f, []string{"A", "BAD", "B"}, cache.WithConcurrency(1))
		runFor(t, w, 24*time.Hour-time.Second)
		require.Len(t, f.of("A"), 96)
		require.Len(t, f.of("B"), 96)
		require.Equal(t, 5+23, len(f.of("BAD")), "five tries, then one an hour")
	})
}

func TestWorkerPermanentErrorsStopTheStudy(t *testing.T) {
	for _, status := range []int{401, 403} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeSyncer{answer: func(_ context.Context, c syncCall, n int) (cache.Report, error) {
				if c.study == "B" && n == 3 || c.study == "A" && n == 10 {
					return cache.Report{}, &imednet.APIError{StatusCode: status, Method: "GET"}
				}
				return cache.Report{}, nil
			}}
			var stopped []string
			w := newWorker(t, f, []string{"A", "B"}, cache.WithEvents(func(e cache.Event) {
				if e.Kind == cache.EventStudyStopped {
					stopped = append(stopped, e.StudyKey)
				}
			}))
			err := w.Run(t.Context())
			require.ErrorIs(t, err, cache.ErrAllStopped)
			require.ErrorIs(t, err, map[int]error{401: imednet.ErrUnauthorized, 403: imednet.ErrForbidden}[status])
			require.Len(t, f.of("A"), 10)
			require.Len(t, f.of("B"), 3)
			require.Equal(t, []string{"B", "A"}, stopped)
			require.Equal(t, cache.StateStopped, w.Status().Studies[1].State)
			require.True(t, w.Status().Studies[1].NextRun.IsZero())
		})
	}
}

func TestWorkerStopEndsARunUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSyncer{answer: func(ctx context.Context, _ syncCall, _ int) (cache.Report, error) {
			<-ctx.Done()
			return cache.Report{Mark: time.Now()}, context.Cause(ctx)
		}}
		l := newFakeLedger()
		w := newWorker(t, f, []string{"A", "B"}, cache.WithConcurrency(1), cache.WithMarkLedger(l, "records"))
		result := make(chan error)
		go func() { result <- w.Run(t.Context()) }()
		synctest.Wait()
		st := w.Status()
		require.True(t, st.Running)
		require.ElementsMatch(t, []cache.StudyState{cache.StateRunning, cache.StateWaiting}, []cache.StudyState{st.Studies[0].State, st.Studies[1].State})
		stops := make(chan error)
		for range 3 {
			go func() { stops <- w.Stop(t.Context()) }()
		}
		require.NoError(t, <-result)
		for range 3 {
			require.NoError(t, <-stops)
		}
		require.False(t, w.Status().Running)
		require.Empty(t, l.marks)
		require.Len(t, f.calls, 1, "the study that waited for its turn never ran")
		require.Zero(t, w.Status().Studies[0].Totals.Failures, "being stopped is no failure")
		require.NoError(t, w.Run(t.Context()), "a stopped worker does nothing")
		require.Len(t, f.calls, 1)
	})
}

func TestWorkerStopBeforeRun(t *testing.T) {
	f := &fakeSyncer{answer: succeed}
	w := newWorker(t, f, []string{"A"})
	require.NoError(t, w.Stop(t.Context()))
	require.NoError(t, w.Stop(t.Context()))
	require.NoError(t, w.Run(t.Context()))
	reports, err := w.RunOnce(t.Context())
	require.NoError(t, err)
	require.Empty(t, reports)
	require.Empty(t, f.calls)
}

func TestWorkerStopGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := &fakeSyncer{answer: func(context.Context, syncCall, int) (cache.Report, error) {
			<-release // deaf to its context
			return cache.Report{}, nil
		}}
		w := newWorker(t, f, []string{"A"})
		go func() { _ = w.Run(t.Context()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, w.Stop(ctx), context.DeadlineExceeded)
		close(release)
		require.NoError(t, w.Stop(t.Context()))
	})
}

func TestWorkerStudyLockedElsewhereIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSyncer{answer: failTimes(10, &imednet.Error{Op: "sync", StudyKey: "A", Err: cache.ErrSyncRunning})}
		w := newWorker(t, f, []string{"A"})
		runFor(t, w, 3*time.Hour-time.Second)
		st := w.Status().Studies[0]
		require.Equal(t, []int64{10, 0, 2}, []int64{st.Totals.Skipped, st.Totals.Failures, st.Totals.Runs})
		require.Equal(t, seconds(900, 900), f.delays("A")[:2])
	})
}

func TestWorkerSweepsAtTheirOwnCadence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fail := true
		f := &fakeSyncer{}
		f.answer = func(_ context.Context, c syncCall, _ int) (cache.Report, error) {
			if c.sweep && fail {
				fail = false
				return cache.Report{}, errServer
			}
			return cache.Report{AsOf: c.at, Mark: c.at}, nil
		}
		l := newFakeLedger()
		w := newWorker(t, f, []string{"A"}, cache.WithSweepEvery(6*time.Hour), cache.WithMarkLedger(l, "records"))
		begin := time.Now()
		runFor(t, w, 24*time.Hour+time.Minute)
		require.Equal(t, []time.Duration{6 * time.Hour, 6*time.Hour + 15*time.Minute + 30*time.Second, 12*time.Hour + 15*time.Minute + 30*time.Second,
			18*time.Hour + 15*time.Minute + 30*time.Second}, sweeps(f, begin), "after a failed sweep a delta run comes first")
		require.EqualValues(t, 3, w.Status().Studies[0].Totals.Sweeps)
		last := l.mark("A/records.sweep").Time
		require.Equal(t, 18*time.Hour+15*time.Minute+30*time.Second, last.Sub(begin))

		again := &fakeSyncer{answer: succeed}
		begin = time.Now()
		runFor(t, newWorker(t, again, []string{"A"}, cache.WithSweepEvery(6*time.Hour), cache.WithMarkLedger(l, "records")), time.Hour)
		require.Equal(t, []time.Duration{15 * time.Minute}, sweeps(again, begin), "a new worker knows of the last sweep")
	})
}

// sweeps are the times of study A's sweeps since the beginning.
func sweeps(f *fakeSyncer, begin time.Time) []time.Duration {
	var at []time.Duration
	for _, c := range f.of("A") {
		if c.sweep {
			at = append(at, c.at.Sub(begin))
		}
	}
	return at
}

func TestWorkerNeverSweepsWhenToldSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeSyncer{answer: succeed}
		begin := time.Now()
		runFor(t, newWorker(t, f, []string{"A"}, cache.WithSweepEvery(0)), 60*24*time.Hour)
		require.Empty(t, sweeps(f, begin))
	})
}

// structureSyncer is a fakeSyncer that can take over structures too.
type structureSyncer struct {
	*fakeSyncer
	fail  int // how many times it fails
	taken []time.Duration
	begin time.Time
}

func (f *structureSyncer) SyncResources(context.Context, string, cache.SyncOptions) (cache.ResourcesReport, error) {
	if f.fail > 0 {
		f.fail--
		return cache.ResourcesReport{}, errServer
	}
	f.taken = append(f.taken, time.Since(f.begin))
	return cache.ResourcesReport{}, nil
}

func TestWorkerTakesTheStructureOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &structureSyncer{fakeSyncer: &fakeSyncer{answer: succeed}, fail: 1, begin: time.Now()}
		w := newWorker(t, f, []string{"A"}, cache.WithResourcesEvery(time.Hour), cache.WithBackoff(30*time.Second, time.Minute))
		runFor(t, w, 3*time.Hour)
		first := 30 * time.Second // after the back-off
		require.Equal(t, []time.Duration{first, first + time.Hour, first + 2*time.Hour}, f.taken)
		status := w.Status().Studies[0]
		require.EqualValues(t, 1, status.Totals.Failures)
		require.Equal(t, status.Totals.Runs+1, int64(len(f.of("A"))), "the failed run was made again")
	})
	synctest.Test(t, func(t *testing.T) {
		f := &structureSyncer{fakeSyncer: &fakeSyncer{answer: succeed}, begin: time.Now()}
		runFor(t, newWorker(t, f, []string{"A"}), 3*time.Hour)
		require.Empty(t, f.taken, "only when asked to")
	})
	_, err := cache.NewSyncWorker(&fakeSyncer{answer: succeed}, []string{"A"}, cache.WithResourcesEvery(time.Hour))
	require.ErrorContains(t, err, "cannot sync resources beside the records")
	_, err = cache.NewSyncWorker(&structureSyncer{}, []string{"A"}, cache.WithResourcesEvery(-time.Hour))
	require.ErrorContains(t, err, "negative")
}

// TestWorkerSaysHowOldEachResourceIs lets the keys lose the right to one resource, and another fail.
func TestWorkerSaysHowOldEachResourceIs(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 200})
	server := imednettest.NewServer(study)
	clock := &stillClock{time.Date(2026, 5, 22, 12, 0, 0, 0, time.UTC)}
	l := open(t, server.Client())
	w, err := cache.NewSyncWorker(l, []string{study.Key()}, cache.WithClock(clock), cache.WithResourcesEvery(time.Hour), cache.WithSweepEvery(0))
	require.NoError(t, err)
	require.Empty(t, w.Status().Studies[0].Fresh)
	run := func(after time.Duration) (time.Time, error) {
		clock.now = clock.now.Add(after)
		_, err := w.RunOnce(t.Context())
		return clock.now, err
	}
	ages := func(want map[imednet.Resource]time.Time, all time.Time) {
		t.Helper()
		got := w.Status().Studies[0].Fresh
		var metrics strings.Builder
		require.NoError(t, w.Status().WriteMetrics(&metrics))
		for _, name := range append(cache.MirroredResources(), imednet.Records) {
			at, other := want[name]
			if !other {
				at = all
			}
			require.Equal(t, at, got[name], name)
			require.Contains(t, metrics.String(), fmt.Sprintf("imednet_sync_resource_fresh_timestamp_seconds{study=%q,resource=%q} %d\n", study.Key(), name, at.Unix()))
		}
		require.NotContains(t, metrics.String(), "left_out{")
	}
	first, err := run(0)
	require.NoError(t, err)
	ages(nil, first)

	second, err := run(30 * time.Minute)
	require.NoError(t, err)
	ages(map[imednet.Resource]time.Time{imednet.Records: second}, first)

	server.Inject(imednettest.Fault{Path: "visits", Status: 500, Times: -1})
	third, err := run(time.Hour)
	require.Error(t, err)
	server.ClearFaults()
	ages(map[imednet.Resource]time.Time{imednet.Visits: first, imednet.Queries: first, imednet.Codings: first, imednet.RecordRevisions: first}, third)

	study.SetRights(imednettest.Rights{Refused: []imednet.Resource{imednet.Queries}})
	fourth, err := run(time.Hour)
	require.NoError(t, err)
	got := w.Status().Studies[0].Fresh
	require.Equal(t, first, got[imednet.Queries], "the age of what may not be read goes on rising")
	require.Equal(t, fourth, got[imednet.Codings])
	var metrics strings.Builder
	require.NoError(t, w.Status().WriteMetrics(&metrics))
	require.Contains(t, metrics.String(), fmt.Sprintf("imednet_sync_resource_left_out{study=%q,resource=\"queries\"} 1\n", study.Key()))
}

func TestWorkerConcurrencyIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		f := &fakeSyncer{answer: func(ctx context.Context, _ syncCall, _ int) (cache.Report, error) {
			most.Store(max(most.Load(), now.Add(1)))
			<-time.After(time.Minute)
			now.Add(-1)
			return cache.Report{}, nil
		}}
		w := newWorker(t, f, []string{"A", "B", "C", "D", "E"}, cache.WithConcurrency(3))
		reports, err := w.RunOnce(t.Context())
		require.NoError(t, err)
		require.Len(t, reports, 5)
		require.EqualValues(t, 3, most.Load())
	})
}

func TestWorkerTellsTheLedger(t *testing.T) {
	mark := time.Date(2026, 5, 22, 12, 0, 0, 0, time.UTC)
	f := &fakeSyncer{answer: func(_ context.Context, _ syncCall, n int) (cache.Report, error) {
		switch n {
		case 1:
			return cache.Report{First: true, Added: 10, Received: 10, Mark: mark, AsOf: mark.Add(time.Minute)}, nil
		case 2:
			return cache.Report{Updated: 2, Deleted: 1, Mark: mark.Add(time.Hour)}, nil
		case 3:
			return cache.Report{Added: 99, Mark: mark.Add(9 * time.Hour)}, errServer
		}
		return cache.Report{Vanished: 1, Restored: 1, Adopted: 1, Mark: mark.Add(2 * time.Hour)}, nil
	}}
	l := newFakeLedger()
	w := newWorker(t, f, []string{"A"}, cache.WithMarkLedger(l, "records"))
	once := func() error { _, err := w.RunOnce(t.Context()); return err }
	require.NoError(t, once())
	require.Equal(t, imednet.Watermark{Time: mark, Records: 10}, l.mark("A/records"))
	require.Equal(t, imednet.Watermark{Time: mark.Add(time.Minute), Records: 10}, l.mark("A/records.sweep"), "a first run reads everything")
	l.fail = errors.New("disk full")
	require.NoError(t, once(), "the data are there")
	st := w.Status().Studies[0]
	require.ErrorContains(t, st.LedgerError, "disk full")
	require.Equal(t, mark, st.LedgerMark)
	l.fail = nil
	require.ErrorIs(t, once(), imednet.ErrServer)
	require.Equal(t, mark, l.mark("A/records").Time, "a failed run tells nothing")
	require.NoError(t, once())
	require.Equal(t, imednet.Watermark{Time: mark.Add(2 * time.Hour), Records: 6}, l.mark("A/records"), "with the records it was not told of")
	st = w.Status().Studies[0]
	require.NoError(t, st.LedgerError)
	require.EqualValues(t, 1, st.Totals.LedgerFailures)
}

func TestWorkerRunOnceReportsAndErrors(t *testing.T) {
	f := &fakeSyncer{answer: func(_ context.Context, c syncCall, n int) (cache.Report, error) {
		if c.study == "B" && n == 1 {
			return cache.Report{}, &imednet.APIError{StatusCode: 401}
		}
		return cache.Report{Added: int64(n)}, nil
	}}
	w := newWorker(t, f, []string{"A", "B"})
	reports, err := w.RunOnce(t.Context())
	require.ErrorIs(t, err, imednet.ErrUnauthorized)
	require.Equal(t, []cache.Report{{StudyKey: "A", Added: 1}}, reports)
	reports, err = w.RunOnce(t.Context())
	require.NoError(t, err, "asked to, it tries a stopped study again")
	require.Len(t, reports, 2)
	require.Equal(t, cache.StateWaiting, w.Status().Studies[1].State)
}

func TestWorkerRunsOneThingAtATime(t *testing.T) {
	var w *cache.SyncWorker
	f := &fakeSyncer{answer: func(ctx context.Context, _ syncCall, _ int) (cache.Report, error) {
		_, err := w.RunOnce(ctx)
		require.ErrorIs(t, err, cache.ErrWorkerRunning)
		return cache.Report{}, nil
	}}
	w = newWorker(t, f, []string{"A"})
	_, err := w.RunOnce(t.Context())
	require.NoError(t, err)
}

func TestWorkerLeavesNoGoroutineBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ran := make(chan struct{}, 10)
	f := &fakeSyncer{answer: func(context.Context, syncCall, int) (cache.Report, error) {
		ran <- struct{}{}
		return cache.Report{}, nil
	}}
	w := newWorker(t, f, []string{"A", "B"})
	result := make(chan error)
	go func() { result <- w.Run(t.Context()) }()
	<-ran
	<-ran
	require.NoError(t, w.Stop(t.Context()))
	require.NoError(t, <-result)
}

func TestWorkerRefusesNonsense(t *testing.T) {
	f := &fakeSyncer{answer: succeed}
	for _, studies := range [][]string{nil, {""}, {"A", "A"}} {
		_, err := cache.NewSyncWorker(f, studies)
		require.Error(t, err)
	}
	_, err := cache.NewSyncWorker(nil, []string{"A"})
	require.Error(t, err)
	for _, opt := range []cache.WorkerOption{
		cache.WithInterval(0), cache.WithJitter(1), cache.WithJitter(-0.1), cache.WithSweepEvery(-1), cache.WithBackoff(0, 1), cache.WithBackoff(2, 1),
		cache.WithBreaker(0, 1), cache.WithBreaker(1, 0), cache.WithConcurrency(0), cache.WithMarkLedger(nil, "x"), cache.WithMarkLedger(newFakeLedger(), ""),
		cache.WithEvents(nil), cache.WithClock(nil), cache.WithRandom(nil),
	} {
		_, err := cache.NewSyncWorker(f, []string{"A"}, opt)
		var located *imednet.Error
		require.ErrorAs(t, err, &located)
	}
}
