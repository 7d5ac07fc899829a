package warehouse_test

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

// most watches a directory and returns the most bytes that its files had together.
func most(t *testing.T, dir string, do func()) (bytes int64) {
	t.Helper()
	stop, peak := make(chan struct{}), make(chan int64)
	go func() {
		most := int64(0)
		for tick := time.NewTicker(time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				peak <- most
				return
			case <-tick.C:
				most = max(most, sizeOfFiles(dir))
			}
		}
	}()
	do()
	close(stop)
	return <-peak
}

func sizeOfFiles(dir string) (bytes int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // it is gone by now
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			bytes += info.Size()
		}
		return nil
	})
	return bytes
}

// spilling opens a warehouse whose DuckDB may use little memory and must spill to a directory of its own.
func spilling(t *testing.T, memory string) (d *warehouse.DuckDBIngestion, spills string) {
	t.Helper()
	spills = filepath.Join(t.TempDir(), "spills")
	d = open(t, warehouse.WithMemoryLimit(memory), warehouse.WithTempDirectory(spills), warehouse.WithThreads(2))
	require.Equal(t, []string{spills}, table(t, d, `SELECT current_setting('temp_directory')`))
	return d, spills
}

func TestASmallMemoryLimitSpills(t *testing.T) {
	const n = 200_000
	d, spills := spilling(t, "30MB")
	var got []string
	size := most(t, spills, func() {
		run, err := d.IngestRevisions(t.Context(), numbered(n), "S1", warehouse.RevisionOptions{})
		require.NoError(t, err)
		require.EqualValues(t, n, run.Inserted)
		got = table(t, d, `SELECT count(*), sum(record_id), count(*) FILTER (before <= record_id) FROM
			(SELECT *, lag(record_id) OVER (ORDER BY reason_for_change, record_id DESC) AS before FROM bronze_revisions)`)
	})
	require.Equal(t, []string{fmt.Sprintf("%d|%d|0", n, n*(n-1)/2)}, got)
	require.Positive(t, size, "files stood in the directory")
	require.Zero(t, sizeOfFiles(spills), "none is left")
}

// manyRecords is a study whose records have long answers.
type manyRecords struct {
	*design
	n int
}

func (s manyRecords) answer(id int) string { return fmt.Sprintf("%0300d", id*7919) }

func (s manyRecords) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for id := range s.n {
			data, _ := imednet.NewRecordData([]byte(fmt.Sprintf(`{"TERM":"%s","GRADE":"%d"}`, s.answer(id), id%5)))
			if !yield(imednet.Record{RecordID: int64(id), FormID: imednet.Some(int64(3)), FormKey: imednet.Some("AE"), RecordData: data}, nil) {
				return
			}
		}
	}
}

// TestABuildBeyondItsMemory has typed tables of 36 MB of texts made by a DuckDB that may use 30 MB: each value is right.
func TestABuildBeyondItsMemory(t *testing.T) {
	study := manyRecords{smallDesign(t), 120_000}
	d, spills := spilling(t, "30MB")
	size := most(t, spills, func() { silver(t, d, study, "S1", warehouse.SilverOptions{}) })
	t.Logf("%d MB were spilled", size/1e6)
	rows, err := d.DB().QueryContext(t.Context(), `SELECT "recordId", "TERM", "GRADE" FROM "silver_S1"."AE"`)
	require.NoError(t, err)
	defer rows.Close()
	seen := make([]bool, study.n)
	for rows.Next() {
		var id int
		var term string
		var grade float64
		require.NoError(t, rows.Scan(&id, &term, &grade))
		if seen[id] || term != study.answer(id) || grade != float64(id%5) {
			t.Fatalf("record %d is there twice or has another answer", id)
		}
		seen[id] = true
	}
	require.NoError(t, rows.Err())
	require.NotContains(t, seen, false)
	require.Positive(t, size, "files stood in the directory")
}
