package expression

import (
	"errors"

	"go.starlark.net/starlark"
)

// Bounds of one evaluation. That each part runs at most once bounds no memory: text doubled thirty times is
// thirty parts.
const (
	maxResultBytes = 1 << 20 // of one intermediate value
	maxTotalBytes  = 8 << 20 // of all values that one evaluation makes
	maxNumberBits  = 4096
	elementBytes   = 16 // of one element of a list, at least
)

var (
	errTooLarge  = errors.New("a value grows over 1 MiB")
	errTooMuch   = errors.New("the expression makes more than 8 MiB of values")
	errBigNumber = errors.New("a whole number grows over 4096 bits")
)

// budget counts what an evaluation has made.
type budget struct {
	spent int
	open  bool // study_day or treatment_emergent gave None
}

// noteOpen remembers that dates left something open.
func noteOpen(thread *starlark.Thread) {
	if b, ok := thread.Local(budgetKey).(*budget); ok {
		b.open = true
	}
}

const budgetKey = "budget"

// grow is asked before a value of about n bytes is made.
func grow(thread *starlark.Thread, n int) error {
	if n < 0 || n > maxResultBytes {
		return errTooLarge
	}
	b, ok := thread.Local(budgetKey).(*budget)
	if !ok {
		return errTooMuch
	}
	if b.spent += n; b.spent > maxTotalBytes {
		return errTooMuch
	}
	return nil
}

// sizeOf is about the number of bytes that a value holds.
func sizeOf(v starlark.Value) int {
	switch v := v.(type) {
	case starlark.String:
		return len(v)
	case starlark.Indexable:
		size := 0
		for i := range v.Len() {
			size += elementBytes + sizeOf(v.Index(i))
			if size > maxTotalBytes {
				return size
			}
		}
		return size
	case *dict:
		size := 0
		for i, key := range v.keys {
			size += 4*elementBytes + sizeOf(key) + sizeOf(v.values[i])
		}
		return size
	}
	return elementBytes
}
