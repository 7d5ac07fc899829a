//go:build cgo

package cachetest_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	_ "github.com/mattn/go-sqlite3" // the other program
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
)

func newPlace(t *testing.T) string { return filepath.Join(t.TempDir(), "mirror.sqlite3") }

func openMirror(t *testing.T, place string, client cache.Client, opts ...cache.Option) *cache.CachedRecordsLoader {
	mirror, err := cache.NewCachedRecordsLoader(t.Context(), client, place, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, mirror.Close()) })
	return mirror
}

func execSQL(t *testing.T, place, statement string) {
	db, err := sql.Open("sqlite3", place)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), statement)
	require.NoError(t, err)
}

// ExampleTestMirror is the body of a test of one's own. Without Kill, no process is killed.
func ExampleTestMirror() {
	TestMyMirror := func(t *testing.T) {
		cachetest.TestMirror(t, cachetest.Config{Place: newPlace, Open: openMirror, Exec: execSQL})
	}
	_ = TestMyMirror
}
