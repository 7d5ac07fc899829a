package cache_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	stdsync "sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/rest"
)

// The process that is killed finds its server and its folder in these.
const (
	killURL = "WORKER_KILL_URL"
	killDir = "WORKER_KILL_DIR"
)

// killedWorker is a worker over a mirror and a ledger in files, and without pauses.
func killedWorker(t *testing.T, url, dir string) (*cache.SyncWorker, *cache.CachedRecordsLoader, *ledger.ExtractionStateLedger) {
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(url))
	require.NoError(t, err)
	l := openAt(t, client, filepath.Join(dir, "mirror.sqlite3"))
	store, err := ledger.OpenFile(filepath.Join(dir, "ledger.json"))
	require.NoError(t, err)
	marks, err := ledger.NewExtractionStateLedger(store)
	require.NoError(t, err)
	return newWorker(t, l, []string{"A", "B"}, cache.WithMarkLedger(marks, "records"), cache.WithInterval(time.Millisecond)), l, marks
}

// TestWorkerToBeKilled is the process that TestWorkerSurvivesKills starts; alone it does nothing.
func TestWorkerToBeKilled(t *testing.T) {
	if os.Getenv(killURL) == "" {
		t.Skip("it is run by TestWorkerSurvivesKills")
	}
	w, _, _ := killedWorker(t, os.Getenv(killURL), os.Getenv(killDir))
	require.NoError(t, w.Run(t.Context()))
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
	w, l, marks := killedWorker(t, url, dir)
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
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWorkerToBeKilled$")
	cmd.Env = append(os.Environ(), killURL+"="+url, killDir+"="+dir)
	require.NoError(t, cmd.Start())
	<-enough
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait(), "it ran until it was killed")
}

func requireLedgerBehindMirror(t *testing.T, url, dir string, round int) {
	t.Helper()
	_, l, marks := killedWorker(t, url, dir)
	for _, study := range []string{"A", "B"} {
		mark, known, err := marks.LastTimestamp(t.Context(), study, "records")
		require.NoError(t, err)
		st, err := l.Status(t.Context(), study)
		require.NoError(t, err)
		require.False(t, mark.After(st.Mark), "round %d: the ledger is past the mirror of %s", round, study)
		require.False(t, known && !st.Whole, "round %d: the ledger knows of a run of %s that was not whole", round, study)
	}
}
