package triage

import (
	"errors"

	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/errtext"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// What a caller may branch on with errors.Is. An unknown item is imednet.ErrNotFound; arguments
// that cannot be stored are a *imednet.ValidationError.
var (
	// ErrVersionConflict means that the item changed since the caller read it. Error.Current holds
	// it as it is.
	ErrVersionConflict = errors.New("the item has changed meanwhile")
	// ErrTransition means that a review does not go from the item's status to the one asked for.
	ErrTransition = errors.New("no such transition")
	// ErrClaimed means that another user holds the item. Error.Current says who and until when.
	ErrClaimed = errors.New("the item is claimed by another user")
	// ErrOtherItem means that the item id or the fingerprint belongs to an item of another study,
	// or to another item than the one named.
	ErrOtherItem = errors.New("the id or the fingerprint belongs to another item")
	// ErrIntegrity means that the file does not hold what its log says. See Verification.
	ErrIntegrity = errors.New("the triage log is not intact")
	// ErrBusy means that other processes held the file for the whole of WithWait.
	ErrBusy = audit.ErrBusy
	// ErrForeignFile means that the file belongs to another program.
	ErrForeignFile = sqlite.ErrForeignFile
	// ErrNewerSchema means that a newer version of this library wrote the file.
	ErrNewerSchema = sqlite.ErrNewerSchema
)

// Error says what the store was doing, and what to do about it. Its text holds no id, user or
// comment.
type Error struct {
	Op       string // "open", "update status"
	StudyKey string // may be empty
	ItemID   string // may be empty; not in the text, because callers choose it
	Hint     string // what to do about it; may be empty
	Current  *Item  // with ErrVersionConflict, ErrTransition and ErrClaimed: the item as it is
	Err      error
}

// Error names the operation, the study and the cause; no item, user or comment.
func (e *Error) Error() string {
	return errtext.Text("triage", e.Op, e.Err.Error(), e.Hint, "study", e.StudyKey)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Retryable is what imednet.Retryable reports: only a file that others held can be free later.
func (e *Error) Retryable() bool { return errors.Is(e.Err, ErrBusy) }

// wrap puts an error into an *Error, unless it is one.
func wrap(op, studyKey, itemID string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Err: err}
	}
	if e.Op == "" {
		e.Op = op
	}
	if e.StudyKey == "" {
		e.StudyKey = studyKey
	}
	if e.ItemID == "" {
		e.ItemID = itemID
	}
	return e
}
