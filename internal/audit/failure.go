package audit

import (
	"errors"

	"github.com/imednetgo/imednet"
)

// Sentinels that the audited stores share; each package gives them under its own name.
var (
	// ErrNotImported means that the Python package wrote the file and it has not been imported.
	ErrNotImported = errors.New("the file was written by the Python package and has not been imported")
	// ErrSamePerson means that an action that requires a second person was attempted by the first.
	ErrSamePerson = errors.New("a second person is needed")
	// ErrOnlyClaimed means that a decision that two persons make was attempted by somebody who is only
	// claimed, or concerns one by somebody who was.
	ErrOnlyClaimed = errors.New("a decision of two persons needs persons who are identified")
)

// Failure puts an error into an *imednet.Error of a package, unless it is in one, and adds the
// operation and the study where it does not name them.
func Failure(pkg, op, studyKey string, err error) *imednet.Error {
	var e *imednet.Error
	if !errors.As(err, &e) {
		e = &imednet.Error{Package: pkg, Err: err}
	}
	if e.Op == "" {
		e.Op = op
	}
	if e.StudyKey == "" {
		e.StudyKey = studyKey
	}
	return e
}
