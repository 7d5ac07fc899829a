package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/ledger/ledgertest"
)

// schemas hands out one schema a folder, for suites that share data by their folder.
type schemas struct {
	mu   sync.Mutex
	urls map[string]string
}

func (s *schemas) of(t *testing.T, dir string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.urls == nil {
		s.urls = map[string]string{}
	}
	if s.urls[dir] == "" {
		s.urls[dir] = postgrestest.URL(t)
	}
	return s.urls[dir]
}

func TestLedgerContract(t *testing.T) {
	var all schemas
	ledgertest.TestStore(t, ledgertest.Config{Open: func(t *testing.T, dir string) ledger.Store {
		s, err := open(t, all.of(t, dir)).Ledger(t.Context())
		require.NoError(t, err)
		return s
	}})
}

var noon = time.Date(2026, 5, 22, 12, 0, 0, 0, time.UTC)

// worked opens a ledger in which two streams have advanced, one has failed and one was reset.
func worked(t *testing.T, url string) *ledger.ExtractionStateLedger {
	t.Helper()
	store, err := open(t, url).Ledger(t.Context())
	require.NoError(t, err)
	l, err := ledger.NewExtractionStateLedger(store, ledger.WithAuthor(ledger.Author{User: "anna"}))
	require.NoError(t, err)
	for _, stream := range []string{"records", "queries"} {
		require.NoError(t, l.Advance(t.Context(), "S", stream, imednet.Watermark{Time: noon, Records: 3}))
	}
	failed := l.Transaction(t.Context(), "S", "records", noon, func(context.Context, *ledger.Tx) error { return errors.New("disk full") })
	require.ErrorContains(t, failed, "disk full")
	_, err = l.DeleteEntry(t.Context(), "S", "queries", ledger.DeleteOptions{Reason: "new variables"})
	require.NoError(t, err)
	return l
}

// TestVerifyFindsEveryForgeryOfALedger changes each column of each row, removes and exchanges rows.
func TestVerifyFindsEveryForgeryOfALedger(t *testing.T) {
	url := postgrestest.URL(t)
	l := worked(t, url)
	v, err := l.Verify(t.Context(), ledger.VerifyOptions{})
	require.NoError(t, err)
	tables := []postgrestest.Table{{Name: "ledger_run", Key: "run_id", Swap: "body", Not: "run_id"}, {Name: "ledger_entry", Key: "stream_name", Swap: "body"}}
	forgeries := postgrestest.Forgeries(t, url, tables)
	require.Greater(t, len(forgeries), 20)
	forger := postgrestest.NewForger(t, url, tables)
	for _, f := range forgeries {
		if f.Name == "ledger_run without row 1" {
			continue // the oldest run goes when the history is full
		}
		forger.Try(f.SQL, func() {
			_, err := l.Verify(t.Context(), ledger.VerifyOptions{Head: v.Head})
			require.True(t, errors.Is(err, ledger.ErrIntegrity) || errors.Is(err, ledger.ErrDamaged), "%s: %v", f.Name, err)
		})
	}
	again, err := l.Verify(t.Context(), ledger.VerifyOptions{Head: v.Head})
	require.NoError(t, err)
	require.Equal(t, v, again)
}

// TestTheHistoryIsBounded by its limit, and read page by page beyond one.
func TestTheHistoryIsBounded(t *testing.T) {
	store, err := open(t, postgrestest.URL(t)).Ledger(t.Context(), ledger.WithHistoryLimit(1200))
	require.NoError(t, err)
	run := ledger.Run{StudyKey: "S", Stream: "records", Kind: ledger.RunSet, Status: ledger.StatusSuccess, StartedAt: noon, EndedAt: noon}
	for i := range 13 {
		runs := make([]ledger.Run, 100)
		for j := range runs {
			runs[j] = run
			runs[j].Records = int64(100*i + j)
		}
		require.NoError(t, store.Commit(t.Context(), ledger.Commit{Runs: runs}))
	}
	for limit, want := range map[int]int{0: 1200, 1: 1, 499: 499, 500: 500, 501: 501, 1000: 1000, 5000: 1200} {
		next := int64(1299)
		for r, err := range store.Runs(t.Context(), ledger.RunFilter{Limit: limit}) {
			require.NoError(t, err)
			require.Equal(t, next, r.Records)
			next--
		}
		require.EqualValues(t, want, 1299-next, limit)
	}
}
