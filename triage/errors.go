package triage

import (
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// Sentinels that a caller can test for with errors.Is. An unknown item is [imednet.ErrNotFound];
// invalid arguments are an *[imednet.ValidationError]. Only [ErrBusy] is retryable
// ([imednet.Retryable]).
var (
	// ErrVersionConflict means that the item has changed since the caller read it.
	// [ItemError.Current] is the current item.
	ErrVersionConflict = errors.New("the item has changed since it was read")
	// ErrTransition means that there is no transition from the item's status to the requested one.
	ErrTransition = errors.New("no such transition")
	// ErrClaimed means that another user has claimed the item. [ItemError.Current] says who and
	// until when.
	ErrClaimed = errors.New("the item is claimed by another user")
	// ErrOtherItem means that the item id or the fingerprint belongs to an item of another study,
	// or to an item other than the one named.
	ErrOtherItem = errors.New("the id or the fingerprint belongs to another item")
	// ErrIntegrity means that the content of the file contradicts its log. See [Verification].
	ErrIntegrity = errors.New("the triage log is not intact")
	// ErrNotImported means that the Python package wrote the file and it has not been imported.
	ErrNotImported = audit.ErrNotImported
	// ErrClockBack means that the clock is behind the newest entry by more than
	// [WithClockTolerance].
	ErrClockBack = audit.ErrClockBack
	// ErrSamePerson means that an action that requires a second person was attempted by the first.
	ErrSamePerson = audit.ErrSamePerson
	// ErrOnlyClaimed means that, with [WithTwoPersons], somebody who is only claimed attempted a
	// decision, or that the decision of the first person was by somebody who is only claimed.
	ErrOnlyClaimed = audit.ErrOnlyClaimed
	// ErrBusy means that other processes locked the file for the whole time set by [WithWait].
	ErrBusy = audit.ErrBusy
	// ErrForeignFile means that the file belongs to another program.
	ErrForeignFile = sqlite.ErrForeignFile
	// ErrNewerSchema means that a newer version of this library wrote the file.
	ErrNewerSchema = sqlite.ErrNewerSchema
)

const packageName = "triage"

// ItemError names the item that an error concerns. It is wrapped in the *[imednet.Error] that every
// call returns; find it with errors.As. Its text is only that of its cause, because callers choose
// ids.
type ItemError struct {
	ItemID  string
	Current *Item // current item with ErrVersionConflict, ErrTransition and ErrClaimed; otherwise nil
	Err     error
}

// Error returns the text of the cause.
func (e *ItemError) Error() string { return shown.Cause(e.Err) }

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
	e := audit.Failure(packageName, op, studyKey, err)
	if itemID != "" && !errors.As(e.Err, new(*ItemError)) {
		e.Err = &ItemError{ItemID: itemID, Err: e.Err}
	}
	return e
}
