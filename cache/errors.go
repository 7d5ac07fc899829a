package cache

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// Sentinels that a caller can test for with errors.Is.
var (
	// ErrSyncRunning means that another run, in this or another process, holds the study's lock.
	ErrSyncRunning = errors.New("another run of this study is in progress")
	// ErrUnsettled means that the server's counts contradicted the rows it listed in three
	// consecutive rounds. Records that arrived are stored; nothing was removed and no mark moved.
	ErrUnsettled = errors.New("the server's counts and rows do not agree")
	// ErrNotSynced means that the mirror does not hold the requested data, because the study or the
	// resource has never been fully synced. Where that is because the keys may not read the resource, the error
	// is also [imednet.ErrForbidden].
	ErrNotSynced = errors.New("not in the mirror yet")
	// ErrNoClient means that the mirror was opened without a client and is therefore read-only.
	ErrNoClient = errors.New("the mirror was opened without a client")
	// ErrPurged means that Purge removed states that are still needed: those of a snapshot during
	// its iteration, or those that a follower has not yet seen.
	ErrPurged = errors.New("the required states were purged")
	// ErrStillReadable means that Purge removed the data but that their bytes can still be read in
	// the file's log, because another program holds a snapshot of the file.
	ErrStillReadable = errors.New("what was removed can still be read in the file's log, which is held by")
	// ErrNoFile means that the mirror is in a database server, whose own tools copy it.
	ErrNoFile = errors.New("the mirror is in a database server, whose own tools copy it")
	// ErrForeignFile means that the SQLite file belongs to another program.
	ErrForeignFile = sqlite.ErrForeignFile
	// ErrFileReplaced means that the mirror's file was replaced, removed or emptied after it was opened.
	ErrFileReplaced = sqlite.ErrReplaced
	// ErrEmptied means that there is a file without a single byte where a mirror is to be read.
	ErrEmptied = sqlite.ErrEmpty
	// ErrNewerSchema means that a newer version of this library wrote the file.
	ErrNewerSchema = sqlite.ErrNewerSchema
)

// noRightError is that the server refuses a resource to the keys that sync the study.
type noRightError struct{ since time.Time }

func (e noRightError) Error() string {
	return "the keys may not read it (403 since " + e.since.UTC().Format(time.RFC3339) + ")"
}

// Is makes the refusal the one that the server would give.
func (noRightError) Is(target error) bool { return target == imednet.ErrForbidden }

// wrap adds what the mirror was doing, for which study, and what to do about it. An error that this
// package has wrapped already stays as it is.
func wrap(op, study string, err error) error {
	var own *imednet.Error
	if err == nil || errors.As(err, &own) && own.Package == packageName {
		return err
	}
	return &imednet.Error{Package: packageName, Op: op, StudyKey: study, Err: err, Hint: hint(err)}
}

// recordError is wrap for what failed on one record.
func recordError(study string, record int64, err error, hint string) error {
	return &imednet.Error{Package: packageName, Op: "read", StudyKey: study, RecordID: record, Err: err, Hint: hint}
}

const packageName = "cache"

// hint says what helps against an error.
func hint(err error) string {
	var mass *MassDeletionError
	switch {
	case errors.As(err, &mass):
		return mass.hint()
	case errors.Is(err, ErrSyncRunning):
		return "wait for it, or allow more time with WithLockTimeout"
	case errors.Is(err, ErrUnsettled):
		return "run again when the server is quiet"
	case errors.As(err, new(noRightError)):
		return "run SyncStudy with keys that may read it"
	case errors.Is(err, ErrNotSynced):
		return "run SyncStudy first"
	case errors.Is(err, ErrPurged):
		return "start over from version 0"
	case errors.Is(err, ErrBreaksCut):
		return "keep the cut, or allow it with PurgeOptions.BreakCuts"
	case errors.Is(err, ErrStillReadable):
		return "end that program's reading, and purge again"
	case errors.Is(err, ErrFileReplaced):
		return "open the mirror again"
	case errors.Is(err, ErrEmptied):
		return "put a copy of the mirror in its place; a new first sync restores everything but the history and the tombstones of purges"
	case errors.Is(err, ErrForeignFile):
		return "give the mirror a file of its own"
	case errors.Is(err, ErrNewerSchema):
		return "update this library"
	}
	return fileHint(err)
}

// MassDeletionError means that a run would have removed a suspiciously large part of the study, as
// after a lost permission or an empty response. Nothing was removed and no mark moved.
type MassDeletionError struct {
	StudyKey string
	Resource imednet.Resource // resource whose rows are missing; empty means records
	Held     int64            // rows that the mirror holds as listed
	Missing  int64            // of these, rows that the server no longer lists
	Empty    bool             // whether the server lists nothing at all
}

// Error states the numbers.
func (e *MassDeletionError) Error() string {
	what := cmp.Or(e.Resource, imednet.Records)
	if e.Empty {
		return fmt.Sprintf("the server lists no %s while the mirror holds %d; nothing was removed", what, e.Held)
	}
	return fmt.Sprintf("the server no longer lists %d of the %d %s held; nothing was removed", e.Missing, e.Held, what)
}

// hint says what to do when the rows really are gone.
func (e *MassDeletionError) hint() string {
	if e.Empty && e.Resource == "" {
		return "check what the keys may read; if the study really is empty, Purge it"
	}
	return "check what the keys may read; if the rows really are gone, run with SyncOptions.AllowMassDeletion"
}
