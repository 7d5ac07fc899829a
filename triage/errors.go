package triage

import (
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// What a caller may branch on with errors.Is. An unknown item is imednet.ErrNotFound; arguments
// that cannot be stored are a *imednet.ValidationError. Only ErrBusy passes by waiting
// (imednet.Retryable).
var (
	// ErrVersionConflict means that the item changed since the caller read it. ItemError.Current
	// holds it as it is.
	ErrVersionConflict = errors.New("the item has changed meanwhile")
	// ErrTransition means that a review cannot move from the item's status to the one requested.
	ErrTransition = errors.New("no such transition")
	// ErrClaimed means that another user holds the item. ItemError.Current says who and until when.
	ErrClaimed = errors.New("the item is claimed by another user")
	// ErrOtherItem means that the item id or the fingerprint belongs to an item of another study,
	// or to another item than the one named.
	ErrOtherItem = errors.New("the id or the fingerprint belongs to another item")
	// ErrIntegrity means that the file does not hold what its log says. See Verification.
	ErrIntegrity = errors.New("the triage log is not intact")
	// ErrNotImported means that the Python package wrote the file, and nobody has taken it over.
	ErrNotImported = errors.New("the file was written by the Python package and has not been imported")
	// ErrClockBack means that the clock is further behind the newest entry than WithClockTolerance.
	ErrClockBack = audit.ErrClockBack
	// ErrSamePerson means that the second person of two is the first.
	ErrSamePerson = errors.New("a second person is needed")
	// ErrBusy means that other processes held the file for the whole of WithWait.
	ErrBusy = audit.ErrBusy
	// ErrForeignFile means that the file belongs to another program.
	ErrForeignFile = sqlite.ErrForeignFile
	// ErrNewerSchema means that a newer version of this library wrote the file.
	ErrNewerSchema = sqlite.ErrNewerSchema
)

const packageName = "triage"

// ItemError says which item an error concerns. It stands beneath the *imednet.Error that every
// call returns; find it with errors.As. Its text is its cause's alone, because callers choose ids.
type ItemError struct {
	ItemID  string
	Current *Item // with ErrVersionConflict, ErrTransition and ErrClaimed: the item as it is; else nil
	Err     error
}

// Error is the cause's text.
func (e *ItemError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ItemError) Unwrap() error { return e.Err }

// refuse is an error with a hint; wrap completes it.
func refuse(err error, hint string) *imednet.Error {
	return &imednet.Error{Package: packageName, Err: err, Hint: hint}
}

// wrap puts an error into an *imednet.Error, unless it is one, and adds what it does not say.
func wrap(op, studyKey, itemID string, err error) error {
	if err == nil {
		return nil
	}
	var e *imednet.Error
	if !errors.As(err, &e) {
		e = refuse(err, "")
	}
	if e.Op == "" {
		e.Op = op
	}
	if e.StudyKey == "" {
		e.StudyKey = studyKey
	}
	if itemID != "" && !errors.As(e.Err, new(*ItemError)) {
		e.Err = &ItemError{ItemID: itemID, Err: e.Err}
	}
	return e
}
