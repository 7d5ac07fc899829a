package warehouse

import (
	"context"
	"errors"
	"iter"

	"github.com/imednetgo/imednet"
)

// The reasons of Run.LeftOut.
const (
	noRight = "the keys may not read it (403)"
	notHeld = "the source does not hold it"
)

// lack is an error before the first row of a stream, when nothing was changed yet.
type lack struct{ err error }

func (l *lack) Error() string { return l.err.Error() }
func (l *lack) Unwrap() error { return l.err }

// begun reads the first row of a listing. All yields every row, that one included, once; the function stops it, and must be called.
func begun[T any](rows iter.Seq2[T, error]) (iter.Seq2[T, error], func(), error) {
	next, stop := iter.Pull2(rows)
	row, failure, more := next()
	if failure != nil {
		stop()
		return nil, nil, &lack{failure}
	}
	all := func(yield func(T, error) bool) {
		for ; more; row, failure, more = next() {
			if !yield(row, failure) {
				return
			}
		}
	}
	return all, stop, nil
}

// leaveOut lets a step pass over a stream that the keys may not read, or that is absent from the source. lacking is called then.
func leaveOut(s step, absent func(error) bool, lacking func(error)) step {
	do := s.do
	s.do = func(ctx context.Context, w *work) error {
		err := do(ctx, w)
		var l *lack
		if !errors.As(err, &l) {
			return err
		}
		switch {
		case errors.Is(l.err, imednet.ErrForbidden):
			w.LeftOut = noRight
		case absent != nil && absent(l.err):
			w.LeftOut = notHeld
		default:
			return l.err
		}
		lacking(l.err)
		return nil
	}
	return s
}
