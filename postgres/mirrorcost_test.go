package postgres_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
)

// TestWhatAMirrorCosts counts the requests, rows and bytes of a mirror of 2,880 records, or 28,800 with
// IMEDNET_LONG=1: what docs/scale.md calculates with.
func TestWhatAMirrorCosts(t *testing.T) {
	records := 2880
	if os.Getenv("IMEDNET_LONG") == "1" {
		records = 28800
	}
	study := imednettest.Generate(imednettest.GenerateOptions{Records: records})
	server := imednettest.NewServer(study)
	url := postgrestest.URL(t)
	mirror, err := open(t, url).Mirror(t.Context(), server.Client())
	require.NoError(t, err)
	requests := func(sync func() error) int {
		study.Advance(time.Hour)
		server.ResetRequests()
		require.NoError(t, sync())
		return len(server.Requests())
	}
	all := func() error {
		_, err := mirror.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{})
		return err
	}
	sweep := func() error {
		_, err := mirror.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{Sweep: true})
		return err
	}
	recordsOnly := func() error {
		_, err := mirror.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
		return err
	}

	first := requests(all)
	rows, bytes := held(t, url)
	t.Logf("%d records: first sync of everything: %d requests, %d rows, %d bytes a record", records, first, rows, bytes/records)
	require.InDelta(t, 3.8, float64(rows)/float64(records), 0.3, "rows a record")
	require.InDelta(t, 1900, bytes/records, 400, "bytes a record")
	quiet := requests(all)
	t.Logf("nothing new: %d requests; a sweep: %d", quiet, requests(sweep))
	require.Less(t, quiet, first)
	require.Equal(t, 5, requests(recordsOnly))
	unchanged, _ := held(t, url)
	require.InDelta(t, rows, unchanged, 2, "where the next run goes on comparing")

	changed := records / 100
	ids := study.RecordIDs()
	for i := range changed {
		rec, _ := study.Record(ids[i*97%len(ids)])
		for name := range rec.RecordData.All() {
			require.NoError(t, study.EditRecord(rec.RecordID, name, fmt.Sprint("changed ", i)))
			break
		}
	}
	require.LessOrEqual(t, requests(recordsOnly), 6, "with one percent of the records changed")
	now, after := held(t, url)
	t.Logf("%d records changed: %d rows and %d bytes more", changed, now-unchanged, after-bytes)
	require.InDelta(t, changed, now-unchanged, 5, "a former state of each")
}

// held counts the rows of all tables, and their bytes with those of the indexes.
func held(t *testing.T, url string) (rows, bytes int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	found, err := conn.Query(t.Context(), `SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema::regnamespace
		AND c.relname <> 'imednet_write'`) // one for each of the last transactions
	require.NoError(t, err)
	tables, err := pgx.CollectRows(found, pgx.RowTo[string])
	require.NoError(t, err)
	for _, name := range tables {
		var n, size int
		require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(*), pg_total_relation_size('`+name+`') FROM `+name).Scan(&n, &size))
		rows, bytes = rows+n, bytes+size
	}
	return rows, bytes
}
