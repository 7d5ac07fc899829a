package ledger

import (
	"errors"
	"io/fs"
	"slices"
	"syscall"

	"github.com/imednetgo/imednet/internal/filelock"
)

// lockNames are the Python package's names of the locks of a ledger's paths, each once, in the order of the paths. A path
// comes before what it leads to, so that nobody waits for who waits for them.
func lockNames(paths []string) (names []string) {
	for _, path := range paths {
		if name := lockName(path); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// heldFiles are locks of one ledger.
type heldFiles []*filelock.Lock

func (h heldFiles) release() (err error) {
	for _, lock := range slices.Backward(h) {
		err = errors.Join(err, lock.Release())
	}
	return err
}

// unusable reports whether a lock can be made in its directory by nobody like us. Beside a symbolic link that is no fault: a
// program that was given the link can neither lock nor replace it there.
func unusable(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// tryAll takes all locks, or none.
func tryAll(names []string) (h heldFiles, ok bool, err error) {
	for _, name := range names {
		lock, ok, err := filelock.Try(name, filelock.Exclusive)
		if unusable(err) && name != names[len(names)-1] {
			continue
		}
		if err != nil || !ok {
			return nil, false, errors.Join(err, h.release())
		}
		h = append(h, lock)
	}
	return h, true, nil
}
