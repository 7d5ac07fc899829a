package expression

import (
	"fmt"
	"math"
	"strconv"

	"go.starlark.net/starlark"
)

// hashKey is the one notion of a key, Python's: two values have the same text exactly when they are
// equal keys. True, 1 and 1.0 are one key, text is never a number, a tuple is equal when its
// elements are. A date is none: whether it equals another depends on the precision of both. same is
// false for a number that is not equal to itself.
func hashKey(v starlark.Value) (key string, same bool, err error) {
	b, same, err := appendKey(nil, v, 0)
	return string(b), same, err
}

func appendKey(b []byte, v starlark.Value, depth int) (key []byte, same bool, err error) {
	if depth > maxDepth {
		return nil, false, errTooLarge
	}
	switch v := number(v).(type) {
	case starlark.NoneType:
		return append(b, 'N'), true, nil
	case starlark.String:
		b = append(b, 's')
		b = strconv.AppendInt(b, int64(len(v)), 10)
		return append(append(b, ':'), v...), true, nil
	case starlark.Int:
		return append(append(b, 'i'), v.String()...), true, nil
	case starlark.Float:
		return appendFloatKey(b, float64(v))
	case starlark.Tuple:
		b = append(b, '(')
		same = true
		for _, item := range v {
			var equal bool
			if b, equal, err = appendKey(b, item, depth+1); err != nil {
				return nil, false, err
			}
			same = same && equal
		}
		return append(b, ')'), same, nil
	}
	return nil, false, fmt.Errorf("%s cannot be a key%s", typeOf(v), keyHint(v))
}

func appendFloatKey(b []byte, f float64) (key []byte, same bool, err error) {
	switch {
	case math.IsNaN(f):
		return append(b, 'n'), false, nil
	case math.IsInf(f, 0) || f != math.Trunc(f):
		return strconv.AppendUint(append(b, 'f'), math.Float64bits(f), 16), true, nil
	}
	whole, err := starlark.NumberToInt(starlark.Float(f))
	return append(append(b, 'i'), whole.String()...), true, err
}

func keyHint(v starlark.Value) string {
	if isDate(v) {
		return ": compare dates with ==, or write str(…) around it"
	}
	return ""
}
