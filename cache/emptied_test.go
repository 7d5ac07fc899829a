package cache_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
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

// Reading leaves a file that is no mirror as it is, and says what it is.
func TestReadingLeavesWhatIsNoMirror(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		want   error
		says   string
	}{
		"tables dropped":       {`CREATE TABLE a (b); DROP TABLE a`, cache.ErrEmptied, "its content was lost"},
		"another program's":    {`CREATE TABLE a (b)`, cache.ErrForeignFile, "another program"},
		"another program's id": {`PRAGMA application_id = 7; CREATE TABLE record_cache (b)`, cache.ErrForeignFile, "another program"},
		"no database":          {"", nil, "not a database"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "m.sqlite3")
			if c.script != "" {
				storetest.Exec(t, path, c.script)
			} else {
				require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("noise"), 900), 0o600))
			}
			before, err := os.ReadFile(path)
			require.NoError(t, err)
			_, err = cache.NewCachedRecordsLoader(t.Context(), nil, path)
			require.ErrorContains(t, err, c.says)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			}
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, before, after)
			beside, err := os.ReadDir(filepath.Dir(path))
			require.NoError(t, err)
			if c.want != cache.ErrEmptied { // nobody may be making that one, which is known under its lock
				require.Len(t, beside, 1, "%v", beside)
			}
		})
	}
}
