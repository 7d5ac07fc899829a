package dictionary_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// TestWhatHoldsNoFileOfAnExportIsNone refuses to save or commit what has none of the files, such as an archive of an archive.
func TestWhatHoldsNoFileOfAnExportIsNone(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "outer.zip")
	f, err := os.Create(archive)
	require.NoError(t, err)
	w := zip.NewWriter(f)
	_, err = w.Create("inner.zip")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
	for _, path := range []string{archive, dir} {
		files, err := dictionary.Files(t.Context(), path, dictionary.ReadOptions{})
		require.ErrorIs(t, err, dictionary.ErrUnreadable)
		require.ErrorContains(t, err, "none of the files of an export")
		require.Nil(t, files)
	}
}
