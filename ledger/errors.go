package ledger

import (
	"errors"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/sentinel"
	"github.com/imednetgo/imednet/internal/shown"
)

// Sentinels that a caller can test for with errors.Is. [ErrConflict] and [ErrLocked] are retryable
// ([imednet.Retryable]); [ErrDamaged] is permanent.
var (
	// ErrConflict means that the entry has changed since it was read. Nothing was written.
	ErrConflict = sentinel.Retryable("the entry was changed by another program")
	// ErrLocked means that another process or goroutine held a lock for the whole timeout.
	ErrLocked = sentinel.Retryable("locked elsewhere")
	// ErrReentrant means that the function of a transaction used the same stream again.
	ErrReentrant = errors.New("the stream is already in use by this transaction")
	// ErrBackward means that a mark would have moved backward. Options can allow it.
	ErrBackward = errors.New("the mark would move backward")
	// ErrDamaged means that the store cannot be read as a ledger. Nothing is overwritten.
	ErrDamaged = sentinel.Permanent("the ledger is damaged")
	// ErrNotRecorded means that the entries were written, but the run was not added to the history.
	ErrNotRecorded = errors.New("the entries were written, but the run could not be added to the history")
)

const packageName = "ledger"

// DamageError is an [ErrDamaged] for a file whose bytes have been saved. It is wrapped in the
// *[imednet.Error] that every call returns; find it with errors.As.
type DamageError struct {
	Copy string // path of the saved bytes
	Err  error
}

// Error returns the text of the cause and the path of the copy.
func (e *DamageError) Error() string {
	text := shown.Cause(e.Err)
	if e.Copy != "" {
		text += "; its bytes are saved in " + e.Copy
	}
	return text
}

// Unwrap returns the cause.
func (e *DamageError) Unwrap() error { return e.Err }

// fileError is a failure at a file of a store.
func fileError(op, path string, err error, hint string) *imednet.Error {
	e := &imednet.Error{Package: packageName, Op: op, Err: err, Hint: hint}
	if path != "" {
		e.Place = "file " + path
	}
	return e
}

// wrap locates an error at a stream. An error of the store keeps its file and hint.
func wrap(op string, k Key, err error) error {
	if err == nil {
		return nil
	}
	located := imednet.Error{Package: packageName, Op: op, Err: err, Hint: hint(err)}
	var places []string
	if k.Stream != "" {
		places = append(places, "stream "+k.Stream)
	}
	var inner *imednet.Error
	if errors.As(err, &inner) && inner.Package == packageName && inner.StudyKey == "" {
		located = *inner
		located.Op = op + ": " + inner.Op
		if inner.Place != "" {
			places = append(places, inner.Place)
		}
	}
	located.StudyKey, located.Place = k.StudyKey, strings.Join(places, ", ")
	return &located
}

func hint(err error) string {
	switch {
	case errors.Is(err, ErrConflict):
		return "another program wrote this entry meanwhile; read it again and repeat the work"
	case errors.Is(err, ErrReentrant):
		return "use the transaction's own fields, or another stream"
	case errors.Is(err, ErrLocked):
		return "wait for the other run; a transaction must hand its own context on to calls made inside it"
	case errors.Is(err, ErrBackward):
		return "allow it explicitly if the data are to be read again from there"
	}
	return ""
}

// joined is errors.Join, except that an error on its own stays as it is.
func joined(err, other error) error {
	switch {
	case err == nil:
		return other
	case other == nil:
		return err
	}
	return errors.Join(err, other)
}
