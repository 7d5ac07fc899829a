package ledger

import (
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/errtext"
)

// What a caller may branch on with errors.Is.
var (
	// ErrConflict means that the entry changed since it was read. Nothing was written.
	ErrConflict = errors.New("the entry was changed by someone else")
	// ErrLocked means that a lock was held elsewhere for the whole timeout.
	ErrLocked = errors.New("locked elsewhere")
	// ErrReentrant means that a function running in a transaction used the same stream again.
	ErrReentrant = errors.New("the stream is already in use by this transaction")
	// ErrBackward means that a mark would have gone back. Options allow it where it is meant.
	ErrBackward = errors.New("the mark would go back")
	// ErrDamaged means that the store cannot be understood. Nothing is overwritten.
	ErrDamaged = errors.New("the ledger is damaged")
	// ErrNotRecorded means that the entries were written, but not the record of the run.
	ErrNotRecorded = errors.New("the entries were written, but the run could not be added to the history")
)

// Error says what the ledger was doing, for which stream, and what to do about it.
type Error struct {
	Op       string // such as "transaction", "advance", "load"
	StudyKey string
	Stream   string
	Path     string // of a file store
	Copy     string // of a damaged file: where its bytes were saved
	Err      error
	Hint     string
}

// Error names the operation, the study, stream and file, and the cause.
func (e *Error) Error() string {
	cause := e.Err.Error()
	if e.Copy != "" {
		cause += "; its bytes are saved in " + e.Copy
	}
	return errtext.Text("ledger", e.Op, cause, e.Hint, "study", e.StudyKey, "stream", e.Stream, "file", e.Path)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Retryable is true for a conflict and for a lock that was held elsewhere, never for damage;
// otherwise the cause decides.
func (e *Error) Retryable() bool {
	switch {
	case errors.Is(e.Err, ErrDamaged):
		return false
	case errors.Is(e.Err, ErrConflict), errors.Is(e.Err, ErrLocked):
		return true
	}
	return imednet.Retryable(e.Err)
}

func wrap(op string, k Key, err error) error {
	if err == nil {
		return nil
	}
	var inner *Error
	if errors.As(err, &inner) && inner.StudyKey == "" && inner.Stream == "" {
		located := *inner
		located.Op, located.StudyKey, located.Stream = op+": "+inner.Op, k.StudyKey, k.Stream
		return &located
	}
	return &Error{Op: op, StudyKey: k.StudyKey, Stream: k.Stream, Err: err, Hint: hint(err)}
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
