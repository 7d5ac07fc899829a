package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/postgres"
)

// TestAConnectionLostAtAnyMessageIsWaitedOut cuts the connection before each message of the server in turn, while a mark
// is read and set. What was not committed is done again, what was is not, and nobody sees an error.
func TestAConnectionLostAtAnyMessageIsWaitedOut(t *testing.T) {
	c := newCutter()
	databaseURL := way(t, postgrestest.URL(t), c.pass)
	db := open(t, databaseURL, postgres.WithConnections(1))
	store, err := db.Ledger(t.Context())
	require.NoError(t, err)
	marks, err := ledger.NewExtractionStateLedger(store)
	require.NoError(t, err)
	at := noon
	for n := int64(1); c.cuts.Load() == n-1; n++ {
		at = at.Add(time.Second)
		c.at(n)
		_, _, err := marks.LastTimestamp(t.Context(), "S", "records")
		require.NoError(t, err, "read, message %d", n)
		require.NoError(t, marks.SetLastTimestamp(t.Context(), "S", "records", at, ledger.SetOptions{}), "set, message %d", n)
		c.at(never)
		mark, _, err := marks.LastTimestamp(t.Context(), "S", "records")
		require.NoError(t, err)
		require.Equal(t, at, mark)
	}
	require.Greater(t, c.cuts.Load(), int64(20))
	runs := int64(0)
	for _, err := range marks.Runs(t.Context(), ledger.RunFilter{}) {
		require.NoError(t, err)
		runs++
	}
	require.Equal(t, c.cuts.Load()+1, runs, "each mark was set once")
}
