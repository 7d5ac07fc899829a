package cache_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/filelock"
)

// TestWorkerDrivesTheMirror runs a worker over a real mirror and a server that fails, changes and
// refuses, and compares ledger, mirror and server after each round.
func TestWorkerDrivesTheMirror(t *testing.T) {
	a := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "A", Records: 600})
	b := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "B", Records: 300, Seed: 2})
	server := imednettest.NewServer(a, b)
	l := open(t, server.Client())
	ledger := newFakeLedger()
	w := newWorker(t, l, []string{"A", "B"}, cache.WithMarkLedger(ledger, "records"))
	agree := func(study *imednettest.Study) {
		t.Helper()
		requireEqual(t, study, l)
		st, err := l.Status(t.Context(), study.Key())
		require.NoError(t, err)
		require.True(t, ledger.mark(study.Key()+"/records").Time.Equal(st.Mark))
	}
	reports, err := w.RunOnce(t.Context())
	require.NoError(t, err)
	require.Len(t, reports, 2)
	agree(a)
	agree(b)
	before := ledger.mark("A/records").Time

	server.Inject(imednettest.Fault{Match: func(r imednettest.Request) bool { return filepath.Base(filepath.Dir(r.Path)) == "A" }, Times: -1, Status: http.StatusServiceUnavailable})
	require.NoError(t, a.EditRecord(a.RecordIDs()[5], "X_WORKER", "changed"))
	_, err = w.RunOnce(t.Context())
	require.ErrorIs(t, err, imednet.ErrServer)
	require.Equal(t, before, ledger.mark("A/records").Time, "a failure moves nothing")
	require.Equal(t, cache.StateBackingOff, w.Status().Studies[0].State)
	agree(b)

	server.ClearFaults()
	_, err = w.RunOnce(t.Context())
	require.NoError(t, err)
	agree(a)
	require.EqualValues(t, 1, ledger.mark("A/records").Records)
	require.False(t, ledger.mark("A/records").Time.Before(before))

	server.Inject(imednettest.Fault{Times: -1, Status: http.StatusUnauthorized})
	require.ErrorIs(t, w.Run(t.Context()), cache.ErrAllStopped)
}

// TestWorkerWaitsForTheReferencesLock holds the file's lock as the Python package's worker does.
func TestWorkerWaitsForTheReferencesLock(t *testing.T) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{StudyKey: "A", Records: 50}))
	clock := imednettest.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	l := open(t, server.Client(), cache.WithClock(clock))
	held, ok, err := filelock.Try(l.Path()+".lock", filelock.Exclusive)
	require.NoError(t, err)
	require.True(t, ok)
	w := newWorker(t, l, []string{"A"})
	began := clock.Now()
	_, err = w.RunOnce(t.Context())
	require.ErrorIs(t, err, cache.ErrSyncRunning)
	require.Equal(t, 30*time.Second, clock.Now().Sub(began), "the default timeout")
	st := w.Status().Studies[0]
	require.Equal(t, []int64{1, 0}, []int64{st.Totals.Skipped, st.Totals.Failures})
	require.NoError(t, held.Release())
	_, err = w.RunOnce(t.Context())
	require.NoError(t, err)
}

func TestFlush(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "A", Records: 50})
	l := open(t, imednettest.NewServer(study).Client())
	sync(t, l, "A")
	require.FileExists(t, l.Path()+"-wal")
	require.NoError(t, l.Flush(t.Context()))
	requireEqual(t, study, l)
	require.NoError(t, l.Close())
	_, err := os.Stat(l.Path() + "-wal")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, l.Flush(t.Context()), "everything is in the database")
}

// TestWorkerFollowsThePilot takes the pilot study over at its five moments. Before each, a run is
// cut short by the server; the ledger must show only what whole runs brought.
func TestWorkerFollowsThePilot(t *testing.T) {
	study, facts := loadPilot(t)
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	ledger := newFakeLedger()
	w := newWorker(t, l, []string{study.Key()}, cache.WithMarkLedger(ledger, "records"))
	key := study.Key() + "/records"
	for _, moment := range facts.Timeline.AsOf {
		at, err := imednet.ParseTime(moment.At)
		require.NoError(t, err)
		study.SetTime(at.Time)
		before := ledger.mark(key)
		server.Inject(imednettest.Fault{Path: "/records", Skip: 2, Times: -1, Status: http.StatusBadGateway})
		_, err = w.RunOnce(t.Context())
		require.ErrorIs(t, err, imednet.ErrServer)
		require.Equal(t, before, ledger.mark(key))

		server.ClearFaults()
		reports, err := w.RunOnce(t.Context())
		require.NoError(t, err)
		require.Equal(t, moment.Records, reports[0].After.Active+reports[0].After.Deleted)
		require.False(t, ledger.mark(key).Time.After(at.Time))
		require.True(t, ledger.mark(key).Time.After(before.Time))
	}
	requireEqual(t, study, l)
}

// TestStatusHandler looks at the worker as a monitoring system does.
func TestStatusHandler(t *testing.T) {
	clock := &stillClock{time.Date(2026, 5, 22, 12, 0, 0, 0, time.UTC)}
	answer := errors.New("no answer")
	f := &fakeSyncer{answer: func(context.Context, syncCall, int) (cache.Report, error) { return cache.Report{}, answer }}
	w := newWorker(t, f, []string{"A"}, cache.WithClock(clock))
	ask := func(path string) (int, string) {
		recorder := httptest.NewRecorder()
		cache.StatusHandler(w, time.Hour).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		return recorder.Code, recorder.Body.String()
	}
	expect := func(text string) {
		t.Helper()
		code, got := ask("/healthz")
		require.Equal(t, http.StatusServiceUnavailable, code)
		require.Equal(t, "the worker is not running\n"+text+"\n", got)
	}
	expect("A: unhealthy: not synced yet")
	_, err := w.RunOnce(t.Context())
	require.ErrorIs(t, err, answer)
	expect("A: unhealthy: no answer")
	answer = nil
	_, err = w.RunOnce(t.Context())
	require.NoError(t, err)
	expect("A: healthy")
	clock.now = clock.now.Add(2 * time.Hour)
	expect("A: unhealthy: the last whole run ended at 2026-05-22T12:00:00Z")
	code, text := ask("/metrics")
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, text, "imednet_sync_last_success_timestamp_seconds{study=\"A\"}")
	code, _ = ask("/other")
	require.Equal(t, http.StatusNotFound, code)
}
