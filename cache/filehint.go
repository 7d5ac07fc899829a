//go:build cgo

package cache

import (
	"errors"

	"github.com/mattn/go-sqlite3"
)

// fileHint says what helps against an error of SQLite.
func fileHint(err error) string {
	var storage sqlite3.Error
	if !errors.As(err, &storage) {
		return ""
	}
	switch storage.Code {
	case sqlite3.ErrFull:
		return "free some space on the disk and run again"
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return "another program holds the file for writing"
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return "move the damaged file away: a new first sync restores everything but the history"
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrCantOpen, sqlite3.ErrIoErr:
		return "check the disk, and the permissions of the file and its directory"
	}
	return ""
}
