//go:build cgo

package postgres_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/internal/sqljournal"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// placesOfCuts are the shares of a copy's messages at which its connection is cut.
const placesOfCuts = 12

// requireCopies copies to one empty store after the other, and cuts the connection at another place each time. Each copy
// has all rows, and counts them once.
func requireCopies(t *testing.T, c *postgrestest.Cutter, want int64, empty func() copying) {
	t.Helper()
	var all int64
	for i := range int64(placesOfCuts) + 1 {
		to, place := empty(), int64(postgrestest.Never)
		if i > 0 {
			place = 1 + all*(i-1)/placesOfCuts
		}
		c.At(place)
		rows, err := to()
		require.NoError(t, err, "cut at message %d of %d", place, all)
		require.Equal(t, want, rows, "cut at message %d of %d", place, all)
		if i == 0 {
			all = c.Passed()
		}
		c.At(postgrestest.Never)
	}
}

// copying copies to a store, and counts the rows.
type copying func() (int64, error)

// TestACopyOfAMirrorBeginsAgain when its connection is lost, to a file and to a database.
func TestACopyOfAMirrorBeginsAgain(t *testing.T) {
	ctx := t.Context()
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 60})
	server := imednettest.NewServer(study)
	first := openMirrorFile(t, server.Client())
	for seed := range uint64(2) {
		cachetest.NewMeddler(t, study, seed, 20).MeddleOn()
		_, err := first.SyncStudy(ctx, study.Key(), cache.SyncOptions{Sweep: true})
		require.NoError(t, err)
		study.Advance(24 * time.Hour)
	}
	c := postgrestest.NewCutter()
	shared := openMirror(t, postgrestest.Way(t, postgrestest.URL(t), c.Pass), nil)
	rows, err := shared.CopyFrom(ctx, first)
	require.NoError(t, err)
	requireCopies(t, c, rows, func() copying {
		back := openMirrorFile(t, nil)
		return func() (int64, error) {
			rows, err := back.CopyFrom(ctx, shared)
			if err == nil {
				_, err = back.CopyFrom(ctx, first) // every row
			}
			return rows, err
		}
	})
	requireCopies(t, c, rows, func() copying {
		there := openMirror(t, postgrestest.Way(t, postgrestest.URL(t), c.Pass), nil)
		return func() (int64, error) { return there.CopyFrom(ctx, first) }
	})
	require.GreaterOrEqual(t, c.Cuts(), int64(placesOfCuts))
}

// TestACopyOfAStoreBeginsAgain when its connection is lost.
func TestACopyOfAStoreBeginsAgain(t *testing.T) {
	ctx := t.Context()
	c := postgrestest.NewCutter()
	file := func() string { return filepath.Join(t.TempDir(), "store.sqlite3") }
	opened := func(from chained) stores { return openAll(t, postgrestest.Way(t, from.url, c.Pass)) }
	queue, versions, journal := opened(reviewed(t)).queue, opened(configured(t)).versions, opened(submitted(t)).journal
	for name, empty := range map[string]func() copying{
		"queue": func() copying {
			to, err := triage.NewTriageStore(ctx, file())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, to.Close()) })
			return func() (int64, error) { return to.CopyFrom(ctx, queue) }
		},
		"versions": func() copying {
			to, err := versioning.NewConfigVersionStore(ctx, file())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, to.Close()) })
			return func() (int64, error) { return to.CopyFrom(ctx, versions) }
		},
		"journal": func() copying {
			to, err := sqlitejournal.Open(ctx, file())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, to.Close()) })
			return func() (int64, error) { return sqljournal.Copy(ctx, to.Journal, journal) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := empty()()
			require.NoError(t, err)
			require.Positive(t, rows)
			before := c.Cuts()
			requireCopies(t, c, rows, empty)
			require.GreaterOrEqual(t, c.Cuts(), before+placesOfCuts/2)
		})
	}
}
