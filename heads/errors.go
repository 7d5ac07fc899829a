package heads

import (
	"errors"

	"github.com/imednetgo/imednet"
)

var (
	// ErrEmpty means that a place holds no heads: nothing can be proven with it.
	ErrEmpty = errors.New("the place holds no heads")
	// ErrNoneOfStore means that a place holds heads, but none of the store that was asked for.
	ErrNoneOfStore = errors.New("the place holds no head of the store")
	// ErrIntegrity means that files of a place were altered or removed, or are not signed by a
	// permitted key. [Kept.Problems] names them.
	ErrIntegrity = errors.New("the kept heads are not intact")
)

func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return &imednet.Error{Package: "heads", Op: op, Err: err}
}
