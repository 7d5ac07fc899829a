package lake_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/lake"
)

// TestACatalogInPostgreSQL runs syncs, two writers, a tag and a compaction over a catalog in
// PostgreSQL.
func TestACatalogInPostgreSQL(t *testing.T) {
	w := worldOf(t, imednettest.Generate(imednettest.GenerateOptions{Records: 200}), postgrestest.URL(t))
	ctx, study := t.Context(), w.study.Key()
	w.sync()
	_, err := w.lake.Tag(ctx, study, "first", 0)
	require.NoError(t, err)
	rows := w.tagRows("first")
	other, _ := w.open()
	done := make(chan error)
	for range 2 {
		w.meddle(10)
		w.pull()
		go func() { _, err := other.Sync(ctx, study, lake.SyncOptions{}); done <- err }()
		_, err = w.lake.Sync(ctx, study, lake.SyncOptions{})
		if e := <-done; e != nil {
			require.ErrorIs(t, e, lake.ErrConflict)
			require.NoError(t, err)
		}
		w.sync()
		w.requireEqual(nil)
	}
	_, err = w.lake.Compact(ctx, study, lake.CompactPolicy{MinFiles: 2, MaxManifests: 1})
	require.NoError(t, err)
	w.requireEqual(nil)
	require.Equal(t, rows, w.tagRows("first"))
}
