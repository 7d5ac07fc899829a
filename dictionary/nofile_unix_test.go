//go:build unix

package dictionary_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
)

// What may be waited for or read without end is no file of an export, directly or by a link; a link to a file is.
func TestAPipeOrDeviceIsNoFileOfAnExport(t *testing.T) {
	in := func(make func(path string) error) string {
		dir := small().dir(t)
		require.NoError(t, os.Remove(filepath.Join(dir, dictionary.ChoicesFile)))
		require.NoError(t, make(filepath.Join(dir, dictionary.ChoicesFile)))
		return dir
	}
	pipe := func(path string) error { return syscall.Mkfifo(path, 0o600) }
	named := func(name string, make func(path string) error) string {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, make(path))
		return path
	}
	zero := func(path string) error { return os.Symlink("/dev/zero", path) }
	linkTo := func(target string) func(string) error {
		return func(path string) error { return os.Symlink(target, path) }
	}
	for _, path := range []string{
		in(pipe), in(zero), in(linkTo(named("p", pipe))), in(linkTo(t.TempDir())), in(linkTo("gone")),
		named("export", pipe), named("export.zip", zero), named("document.json", pipe), named("document.json", zero),
	} {
		_, err := dictionary.Files(t.Context(), path, dictionary.ReadOptions{})
		require.ErrorAs(t, err, new(*imednet.Error), path)
		if filepath.Ext(path) != ".json" {
			_, direct := dictionary.Read(t.Context(), path, dictionary.ReadOptions{})
			require.Equal(t, err, direct)
		}
	}
	const log = "/proc/kmsg" // is waited for
	if _, err := os.Stat(log); err == nil {
		_, err := dictionary.Files(t.Context(), in(linkTo(log)), dictionary.ReadOptions{})
		require.ErrorContains(t, err, "CHOICES.csv: the file is empty")
		_, err = dictionary.Read(t.Context(), in(linkTo(log)), dictionary.ReadOptions{})
		require.ErrorAs(t, err, new(*dictionary.InvalidError), "it has no header")
		_, err = dictionary.Read(t.Context(), named("log.zip", linkTo(log)), dictionary.ReadOptions{})
		require.Error(t, err)
	}
	dir := small().dir(t)
	linked := in(linkTo(filepath.Join(dir, dictionary.ChoicesFile)))
	require.Equal(t, filesOf(t, dir), filesOf(t, linked))
}

func filesOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files, err := dictionary.Files(t.Context(), dir, dictionary.ReadOptions{})
	require.NoError(t, err)
	return files
}
