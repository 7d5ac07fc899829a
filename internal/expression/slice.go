package expression

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"
)

var errNoKey = errors.New("there is no such key: write .get(…) where it may be missing")

// index is x[i].
func index(x, key starlark.Value) (starlark.Value, error) {
	switch x := x.(type) {
	case starlark.String, *starlark.List, starlark.Tuple:
		i, err := starlark.AsInt32(number(key))
		if err != nil {
			return nil, fmt.Errorf("an index is a whole number, not %s", typeOf(key))
		}
		n := lengthOf(x)
		if i < 0 {
			i += n
		}
		if i < 0 || i >= n {
			return nil, errors.New("the index is out of range")
		}
		return sliceOf(x, i, i+1, 1, true), nil
	case starlark.Mapping:
		v, found, err := x.Get(key)
		if err == nil && !found {
			err = errNoKey
		}
		return v, err
	case starlark.NoneType:
		return nil, errors.New("a missing value (None) cannot be indexed: test for None first")
	}
	return nil, fmt.Errorf("%s cannot be indexed", typeOf(x))
}

// lengthOf is len() of text and lists; -1 for anything else.
func lengthOf(x starlark.Value) int {
	switch x := x.(type) {
	case starlark.String:
		return characters(string(x))
	case starlark.Sequence:
		return x.Len()
	case keyed:
		return x.size()
	case *dict:
		return len(x.keys)
	}
	return -1
}

// slice is x[lo:hi:step] with Python's rules for what is out of range.
func slice(thread *starlark.Thread, x starlark.Value, bounds starlark.Tuple) (starlark.Value, error) {
	switch x.(type) {
	case starlark.String, *starlark.List, starlark.Tuple:
	default:
		return nil, fmt.Errorf("%s cannot be cut", typeOf(x))
	}
	n, step := lengthOf(x), 1
	var parts [3]*int
	for i, b := range bounds {
		if b == starlark.None {
			continue
		}
		v, err := starlark.AsInt32(number(b))
		if err != nil {
			return nil, errors.New("bounds of a cut are whole numbers")
		}
		parts[i] = &v
	}
	if parts[2] != nil {
		step = *parts[2]
	}
	if step == 0 {
		return nil, errors.New("the step of a cut cannot be 0")
	}
	lo, hi := 0, n
	if step < 0 {
		lo, hi = n-1, -1
	}
	lo, hi = clamp(parts[0], lo, n, step), clamp(parts[1], hi, n, step)
	if err := grow(thread, sizeOf(x)); err != nil {
		return nil, err
	}
	return sliceOf(x, lo, hi, step, false), nil
}

func clamp(given *int, otherwise, n, step int) int {
	if given == nil {
		return otherwise
	}
	i := *given
	if i < 0 {
		i += n
	}
	if step < 0 {
		return max(-1, min(i, n-1))
	}
	return max(0, min(i, n))
}

// sliceOf picks elements; one means the single element itself.
func sliceOf(x starlark.Value, lo, hi, step int, one bool) starlark.Value {
	if s, ok := x.(starlark.String); ok {
		runes := []rune(nil)
		ascii := isASCII(string(s))
		if ascii && step == 1 {
			return s[lo:max(lo, hi)]
		}
		all := []rune(string(s))
		for i := lo; step > 0 && i < hi || step < 0 && i > hi; i += step {
			runes = append(runes, all[i])
		}
		return starlark.String(runes)
	}
	list := x.(starlark.Indexable)
	if one {
		return list.Index(lo)
	}
	var items []starlark.Value
	for i := lo; step > 0 && i < hi || step < 0 && i > hi; i += step {
		items = append(items, list.Index(i))
	}
	if _, ok := x.(starlark.Tuple); ok {
		return starlark.Tuple(slices.Clip(items))
	}
	return starlark.NewList(items)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// characters is len(): Python counts characters, not bytes.
func characters(s string) int { return utf8.RuneCountInString(s) }
