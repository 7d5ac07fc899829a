package versioning

import (
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// What a caller may branch on with errors.Is. An unknown commit is imednet.ErrNotFound; arguments
// and configurations that cannot be stored are a *imednet.ValidationError. Only ErrBusy passes by
// waiting (imednet.Retryable).
var (
	// ErrDuplicate means that the study's newest entry has the very same configuration. It is a
	// *HeadError.
	ErrDuplicate = errors.New("the configuration already exists as the head of the study's history")
	// ErrHeadMoved means that the study's history has grown since the caller read its head. It is
	// a *HeadError, which holds the head as it is.
	ErrHeadMoved = errors.New("the head of the study's history has moved")
	// ErrOtherStudy means that the configuration is of another study than the one named.
	ErrOtherStudy = errors.New("the configuration belongs to another study")
	// ErrIntegrity means that what is stored is not what was committed.
	ErrIntegrity = errors.New("integrity check failed")
	// ErrRollback means that the study's history already has the configuration, further back.
	// CommitOptions.AllowRollback permits it.
	ErrRollback = errors.New("the configuration is an earlier one of the study's history")
	// ErrStrangers means that the file has commits that no entry names. See ImportCommits.
	ErrStrangers = errors.New("the file has commits that another program wrote")
	// ErrNotImported means that the Python package wrote the file, and nobody has taken it over.
	ErrNotImported = errors.New("the file was written by the Python package and has not been imported")
	// ErrClockBack means that the clock is further behind the newest entry than WithClockTolerance.
	ErrClockBack = audit.ErrClockBack
	// ErrSamePerson means that the second person of two is the first.
	ErrSamePerson = errors.New("a second person is needed")
	// ErrNotReviewed means that nobody has reviewed the commit since it was committed last.
	ErrNotReviewed = errors.New("the commit has not been reviewed")
	// ErrBusy means that other processes held the file for the whole of WithWait.
	ErrBusy = audit.ErrBusy
	// ErrForeignFile means that the file belongs to another program.
	ErrForeignFile = sqlite.ErrForeignFile
	// ErrNewerSchema means that a newer version of this library wrote the file.
	ErrNewerSchema = sqlite.ErrNewerSchema
)

const packageName = "versioning"

// HeadError is a commit that was refused because of what a study's history ends with. It stands
// beneath the *imednet.Error that every call returns; find it with errors.As.
type HeadError struct {
	Head Head // the head as it is
	Err  error
}

// Error is the cause's text.
func (e *HeadError) Error() string { return e.Err.Error() }

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
	if e.Place == "" && commitID != "" {
		e.Place = "commit " + commitID
	}
	return e
}
