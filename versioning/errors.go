package versioning

import (
	"errors"

	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/errtext"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// What a caller may branch on with errors.Is. An unknown commit is imednet.ErrNotFound; arguments
// and configurations that cannot be stored are a *imednet.ValidationError.
var (
	// ErrDuplicate means that the study's newest entry has the very same configuration.
	ErrDuplicate = errors.New("the configuration already exists as the head of the study's history")
	// ErrHeadMoved means that the study's history has grown since the caller read its head.
	// Error.Head is the head as it is.
	ErrHeadMoved = errors.New("the head of the study's history has moved")
	// ErrOtherStudy means that the configuration is of another study than the one named.
	ErrOtherStudy = errors.New("the configuration belongs to another study")
	// ErrIntegrity means that what is stored is not what was committed.
	ErrIntegrity = errors.New("integrity check failed")
	// ErrBusy means that other processes held the file for the whole of WithWait.
	ErrBusy = audit.ErrBusy
	// ErrForeignFile means that the file belongs to another program.
	ErrForeignFile = sqlite.ErrForeignFile
	// ErrNewerSchema means that a newer version of this library wrote the file.
	ErrNewerSchema = sqlite.ErrNewerSchema
)

// Error says what the store was doing, for which study and commit, and what to do about it. Its
// text holds no author, reason or part of a configuration.
type Error struct {
	Op       string // "open", "commit"
	StudyKey string // may be empty
	CommitID string // may be empty
	Hint     string // may be empty
	Head     *Head  // with ErrHeadMoved and ErrDuplicate: the head as it is
	Err      error
}

// Error names the operation, the study, the commit and the cause.
func (e *Error) Error() string {
	return errtext.Text("versioning", e.Op, e.Err.Error(), e.Hint, "study", e.StudyKey, "commit", e.CommitID)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Retryable is what imednet.Retryable reports: only a file that others held can be free later.
func (e *Error) Retryable() bool { return errors.Is(e.Err, ErrBusy) }

// wrap puts an error into an *Error, unless it is one, and fills in what it does not say.
func wrap(op, studyKey, commitID string, err error) error {
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
	if e.CommitID == "" {
		e.CommitID = commitID
	}
	return e
}
