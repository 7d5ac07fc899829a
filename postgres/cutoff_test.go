package postgres_test

import (
	"encoding/binary"
	"io"
	"sync/atomic"
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
	var left, cuts atomic.Int64
	left.Store(1 << 40)
	databaseURL := way(t, postgrestest.URL(t), func(client io.Writer, server io.Reader) {
		for {
			var head [5]byte
			if _, err := io.ReadFull(server, head[:]); err != nil {
				return
			}
			if left.Add(-1) == 0 {
				cuts.Add(1)
				return
			}
			if _, err := client.Write(head[:]); err != nil {
				return
			}
			if _, err := io.CopyN(client, server, int64(binary.BigEndian.Uint32(head[1:]))-4); err != nil {
				return
			}
		}
	})
	db := open(t, databaseURL, postgres.WithConnections(1))
	store, err := db.Ledger(t.Context())
	require.NoError(t, err)
	marks, err := ledger.NewExtractionStateLedger(store)
	require.NoError(t, err)
	at := noon
	for n := int64(1); cuts.Load() == n-1; n++ {
		at = at.Add(time.Second)
		left.Store(n)
		_, _, err := marks.LastTimestamp(t.Context(), "S", "records")
		require.NoError(t, err, "read, message %d", n)
		require.NoError(t, marks.SetLastTimestamp(t.Context(), "S", "records", at, ledger.SetOptions{}), "set, message %d", n)
		left.Store(1 << 40)
		mark, _, err := marks.LastTimestamp(t.Context(), "S", "records")
		require.NoError(t, err)
		require.Equal(t, at, mark)
	}
	require.Greater(t, cuts.Load(), int64(20))
	runs := int64(0)
	for _, err := range marks.Runs(t.Context(), ledger.RunFilter{}) {
		require.NoError(t, err)
		runs++
	}
	require.Equal(t, cuts.Load()+1, runs, "each mark was set once")
}
