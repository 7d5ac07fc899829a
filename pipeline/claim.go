package pipeline

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/internal/filelock"
)

// ErrBusy means that another writer, of this or another process, is writing a data set of the same
// prefix to the directory.
var ErrBusy = errors.New("another writer is writing to the directory with this prefix")

func claimName(prefix string) string { return "." + prefix + ".lock" }

// claim takes the right to write the files of a prefix in a directory, which it makes. The returned
// function gives it back and leaves neither a lock file nor directories that are empty and were not there.
func claim(dir, prefix string) (release func() error, err error) {
	made := missing(dir)
	held, ok, err := filelock.TryClaim(filepath.Join(dir, claimName(prefix)))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrBusy
	}
	return func() error {
		err := held.Release()
		for _, d := range made {
			_ = os.Remove(d) // not if it holds anything
		}
		return err
	}, nil
}

// missing lists a directory and those above it that do not exist, the deepest first.
func missing(dir string) (dirs []string) {
	for {
		if _, err := os.Lstat(dir); err == nil || dir == filepath.Dir(dir) {
			return dirs
		}
		dirs, dir = append(dirs, dir), filepath.Dir(dir)
	}
}
