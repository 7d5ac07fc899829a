package rest

import (
	"fmt"

	"github.com/imednetgo/imednet"
)

// failed wraps a failure in the error that all packages share.
func failed(op, studyKey string, err error) error {
	return &imednet.Error{Package: "rest", Op: op, StudyKey: studyKey, Err: err}
}

// untrusted is a listing that could not be completed because its replies could not be trusted:
// kind is imednet.ErrProtocol or imednet.ErrUnstableListing, and cause says why, without data. The
// listing had come up to the rows from an id on; 0 is its start.
func (l *listing[T]) untrusted(kind, cause error, from int64) error {
	place := ""
	if from > 0 {
		place = fmt.Sprintf("from id %d", from)
	}
	return &imednet.Error{
		Package: "rest", Op: "list " + string(l.kind.Resource), StudyKey: l.study, Place: place, Err: fmt.Errorf("%w: %w", kind, cause),
		Hint: "the rows yielded so far are as the server showed them, but the listing is incomplete",
	}
}
