package warehouse_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
)

// Opening a warehouse changes nothing of its file, unless one of its views is not as this version makes it.
func TestViewsAreMadeOnlyWhereTheyDiffer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	do := func(act func(*warehouse.DuckDBIngestion)) {
		t.Helper()
		d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
		require.NoError(t, err)
		act(d)
		require.NoError(t, d.Close())
	}
	const shown = `SELECT view_name, comment, column_count FROM duckdb_views() WHERE NOT internal ORDER BY view_name`
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 50})
	var want []string
	do(func(d *warehouse.DuckDBIngestion) {
		_, err := d.IngestStudy(t.Context(), imednettest.NewServer(study).Client(), study.Key(), warehouse.StudyOptions{})
		require.NoError(t, err)
		want = append(table(t, d, shown), table(t, d, `FROM silver_current_state_of('`+study.Key()+`') ORDER BY ALL`)...)
	})
	whole := func() {
		t.Helper()
		do(func(d *warehouse.DuckDBIngestion) {
			require.Equal(t, want, append(table(t, d, shown), table(t, d, `FROM silver_current_state_of('`+study.Key()+`') ORDER BY ALL`)...))
		})
	}
	contents := func() []byte {
		t.Helper()
		all, err := os.ReadFile(path)
		require.NoError(t, err)
		return all
	}
	before := contents()
	whole()
	require.Equal(t, before, contents())

	for _, harm := range []string{
		`DROP VIEW bronze_cells`,
		`CREATE OR REPLACE VIEW imednet_visits AS SELECT 1 AS study_key`,
		`ALTER VIEW imednet_changes RENAME TO other; DROP VIEW other`,
		`DROP MACRO TABLE silver_current_state_of`,
		`COMMENT ON VIEW imednet_open_queries IS 'mine'`,
		`DROP TABLE bronze_visits`,
	} {
		do(func(d *warehouse.DuckDBIngestion) {
			_, err := d.DB().ExecContext(t.Context(), harm)
			require.NoError(t, err, harm)
		})
		whole()
	}
}
