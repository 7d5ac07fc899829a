package cache_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// TestAnEmptiedMirrorIsNoMirror: whoever only reads is told, and writes nothing; a sync fills the file anew.
func TestAnEmptiedMirrorIsNoMirror(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.sqlite3")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err := cache.NewCachedRecordsLoader(t.Context(), nil, path)
	require.ErrorIs(t, err, cache.ErrEmptied)
	require.ErrorContains(t, err, "its content was lost")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Zero(t, info.Size())

	study := imednettest.Generate(imednettest.GenerateOptions{Records: 5})
	l := openAt(t, imednettest.NewServer(study).Client(), path)
	sync(t, l, study.Key())
	require.Zero(t, purges(t, l, cache.PurgeVerifyOptions{}).Head)
}
