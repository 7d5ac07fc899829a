package filelock

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// Claim is an exclusive lock whose file is removed when it is given back, for directories in which no
// lock file should stay behind.
type Claim struct{ f *flock.Flock }

// TryClaim takes the claim if it is free. The file is created with mode 0600, its directory with 0700.
func TryClaim(path string) (*Claim, bool, error) {
	for {
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if errors.Is(err, os.ErrExist) { // MkdirAll found the directory and then did not: it was just removed
			continue
		}
		if err != nil {
			return nil, false, err
		}
		f := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
		held, err := f.TryLock()
		switch {
		case errors.Is(err, os.ErrNotExist): // the directory was removed in between
			continue
		case err != nil:
			return nil, false, fmt.Errorf("lock %s: %w", path, err)
		case !held:
			return nil, false, f.Close()
		case stands(f):
			return &Claim{f}, true, nil
		}
		if err := f.Close(); err != nil {
			return nil, false, err
		}
	}
}

// stands reports whether a lock is still that of its path: the holder before may have removed the file
// while this process waited for it.
func stands(f *flock.Flock) bool {
	held, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(f.Path())
	return err == nil && os.SameFile(held, named)
}

// Release gives the claim back. Where an open file cannot be removed, it goes after it is closed.
func (c *Claim) Release() error {
	kept := os.Remove(c.f.Path()) != nil
	err := c.f.Close()
	if kept {
		_ = os.Remove(c.f.Path())
	}
	return err
}
