package warehouse_test

import (
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

// limitFiles lets no file of this process grow beyond a size until the test calls back.
func limitFiles(t *testing.T, size uint64) (lift func()) {
	t.Helper()
	var was syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was))
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: min(size, was.Max), Max: was.Max}))
	return func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was)) }
}

// TestAWarehouseSurvivesCommitsThatCannotBeWritten: after runs whose log found no room, at any size of it, the next run
// with room goes on, and every stream has its mark.
func TestAWarehouseSurvivesCommitsThatCannotBeWritten(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ) // the write fails instead
	t.Cleanup(func() { signal.Reset(syscall.SIGXFSZ) })
	path := filepath.Join(t.TempDir(), "w.duckdb")
	run := func(version imednet.MirrorVersion, room uint64) error {
		view := moment{generated(60), imednet.Origin{Version: version, ServerTime: time.Date(2026, 11, 26, 8, 0, int(version), 0, time.UTC)}}
		d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
		if err != nil {
			return err
		}
		lift := limitFiles(t, room)
		_, err = d.IngestStudy(t.Context(), view, "DEMO", warehouse.StudyOptions{Records: view})
		lift()
		require.NoError(t, d.Close(), "there is room again before the file is closed")
		return err
	}
	marks := func() (n int) {
		t.Helper()
		d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
		require.NoError(t, err)
		require.NoError(t, d.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM imednet_marks WHERE stream || '' <> ''`).Scan(&n))
		require.NoError(t, d.Close())
		return n
	}
	const enough = 1 << 40
	require.NoError(t, run(1, enough))
	want := marks()
	version, failed := imednet.MirrorVersion(1), 0
	for size := uint64(256); size <= 64<<10; size *= 2 {
		version++
		if run(version, size) != nil {
			failed++
		}
	}
	require.Positive(t, failed)
	require.NoError(t, run(version+1, enough))
	require.Equal(t, want, marks())
}
