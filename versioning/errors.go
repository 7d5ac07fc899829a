package versioning

import (
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// Sentinels that a caller can test for with errors.Is. An unknown commit is [imednet.ErrNotFound];
// invalid arguments and configurations are an *[imednet.ValidationError]. Only [ErrBusy] is
// retryable ([imednet.Retryable]).
var (
	// ErrDuplicate means that the study's newest entry has exactly the same configuration. It is
	// wrapped in a *[HeadError].
	ErrDuplicate = errors.New("the configuration already exists as the head of the study's history")
	// ErrHeadMoved means that the study's history has grown since the caller read its head. It is
	// wrapped in a *[HeadError], which holds the current head.
	ErrHeadMoved = errors.New("the head of the study's history has moved")
	// ErrOtherStudy means that the configuration belongs to a study other than the one named.
	ErrOtherStudy = errors.New("the configuration belongs to another study")
	// ErrIntegrity means that the stored data are not what was committed.
	ErrIntegrity = errors.New("integrity check failed")
	// ErrRollback means that the configuration is an earlier one of the study's history.
	// [CommitOptions.AllowRollback] permits committing it.
	ErrRollback = errors.New("the configuration is an earlier one of the study's history")
	// ErrStrangers means that the file has commits without entries. See
	// [ConfigVersionStore.ImportCommits].
	ErrStrangers = errors.New("the file has commits that another program wrote")
	// ErrNotImported means that the Python package wrote the file, and it has not been imported.
	ErrNotImported = audit.ErrNotImported
	// ErrClockBack means that the clock is behind the newest entry by more than
	// [WithClockTolerance].
	ErrClockBack = audit.ErrClockBack
	// ErrSamePerson means that an action that requires a second person was attempted by the first.
	ErrSamePerson = audit.ErrSamePerson
	// ErrOnlyClaimed means that, with [WithTwoPersons], somebody who is only claimed attempted a
	// decision, or that the decision of the first person was by somebody who is only claimed.
	ErrOnlyClaimed = audit.ErrOnlyClaimed
	// ErrNotReviewed means that the commit has not been reviewed since it was last committed.
	ErrNotReviewed = errors.New("the commit has not been reviewed")
	// ErrNotApproved means that the commit has not been approved since it was last committed.
	ErrNotApproved = errors.New("the commit has not been approved")
	// ErrBusy means that other processes locked the file for the whole time set by [WithWait].
	ErrBusy = audit.ErrBusy
	// ErrForeignFile means that the file belongs to another program.
	ErrForeignFile = sqlite.ErrForeignFile
	// ErrNewerSchema means that a newer version of this library wrote the file.
	ErrNewerSchema = sqlite.ErrNewerSchema
)

const packageName = "versioning"

// HeadError reports a commit that was refused because of the head of the study's history. It is
// wrapped in the *[imednet.Error] that every call returns; find it with errors.As.
type HeadError struct {
	Head Head // current head
	Err  error
}

// Error is the cause's text.
func (e *HeadError) Error() string { return shown.Cause(e.Err) }

// Unwrap returns the cause.
func (e *HeadError) Unwrap() error { return e.Err }

// refuse is an error with a hint; wrap completes it.
func refuse(err error, hint string) *imednet.Error {
	return &imednet.Error{Package: packageName, Err: err, Hint: hint}
}

// wrap puts an error into an *imednet.Error, unless it is one, and adds what it does not say. Its
// text holds no author, reason or part of a configuration.
func wrap(op, studyKey, commitID string, err error) error {
	if err == nil {
		return nil
	}
	e := audit.Failure(packageName, op, studyKey, err)
	if e.Place == "" && commitID != "" {
		e.Place = "commit " + commitID
	}
	return e
}
