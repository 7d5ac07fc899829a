package cache

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/errtext"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// What a caller may branch on with errors.Is.
var (
	// ErrSyncRunning means that another run holds the study's lock, in this or another process.
	ErrSyncRunning = errors.New("another run of this study is under way")
	// ErrUnsettled means that the server's counts kept contradicting the rows it listed, three
	// rounds long. What arrived is stored; nothing was removed and no mark moved.
	ErrUnsettled = errors.New("the server's counts and rows would not agree")
	// ErrNotSynced means that the mirror does not hold what was asked for: the study, or its
	// structure, has never been taken over as a whole.
	ErrNotSynced = errors.New("not in the mirror yet")
	// ErrNoClient means that the mirror was opened without a client and can only be read.
	ErrNoClient = errors.New("the mirror was opened without a client")
	// ErrPurged means that a reading lost its snapshot: Purge removed states that it still needed.
	ErrPurged = errors.New("states that this reading needs were purged")
	// ErrForeignFile means that the SQLite file belongs to another program.
	ErrForeignFile = sqlite.ErrForeignFile
	// ErrNewerSchema means that a newer version of this library wrote the file.
	ErrNewerSchema = sqlite.ErrNewerSchema
)

// Error says what the mirror was doing, for which study, and what to do about it. Its text never
// holds subject data.
type Error struct {
	Op       string // "open", "sync", "reconcile", "structure", "read", "verify", "status", "purge", "backup"
	StudyKey string // empty when no study is concerned
	RecordID int64  // 0 when no single record is concerned
	Err      error
	Hint     string // what the operator can do; may be empty
}

// Error names the operation, the study, the record and the cause, and what to do about it.
func (e *Error) Error() string {
	return errtext.Text("cache", e.Op, e.Err.Error(), e.Hint, "study", e.StudyKey, "record", errtext.ID(e.RecordID))
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// wrap dresses an error; one that is dressed already keeps its first dress.
func wrap(op, study string, err error) error {
	var own *Error
	if err == nil || errors.As(err, &own) {
		return err
	}
	return &Error{Op: op, StudyKey: study, Err: err, Hint: hint(err)}
}

// hint says what helps against an error.
func hint(err error) string {
	switch {
	case errors.Is(err, ErrSyncRunning):
		return "wait for it, or give WithLockTimeout more time"
	case errors.Is(err, ErrUnsettled):
		return "run again when the server is quiet"
	case errors.Is(err, ErrNotSynced):
		return "run SyncRecords and SyncStructure first"
	case errors.Is(err, ErrForeignFile):
		return "name a file of its own for the mirror"
	case errors.Is(err, ErrNewerSchema):
		return "update this library"
	}
	return storageHint(err)
}

// storageHint says what helps against an error of SQLite.
func storageHint(err error) string {
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
		return "move the damaged file away: a new first sync restores all but the history"
	case sqlite3.ErrReadonly, sqlite3.ErrPerm, sqlite3.ErrCantOpen, sqlite3.ErrIoErr:
		return "look at the disk, and at the permissions of the file and its directory"
	}
	return ""
}

// MassDeletionError means that a run was about to take a suspicious share of the study for
// removed, as after a lost permission or an empty reply. Nothing was removed and no mark moved.
type MassDeletionError struct {
	StudyKey string
	Resource imednet.Resource // whose rows are missing; empty means records
	Held     int64            // rows that the mirror holds as listed by the server
	Missing  int64            // of them, how many the server no longer lists
	Empty    bool             // the server lists nothing at all
}

// Error gives the numbers, and what to do when the rows really are gone.
func (e *MassDeletionError) Error() string {
	if e.Empty && e.Resource == "" {
		return fmt.Sprintf("cache: the server lists no records of %s while the mirror holds %d; nothing was removed (check the keys' permissions; if the study really is empty, Purge it)", e.StudyKey, e.Held)
	}
	what := cmp.Or(e.Resource, imednet.Records)
	return fmt.Sprintf("cache: the server no longer lists %d of the %d %s held of %s; nothing was removed (check the keys' permissions; if they really are gone, run with SyncOptions.AllowMassDeletion)", e.Missing, e.Held, what, e.StudyKey)
}
