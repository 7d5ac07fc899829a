//go:build cgo

package postgres_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
)

// TestATombstoneIsThatOfAFile makes the same purges of the same study in a file and in a database: what remains of
// them is the same, to the hash.
func TestATombstoneIsThatOfAFile(t *testing.T) {
	url := postgrestest.URL(t)
	purged := func(open func(cache.Client, ...cache.Option) *cache.CachedRecordsLoader) []cache.PurgeTombstone {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 400})
		l := open(imednettest.NewServer(study).Client(), cache.WithClock(imednettest.NewClock(study.Now())))
		for seed := range uint64(3) {
			cachetest.NewMeddler(t, study, seed, 40).MeddleOn()
			_, err := l.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{Sweep: true})
			require.NoError(t, err)
			study.Advance(24 * time.Hour)
		}
		for _, o := range []cache.PurgeOptions{{Before: study.Now().Add(-time.Hour)}, {Study: true, By: imednet.Identity{ID: "dm"}, Reason: "over"}} {
			_, err := l.Purge(t.Context(), study.Key(), o)
			require.NoError(t, err)
		}
		v, err := l.VerifyPurges(t.Context(), cache.PurgeVerifyOptions{})
		require.NoError(t, err)
		return v.Tombstones
	}
	inDatabase := purged(func(c cache.Client, o ...cache.Option) *cache.CachedRecordsLoader { return openMirror(t, url, c, o...) })
	inFile := purged(func(c cache.Client, o ...cache.Option) *cache.CachedRecordsLoader {
		l, err := cache.NewCachedRecordsLoader(t.Context(), c, filepath.Join(t.TempDir(), "mirror.sqlite3"), o...)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, l.Close()) })
		return l
	})
	require.Len(t, inDatabase, 2)
	require.Equal(t, inFile, inDatabase)

	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	for _, statement := range []string{`UPDATE imednet_purge SET hash = 'x'`, `DELETE FROM imednet_purge`, `TRUNCATE imednet_purge`} {
		_, err := conn.Exec(t.Context(), statement)
		require.ErrorContains(t, err, "never", statement)
	}
	postgrestest.WithoutGuards(t, url, []postgrestest.Table{{Name: "imednet_purge"}}, `UPDATE imednet_purge SET statement = replace(statement, 'over', 'ever')`)
	_, err = openMirror(t, url, nil).VerifyPurges(t.Context(), cache.PurgeVerifyOptions{})
	require.ErrorIs(t, err, cache.ErrIntegrity)
}
