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
	c := postgrestest.NewCutter()
	databaseURL := postgrestest.Way(t, postgrestest.URL(t), c.Pass)
	db := open(t, databaseURL, postgres.WithConnections(1))
	store, err := db.Ledger(t.Context())
	require.NoError(t, err)
	marks, err := ledger.NewExtractionStateLedger(store)
	require.NoError(t, err)
	at := noon
	for n := int64(1); c.Cuts() == n-1; n++ {
		at = at.Add(time.Second)
		c.At(n)
		_, _, err := marks.LastTimestamp(t.Context(), "S", "records")
		require.NoError(t, err, "read, message %d", n)
		require.NoError(t, marks.SetLastTimestamp(t.Context(), "S", "records", at, ledger.SetOptions{}), "set, message %d", n)
		c.At(postgrestest.Never)
		mark, _, err := marks.LastTimestamp(t.Context(), "S", "records")
		require.NoError(t, err)
		require.Equal(t, at, mark)
	}
	require.Greater(t, c.Cuts(), int64(20))
	runs := int64(0)
	for _, err := range marks.Runs(t.Context(), ledger.RunFilter{}) {
		require.NoError(t, err)
		runs++
	}
	require.Equal(t, c.Cuts()+1, runs, "each mark was set once")
}
