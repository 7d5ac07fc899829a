package warehouse_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

// TestDroppedTables: a typed table that somebody dropped is noticed and made again, which is no change of
// its form; a table that runs continue is never made anew without what it held.
func TestDroppedTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	view := moment{generated(60), imednet.Origin{Version: 7, ServerTime: time.Date(2026, 11, 26, 8, 0, 1, 0, time.UTC)}}
	mapper, err := tables.NewRecordMapper(view)
	require.NoError(t, err)
	do := func(act func(*warehouse.DuckDBIngestion) error) {
		t.Helper()
		d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
		require.NoError(t, err)
		require.NoError(t, act(d))
		require.NoError(t, d.Close())
	}
	execute := func(statement string) {
		t.Helper()
		do(func(d *warehouse.DuckDBIngestion) error {
			_, err := d.DB().ExecContext(t.Context(), statement)
			return err
		})
	}
	var built warehouse.SilverRun
	build := func(evolution warehouse.Evolution) {
		t.Helper()
		do(func(d *warehouse.DuckDBIngestion) error {
			if _, err := d.IngestStudy(t.Context(), view, "DEMO", warehouse.StudyOptions{Records: view}); err != nil {
				return err
			}
			var err error
			built, err = d.BuildSilverTables(t.Context(), mapper, "DEMO", warehouse.SilverOptions{Evolution: evolution})
			return err
		})
	}
	origins := func() warehouse.Origins {
		t.Helper()
		found, err := warehouse.ReadOrigins(t.Context(), path, "DEMO")
		require.NoError(t, err)
		return found
	}
	build(warehouse.Evolve)
	whole := origins()
	require.Equal(t, view.origin, whole.Silver.Origin)

	for _, evolution := range []warehouse.Evolution{warehouse.Evolve, warehouse.Freeze} {
		execute("DROP TABLE " + built.Tables[len(built.Tables)-1].Identifier())
		require.Zero(t, origins().Silver)
		require.Equal(t, whole.Ingested, origins().Ingested)
		build(evolution)
		require.Empty(t, built.Changes)
		require.Equal(t, whole, origins())
	}
	execute(`DROP SCHEMA "` + built.Tables[0].Schema + `" CASCADE`)
	require.Zero(t, origins().Silver)
	build(warehouse.Freeze)
	require.Equal(t, whole, origins())

	execute("DROP TABLE bronze_records CASCADE")
	_, err = warehouse.ReadOrigins(t.Context(), path, "DEMO")
	require.ErrorIs(t, err, warehouse.ErrDamaged)
	require.ErrorContains(t, err, "bronze_records was dropped")
	_, err = warehouse.NewDuckDBIngestion(t.Context(), path)
	require.ErrorIs(t, err, warehouse.ErrDamaged)
}
