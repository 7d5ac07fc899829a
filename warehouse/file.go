package warehouse

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
)

const memory = ":memory:"

func escape(s string) string { return url.QueryEscape(s) }

// prepareFile makes the directory, private, and an existing file too.
func prepareFile(path string) error {
	if path == memory {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return makePrivate(path)
}

// makePrivate sets the mode of the file and of its log. DuckDB gives both the mode that the umask
// leaves, refuses an empty file that somebody else made, and makes its log anew after a
// checkpoint; so this runs after opening and after every run. While a run goes on, only the
// directory's own mode keeps others from a new log.
func makePrivate(path string) error {
	if path == "" || path == memory {
		return nil
	}
	for _, name := range []string{path, path + ".wal"} {
		if err := os.Chmod(name, 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
