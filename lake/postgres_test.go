package lake_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/lake"
	"github.com/imednetgo/imednet/postgres"
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

// TestTablesFollowAMirrorInPostgreSQL has mirror and catalog on one server. After each of some syncs
// every table is what a fresh mapping of the mirror gives, and the writer's token is that of its lease:
// once another one has taken the study over, the first is refused.
func TestTablesFollowAMirrorInPostgreSQL(t *testing.T) {
	url, ctx := postgrestest.URL(t), t.Context()
	db, err := postgres.Open(ctx, url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 200})
	mirror, err := db.Mirror(ctx, imednettest.NewServer(study).Client())
	require.NoError(t, err)
	w := worldOver(t, study, mirror, url)
	leased := func(holder string) (*lake.Lake, *postgres.Lease) {
		lease, err := db.Acquire(ctx, postgres.StudyLease(study.Key()), holder, time.Minute)
		require.NoError(t, err)
		l, _ := w.open(lake.WithFence(lease.Token))
		return l, lease
	}
	first, lease := leased("first")
	w.lake = first
	for range 3 {
		w.meddle(10)
		w.pull()
		w.sync()
		w.requireEqual(nil)
	}
	require.NoError(t, lease.Release(ctx))
	w.lake, _ = leased("second")
	w.meddle(10)
	w.pull()
	w.sync()
	w.requireEqual(nil)
	w.meddle(10)
	w.pull()
	_, err = first.Sync(ctx, study.Key(), lake.SyncOptions{})
	require.ErrorIs(t, err, lake.ErrFenced)
}
