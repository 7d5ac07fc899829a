package cache_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	stdsync "sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
)

// fakeMirror is a mirror that outlives its worker. A commit survives a kill; a flushed one
// survives a power cut too.
type fakeMirror struct {
	mu                 stdsync.Mutex
	committed, durable map[string]time.Time // marks: every change up to here is in
	changed            map[string]int64     // records committed
	at                 func(point string)   // called at every point where the process may die
	answer             func(study string) (moved time.Duration, err error)
}

func newFakeMirror() *fakeMirror {
	return &fakeMirror{committed: map[string]time.Time{}, durable: map[string]time.Time{}, changed: map[string]int64{}, at: func(string) {}}
}

var mirrorStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (m *fakeMirror) SyncRecords(ctx context.Context, study string, _ cache.SyncOptions) (cache.Report, error) {
	m.at("before the commit")
	moved, err := m.answer(study)
	if err != nil || ctx.Err() != nil {
		return cache.Report{StudyKey: study, Mark: m.mark(study)}, errors.Join(err, ctx.Err())
	}
	report := cache.Report{StudyKey: study, First: m.mark(study).IsZero(), Added: int64(moved / time.Second)}
	m.commit(study, moved, report.Added)
	m.at("after the commit")
	report.Mark, report.AsOf = m.mark(study), m.mark(study)
	return report, nil
}

func (m *fakeMirror) commit(study string, moved time.Duration, records int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.committed[study].IsZero() {
		m.committed[study] = mirrorStart
	}
	m.committed[study] = m.committed[study].Add(moved)
	m.changed[study] += records
}

func (m *fakeMirror) mark(study string) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.committed[study]
}

func (m *fakeMirror) Flush(context.Context) error {
	m.at("before the flush")
	m.mu.Lock()
	defer m.mu.Unlock()
	for study, mark := range m.committed {
		m.durable[study] = mark
	}
	return nil
}

// powerCut takes back what was not flushed.
func (m *fakeMirror) powerCut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for study := range m.committed {
		m.committed[study] = m.durable[study]
	}
}

// TestLedgerIsNeverPastTheMirror draws schedules of successes, failures, kills at every point,
// power cuts and restarts, and compares the two marks after each step. A kill ends the goroutine
// on the spot: nothing after that point runs.
func TestLedgerIsNeverPastTheMirror(t *testing.T) {
	const seeds, steps = 300, 40
	studies := []string{"A", "B"}
	kills := 0
	for seed := range uint64(seeds) {
		random := rand.New(rand.NewPCG(seed, 7))
		mirror, ledger := newFakeMirror(), newFakeLedger()
		dying := false
		die := func(string) {
			if dying = dying || random.IntN(25) == 0; dying {
				runtime.Goexit()
			}
		}
		mirror.at = die
		ledger.before, ledger.after = func() { die("before the mark") }, func() { die("after the mark") }
		mirror.answer = func(string) (time.Duration, error) {
			if random.IntN(4) == 0 {
				return 0, errServer
			}
			return time.Duration(random.IntN(3)) * time.Minute, nil
		}
		w := newWorker(t, mirror, studies, cache.WithMarkLedger(ledger, "records"), cache.WithConcurrency(1))
		told := map[string]time.Time{}
		for step := range steps {
			ledger.fail = nil
			if random.IntN(6) == 0 {
				ledger.fail = errors.New("ledger is out of reach")
			}
			_, err := w.RunOnce(t.Context())
			require.NotErrorIs(t, err, errBackward)
			for _, study := range studies {
				marked := ledger.mark("A/records").Time
				if study == "B" {
					marked = ledger.mark("B/records").Time
				}
				require.False(t, marked.Before(told[study]), "seed %d, step %d: the mark went back", seed, step)
				told[study] = marked
			}
			if dying {
				kills++
				if random.IntN(2) == 0 {
					mirror.powerCut()
				}
				dying = false
				w = newWorker(t, mirror, studies, cache.WithMarkLedger(ledger, "records"), cache.WithConcurrency(1))
			}
			for _, study := range studies {
				require.False(t, told[study].After(mirror.mark(study)), "seed %d, step %d: the ledger is past the mirror of %s", seed, step, study)
			}
		}
	}
	require.Greater(t, kills, seeds, "the schedules kill")
}

// TestWorkerSoak runs three studies through simulated months of good and bad days.
func TestWorkerSoak(t *testing.T) {
	days := 300
	if os.Getenv("IMEDNET_LONG") == "1" {
		days = 3000
	}
	started := time.Now()
	synctest.Test(t, func(t *testing.T) {
		studies := []string{"A", "B", "C"}
		random := rand.New(rand.NewPCG(3, 4))
		var mu stdsync.Mutex
		draw := func(n int) int {
			mu.Lock()
			defer mu.Unlock()
			return random.IntN(n)
		}
		mirror, ledger := newFakeMirror(), newFakeLedger()
		outage := map[string]time.Time{}
		mirror.answer = func(study string) (time.Duration, error) {
			<-time.After(time.Duration(1+draw(60)) * time.Second)
			mu.Lock()
			until := outage[study]
			mu.Unlock()
			switch now := time.Now(); {
			case now.Before(until):
				return 0, errServer
			case draw(500) == 0: // an outage of up to two days begins
				mu.Lock()
				outage[study] = now.Add(time.Duration(random.IntN(48)) * time.Hour)
				mu.Unlock()
				return 0, &imednet.TransportError{Method: "GET", Err: errors.New("reset")}
			case draw(50) == 0:
				return 0, &imednet.Error{Op: "sync", StudyKey: study, Err: cache.ErrSyncRunning}
			}
			return time.Duration(draw(3)) * time.Second, nil
		}
		counts := map[string]map[cache.EventKind]int64{"A": {}, "B": {}, "C": {}, "": {}}
		w := newWorker(t, mirror, studies, cache.WithJitter(0.1), cache.WithRandom(func() float64 { return float64(draw(1000)) / 1000 }),
			cache.WithMarkLedger(ledger, "records"), cache.WithEvents(func(e cache.Event) { counts[e.StudyKey][e.Kind]++ }))
		runFor(t, w, time.Duration(days)*24*time.Hour)
		for _, st := range w.Status().Studies {
			seen := counts[st.StudyKey]
			require.Equal(t, st.Totals.Runs, seen[cache.EventSynced])
			require.Equal(t, st.Totals.Failures, seen[cache.EventFailed]+seen[cache.EventCircuitOpened])
			require.Equal(t, st.Totals.Skipped, seen[cache.EventSkipped])
			require.Positive(t, seen[cache.EventCircuitOpened])
			require.InDelta(t, seen[cache.EventCircuitOpened], seen[cache.EventCircuitClosed], 1)
			require.Equal(t, mirror.changed[st.StudyKey], st.Totals.Added)
			require.Equal(t, mirror.mark(st.StudyKey), ledger.mark(st.StudyKey+"/records").Time)
			require.InDelta(t, days, st.Totals.Sweeps, float64(days)/5, "a sweep a day, but for outages")
			require.Greater(t, st.Totals.Runs, int64(days)*60)
		}
	})
	t.Logf("%d simulated days of three studies: %v", days, time.Since(started).Round(time.Millisecond))
}
