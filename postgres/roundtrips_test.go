package postgres_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/postgres"
)

// counting returns the URL of a way to the server that counts how often the server said that it was done with what it
// was sent.
func counting(t *testing.T, databaseURL string) (counted string, answers *atomic.Int64) {
	t.Helper()
	answers = &atomic.Int64{}
	return postgrestest.Way(t, databaseURL, func(client io.Writer, server io.Reader) { countAnswers(client, server, answers) }), answers
}

// countAnswers passes on what the server says, message by message.
func countAnswers(client io.Writer, server io.Reader, answers *atomic.Int64) {
	in := bufio.NewReader(server)
	for {
		var head [5]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return
		}
		switch head[0] {
		case 'Z': // ready for query
			answers.Add(1)
		case 'I': // to an empty query, which asks whether a connection that was idle still stands
			answers.Add(-1)
		}
		length := int64(binary.BigEndian.Uint32(head[1:])) - 4
		if _, err := io.Copy(client, io.MultiReader(strings.NewReader(string(head[:])), io.LimitReader(in, length))); err != nil {
			return
		}
	}
}

// TestABatchTakesFewRoundTrips syncs two studies for the first time, under leases, of which one has two batches more.
func TestABatchTakesFewRoundTrips(t *testing.T) {
	databaseURL, answers := counting(t, postgrestest.URL(t))
	few := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "FEW", Records: 4500})
	many := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "MANY", Records: 8500})
	db := open(t, databaseURL)
	l, err := db.Mirror(t.Context(), imednettest.NewServer(few, many).Client())
	require.NoError(t, err)
	roundTrips := func(study string) int64 {
		lease, err := db.Acquire(t.Context(), postgres.StudyLease(study), "counting", term)
		require.NoError(t, err)
		before := answers.Load()
		_, err = l.SyncRecords(lease.Context(t.Context()), study, cache.SyncOptions{})
		require.NoError(t, err)
		after := answers.Load()
		require.NoError(t, lease.Release(t.Context()))
		return after - before
	}
	roundTrips("FEW") // statements are prepared
	least := int64(math.MaxInt64)
	for range 3 { // what a clock asks for, such as a lease's renewal, may come in between
		for _, study := range []string{"FEW", "MANY"} {
			_, err = l.Purge(t.Context(), study, cache.PurgeOptions{Study: true})
			require.NoError(t, err)
		}
		least = min(least, roundTrips("MANY")-roundTrips("FEW"))
		if least == 2*6 {
			break
		}
	}
	require.EqualValues(t, 2*6, least, "BEGIN with lease and token; the study; what is held; COPY twice; the rest with COMMIT")
}

// TestAStatementThatWaitedFailsTheCommit has another program in the way of a statement that is sent with COMMIT.
func TestAStatementThatWaitedFailsTheCommit(t *testing.T) {
	databaseURL := postgrestest.URL(t)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
	server := imednettest.NewServer(study)
	l := openMirror(t, databaseURL, server.Client())
	_, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
	require.NoError(t, err)
	before := postgrestest.Column(t, databaseURL, `SELECT s::text FROM imednet_study s`)
	study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	postgrestest.Exec(t, databaseURL, `INSERT INTO imednet_version SELECT id, version + 1, 0 FROM imednet_study`)
	for range 12 { // more than there are connections
		_, err = l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
		require.ErrorContains(t, err, "SQLSTATE 23505")
	}
	require.Equal(t, before, postgrestest.Column(t, databaseURL, `SELECT s::text FROM imednet_study s`))
	require.Equal(t, []string{"700"}, postgrestest.Column(t, databaseURL, `SELECT count(*) FROM imednet_record`))
	postgrestest.Exec(t, databaseURL, `DELETE FROM imednet_version WHERE seen_at = 0`)
	require.Equal(t, 701, recordsOf(t, databaseURL, study, server))
}
