package cache_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	stdsync "sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/rest"
)

// work runs a worker until it is killed.
func (task childTask) work(ctx context.Context) error {
	w, _, _ := killedWorker(ctx, panicking{}, task.Work, task.Path)
	return w.Run(ctx)
}

// killedWorker is a worker over a mirror and a ledger in files, and without pauses.
func killedWorker(ctx context.Context, t require.TestingT, url, dir string) (*cache.SyncWorker, *cache.CachedRecordsLoader, *ledger.ExtractionStateLedger) {
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(url))
	require.NoError(t, err)
	l, err := cache.NewCachedRecordsLoader(ctx, client, filepath.Join(dir, "mirror.sqlite3"))
	require.NoError(t, err)
	store, err := ledger.OpenFile(filepath.Join(dir, "ledger.json"))
	require.NoError(t, err)
	marks, err := ledger.NewExtractionStateLedger(store)
	require.NoError(t, err)
	w, err := cache.NewSyncWorker(l, []string{"A", "B"}, cache.WithJitter(0), cache.WithMarkLedger(marks, "records"), cache.WithInterval(time.Millisecond))
	require.NoError(t, err)
	return w, l, marks
}

// TestWorkerSurvivesKills kills a real process again and again, each time after some number of
// requests, and compares ledger, mirror and, at the end, server.
func TestWorkerSurvivesKills(t *testing.T) {
	rounds := 12
	if os.Getenv("IMEDNET_LONG") == "1" {
		rounds = 200
	}
	a := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "A", Records: 3000})
	b := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "B", Records: 800, Seed: 2})
	server := imednettest.NewServer(a, b)
	url, dir := imednettest.Start(t, server), t.TempDir()
	random := rand.New(rand.NewPCG(5, 6))
	for round := range rounds {
		killAfter(t, server, url, dir, 1+random.IntN(25))
		requireLedgerBehindMirror(t, url, dir, round)
		for range 5 {
			ids := a.RecordIDs()
			require.NoError(t, a.EditRecord(ids[random.IntN(len(ids))], "X_KILL", round))
		}
	}
	server.OnRequest(nil)
	w, l, marks := killedWorker(t.Context(), t, url, dir)
	defer l.Close()
	_, err := w.RunOnce(t.Context())
	require.NoError(t, err)
	for _, study := range []*imednettest.Study{a, b} {
		requireEqual(t, study, l)
		mark, known, err := marks.LastTimestamp(t.Context(), study.Key(), "records")
		require.NoError(t, err)
		require.True(t, known)
		st, err := l.Status(t.Context(), study.Key())
		require.NoError(t, err)
		require.True(t, mark.Equal(st.Mark))
	}
}

// killAfter starts the process and kills it when it has sent so many requests.
func killAfter(t *testing.T, server *imednettest.Server, url, dir string, requests int) {
	t.Helper()
	enough := make(chan struct{})
	var mu stdsync.Mutex
	seen := 0
	server.OnRequest(func(imednettest.Request) {
		mu.Lock()
		defer mu.Unlock()
		if seen++; seen == requests {
			close(enough)
		}
	})
	p := childtest.Start(t, childTask{Work: url, Path: dir})
	<-enough
	p.Kill(t)
}

func requireLedgerBehindMirror(t *testing.T, url, dir string, round int) {
	t.Helper()
	_, l, marks := killedWorker(t.Context(), t, url, dir)
	defer l.Close()
	for _, study := range []string{"A", "B"} {
		mark, known, err := marks.LastTimestamp(t.Context(), study, "records")
		require.NoError(t, err)
		st, err := l.Status(t.Context(), study)
		require.NoError(t, err)
		require.False(t, mark.After(st.Mark), "round %d: the ledger is past the mirror of %s", round, study)
		require.False(t, known && !st.Whole, "round %d: the ledger knows of a run of %s that was not whole", round, study)
	}
}
