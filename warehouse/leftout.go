package warehouse

import (
	"context"
	"errors"
	"iter"

	"github.com/imednetgo/imednet"
)

// noRight is the reason of Run.LeftOut.
const noRight = "the keys may not read it (403)"

// refusal is a 403 before the first row, when nothing was changed yet.
type refusal struct{ err error }

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

// begun reads the first row of a listing. All yields every row, that one included, once; the function stops it, and must be called.
func begun[T any](rows iter.Seq2[T, error]) (iter.Seq2[T, error], func(), error) {
	next, stop := iter.Pull2(rows)
	row, failure, more := next()
	if errors.Is(failure, imednet.ErrForbidden) {
		stop()
		return nil, nil, &refusal{failure}
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

// leaveOut lets a step pass over a stream that the keys may not read. lacking is called then.
func leaveOut(s step, lacking func(error)) step {
	do := s.do
	s.do = func(ctx context.Context, w *work) error {
		err := do(ctx, w)
		var refused *refusal
		if !errors.As(err, &refused) {
			return err
		}
		w.LeftOut = noRight
		lacking(refused.err)
		return nil
	}
	return s
}
