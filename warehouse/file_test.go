package warehouse_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

// The umask of most machines lets everybody read a new file; a warehouse holds patients' data.
func TestTheFilesAreForTheirOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	dir := filepath.Join(t.TempDir(), "new")
	d, err := warehouse.NewDuckDBIngestion(t.Context(), filepath.Join(dir, "w.duckdb"))
	require.NoError(t, err)
	private := func() (names []string) {
		info, err := os.Stat(dir)
		require.NoError(t, err)
		require.EqualValues(t, 0o700, info.Mode().Perm())
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, f := range files {
			info, err := f.Info()
			require.NoError(t, err)
			require.EqualValues(t, 0o600, info.Mode().Perm(), f.Name())
			names = append(names, f.Name())
		}
		return names
	}
	private()
	_, err = d.DB().ExecContext(t.Context(), `CHECKPOINT`) // the next run makes a new log
	require.NoError(t, err)
	_, err = d.IngestRevisions(t.Context(), &trail{rows: []imednet.RecordRevision{revision(1, 1, 1, "ann", 1)}}, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"w.duckdb", "w.duckdb.wal"}, private())
	require.NoError(t, d.Close())
	private()
}

func TestAWarehouseOfANewerVersionIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	for range 2 {
		d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
		require.NoError(t, err)
		require.Equal(t, []string{"3"}, table(t, d, `SELECT version FROM imednet_schema`))
		require.NoError(t, d.Close())
	}
	d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
	require.NoError(t, err)
	_, err = d.DB().ExecContext(t.Context(), `INSERT INTO imednet_schema VALUES (4)`)
	require.NoError(t, err)
	require.NoError(t, d.Close())
	_, err = warehouse.NewDuckDBIngestion(t.Context(), path)
	require.ErrorIs(t, err, warehouse.ErrNewerSchema)
}

// TestTheReferencesWarehouseIsRefused opens the table that the reference makes: its rows have no
// ids, so they could neither be told apart nor taken over.
func TestTheReferencesWarehouseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "imednet_central.duckdb")
	db, err := sql.Open("duckdb", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), `CREATE TABLE bronze_revisions (study_key VARCHAR, record_id INTEGER, form_id INTEGER, variable_name VARCHAR,
		value VARCHAR, revision_number INTEGER, date_modified TIMESTAMP, modified_by VARCHAR)`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	_, err = warehouse.NewDuckDBIngestion(t.Context(), path)
	require.ErrorIs(t, err, warehouse.ErrForeignFile)
	db, err = warehouse.OpenReadOnly(t.Context(), path)
	require.NoError(t, err)
	defer db.Close()
	var tables int
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM information_schema.tables`).Scan(&tables))
	require.Equal(t, 1, tables, "nothing was added to it")
}
