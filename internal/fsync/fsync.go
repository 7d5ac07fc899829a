// Package fsync makes the names in a directory durable. Syncing a file saves its bytes; that it
// has been created or renamed is saved with its directory.
package fsync

import (
	"errors"
	"os"
	"runtime"
)

// Dir syncs a directory.
func Dir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // a directory cannot be synced there
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
