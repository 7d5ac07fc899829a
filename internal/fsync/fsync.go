// Package fsync makes the names in a directory durable. Syncing a file saves its bytes; that it
// has been created or renamed is saved with its directory.
package fsync

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Dir syncs a directory. Some file systems cannot, and say so; that is no error.
func Dir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // a directory cannot be synced there
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrInvalid) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// File makes a file that is complete durable: its bytes, and its name in its directory.
func File(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close(), Dir(filepath.Dir(path)))
}
