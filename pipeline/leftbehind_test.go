package pipeline_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/filelock"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/tables"
)

// TestWhatAKilledRunLeftGoesBeforeAnythingIsWritten: what killed runs left may be what fills the disk, so that no later
// run would ever end, and it holds subjects' data. Every writer begins with its removal, even if it fails itself, and so
// does a check.
func TestWhatAKilledRunLeftGoesBeforeAnythingIsWritten(t *testing.T) {
	left := []string{".records_chunk_00001.r7.csv.123.tmp", ".records_spool.99.tmp", "AE/.records_chunk_00001.parquet.6.tmp"}
	broken, err := tables.NewRecordMapper(failing{imednettest.NewServer(demo(t)).Client(), 0, imednet.ErrServer})
	require.NoError(t, err)
	for name, run := range map[string]func(dir string){
		"data set": func(dir string) {
			_, err := newPipeline(t).WriteParquet(t.Context(), broken, "DEMO", dir, pipeline.DataSetOptions{})
			require.ErrorIs(t, err, imednet.ErrServer)
		},
		"chunks": func(dir string) {
			rows, err := broken.Map(t.Context(), "DEMO", tables.MapOptions{}).Reader()
			require.NoError(t, err)
			defer rows.Release()
			_, err = newPipeline(t).WriteParquetChunks(t.Context(), rows, dir, "")
			require.ErrorIs(t, err, imednet.ErrServer)
		},
		"recovery": func(dir string) {
			recovered, err := pipeline.Recover(dir, "")
			require.NoError(t, err)
			require.False(t, recovered, "no commit was under way")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			place(t, dir, append(left, ".others_spool.1.tmp"))
			run(dir)
			require.Equal(t, []string{".others_spool.1.tmp"}, filesIn(t, dir))
			require.NoDirExists(t, filepath.Join(dir, "AE"))
		})
	}
}

// TestRecoveryLeavesAWriterAlone: the temporary files of a writer at work are not what a killed one left.
func TestRecoveryLeavesAWriterAlone(t *testing.T) {
	dir := t.TempDir()
	place(t, dir, []string{".records_spool.1.tmp"})
	held, ok, err := filelock.TryClaim(filepath.Join(dir, ".records.lock"))
	require.NoError(t, err)
	require.True(t, ok)
	recovered, err := pipeline.Recover(dir, "")
	require.NoError(t, err)
	require.False(t, recovered)
	require.FileExists(t, filepath.Join(dir, ".records_spool.1.tmp"))
	require.NoError(t, held.Release())
}

// place makes empty files.
func place(t *testing.T, dir string, names []string) {
	t.Helper()
	for _, name := range names {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
}
