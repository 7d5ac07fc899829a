package warehouse_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

// moment is a client that reads one state of the mirror.
type moment struct {
	*imednettest.Client
	origin imednet.Origin
}

func (m moment) Origin(context.Context, string) (imednet.Origin, error) { return m.origin, nil }

// TestOriginsNameTheStateThatWasIngested, and nothing that holds no longer.
func TestOriginsNameTheStateThatWasIngested(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	found, err := warehouse.ReadOrigins(t.Context(), path, "DEMO")
	require.NoError(t, err)
	require.Zero(t, found, "a file that is not there")

	view := moment{generated(60), imednet.Origin{Version: 7, ServerTime: time.Date(2026, 11, 26, 8, 0, 1, 250_000_000, time.UTC), Cut: "IA1"}}
	mapper, err := tables.NewRecordMapper(view)
	require.NoError(t, err)
	change := func(do func(*warehouse.DuckDBIngestion) error) warehouse.Origins {
		d, err := warehouse.NewDuckDBIngestion(t.Context(), path)
		require.NoError(t, err)
		require.NoError(t, do(d))
		require.NoError(t, d.Close())
		found, err := warehouse.ReadOrigins(t.Context(), path, "DEMO")
		require.NoError(t, err)
		return found
	}
	ingested := change(func(d *warehouse.DuckDBIngestion) error {
		_, err := d.IngestStudy(t.Context(), view, "DEMO", warehouse.StudyOptions{Records: view})
		return err
	})
	require.Equal(t, view.origin, ingested.Ingested.Origin)
	require.NotEmpty(t, ingested.Ingested.Program)
	require.Zero(t, ingested.Silver)

	built := change(func(d *warehouse.DuckDBIngestion) error {
		_, err := d.BuildSilverTables(t.Context(), mapper, "DEMO", warehouse.SilverOptions{})
		return err
	})
	require.Equal(t, view.origin, built.Silver.Origin)
	require.Equal(t, ingested.Ingested, built.Ingested)

	elsewhere := change(func(d *warehouse.DuckDBIngestion) error {
		_, err := d.IngestRevisions(t.Context(), view.Client, "DEMO", warehouse.RevisionOptions{})
		return err
	})
	require.Zero(t, elsewhere.Ingested, "a part came from the server since")
	require.Equal(t, view.origin, elsewhere.Silver.Origin)

	mixed := change(func(d *warehouse.DuckDBIngestion) error {
		_, err := d.IngestStudy(t.Context(), view.Client, "DEMO", warehouse.StudyOptions{Records: view})
		return err
	})
	require.Zero(t, mixed.Ingested, "two sources")
	partly := change(func(d *warehouse.DuckDBIngestion) error {
		_, err := d.BuildSilverTables(t.Context(), mapper, "DEMO", warehouse.SilverOptions{Map: tables.MapOptions{Forms: []string{"AE"}}})
		return err
	})
	require.Zero(t, partly.Silver, "the other tables are as they were")
}
