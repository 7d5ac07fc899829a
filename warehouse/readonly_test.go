package warehouse_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
)

// TestReadOnlyFilesCannotBeChanged tries what a statement can do to a transaction that does not write.
func TestReadOnlyFilesCannotBeChanged(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "w.duckdb")
	w, err := warehouse.NewDuckDBIngestion(ctx, path)
	require.NoError(t, err)
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 50})).Client()
	run, err := w.IngestRecords(ctx, client, "DEMO", warehouse.RecordOptions{})
	require.NoError(t, err)
	require.NoError(t, w.Close())

	first, err := warehouse.OpenReadOnly(ctx, path)
	require.NoError(t, err)
	defer first.Close()
	second, err := warehouse.OpenReadOnly(ctx, path)
	require.NoError(t, err, "readers share the file")
	defer second.Close()
	for _, statement := range []string{
		`DELETE FROM bronze_record_versions`, `COMMIT; DELETE FROM bronze_record_versions`,
		`BEGIN; DELETE FROM bronze_record_versions; COMMIT; SELECT 1`, `CREATE TABLE t (x INTEGER)`, `SET access_mode = 'READ_WRITE'`,
	} {
		_, err := first.ExecContext(ctx, statement)
		require.Error(t, err, statement)
	}
	var rows int64
	require.NoError(t, second.QueryRowContext(ctx, `SELECT count(*) FROM bronze_records`).Scan(&rows))
	require.Equal(t, run.Inserted, rows)

	_, err = warehouse.OpenReadOnly(ctx, filepath.Join(t.TempDir(), "none.duckdb"))
	require.Error(t, err)
	_, err = warehouse.OpenReadOnly(ctx, ":memory:")
	require.Error(t, err)
}

func TestABackupOpensWithAllThatWasWritten(t *testing.T) {
	ctx := t.Context()
	path, to := filepath.Join(t.TempDir(), "w.duckdb"), filepath.Join(t.TempDir(), "copy.duckdb")
	w, err := warehouse.NewDuckDBIngestion(ctx, path)
	require.NoError(t, err)
	client := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 50})).Client()
	run, err := w.IngestRecords(ctx, client, "DEMO", warehouse.RecordOptions{})
	require.NoError(t, err)
	require.Error(t, warehouse.Backup(ctx, path, to), "it is open for writing")
	require.NoFileExists(t, to)
	require.NoError(t, w.Close())

	require.NoError(t, warehouse.Backup(ctx, path, to))
	require.ErrorIs(t, warehouse.Backup(ctx, path, to), fs.ErrExist)
	info, err := os.Stat(to)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	back, err := warehouse.NewDuckDBIngestion(ctx, to)
	require.NoError(t, err)
	defer back.Close()
	var rows int64
	require.NoError(t, back.DB().QueryRowContext(ctx, `SELECT count(*) FROM bronze_records`).Scan(&rows))
	require.Equal(t, run.Inserted, rows)
	require.Error(t, warehouse.Backup(ctx, filepath.Join(t.TempDir(), "none.duckdb"), to+"2"))
}
