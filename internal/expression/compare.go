package expression

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

const errUndecided = unknowable("the dates overlap at their precision, so nothing can be said: test .complete first")

// number returns booleans as the whole numbers that they are in Python.
func number(v starlark.Value) starlark.Value {
	if b, ok := v.(starlark.Bool); ok {
		if b {
			return starlark.MakeInt(1)
		}
		return starlark.MakeInt(0)
	}
	return v
}

func isNumber(v starlark.Value) bool {
	switch v.(type) {
	case starlark.Int, starlark.Float:
		return true
	}
	return false
}

func isNaN(v starlark.Value) bool {
	f, ok := v.(starlark.Float)
	return ok && math.IsNaN(float64(f))
}

// equal is Python's ==: True == 1, 1 == 1.0, text never equals a number.
func equal(x, y starlark.Value, depth int) (bool, error) {
	if depth > maxDepth {
		return false, errTooLarge
	}
	if a, ok := x.(starlark.String); ok {
		if b, ok := y.(starlark.String); ok {
			return a == b, nil
		}
	}
	x, y = number(x), number(y)
	if isNaN(x) || isNaN(y) {
		return false, nil
	}
	if a, b, ok := asFloats(x, y); ok {
		return a == b, nil
	}
	dx, isDateX := x.(date)
	dy, isDateY := y.(date)
	switch {
	case isDateX && isDateY:
		order, decided := dx.Compare(dy.Date)
		if !decided {
			return false, errUndecided
		}
		return order == 0, nil
	case isDateX && y != starlark.None || isDateY && x != starlark.None:
		return false, fmt.Errorf("a date can be compared with a date only: write date(…) around %s", typeOf(otherThanDate(x, y)))
	}
	return equalObjects(x, y, depth)
}

// equalObjects is == of what is neither number nor date. Maps are equal as the dicts that they are in
// Python, a record and the context only to themselves.
func equalObjects(x, y starlark.Value, depth int) (bool, error) {
	switch a := x.(type) {
	case keyed, *dict:
		return equalMaps(a, y, depth)
	case set:
		b, ok := y.(set)
		return ok && maps.Equal(a.at, b.at), nil
	case object:
		b, ok := y.(object)
		return ok && a.name == b.name, nil
	case starlark.String:
		return a == y, nil
	case starlark.Indexable:
		b, ok := y.(starlark.Indexable)
		if !ok || x.Type() != y.Type() {
			return false, nil
		}
		return equalItems(a, b, depth)
	case starlark.Int, starlark.Float:
		return starlark.Equal(x, y)
	}
	return x == y, nil // None is one value
}

func equalMaps(x, y starlark.Value, depth int) (bool, error) {
	a, okX, err := asDict(x)
	if err != nil || !okX {
		return false, err
	}
	b, okY, err := asDict(y)
	if err != nil || !okY {
		return false, err
	}
	return equalDicts(a, b, depth)
}

func otherThanDate(x, y starlark.Value) starlark.Value {
	if _, ok := x.(date); ok {
		return y
	}
	return x
}

func equalItems(x, y starlark.Indexable, depth int) (bool, error) {
	if x.Len() != y.Len() {
		return false, nil
	}
	for i := range x.Len() {
		same, err := equal(x.Index(i), y.Index(i), depth+1)
		if err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// compare is Python's ordering: numbers with numbers, text with text, dates with dates.
func compare(op syntax.Token, x, y starlark.Value) (bool, error) {
	if a, ok := x.(starlark.Float); ok {
		if b, ok := y.(starlark.Float); ok {
			return !math.IsNaN(float64(a)) && !math.IsNaN(float64(b)) && ordered(op, cmp.Compare(a, b)), nil
		}
		if b, ok := exactFloat(y); ok {
			return !math.IsNaN(float64(a)) && ordered(op, cmp.Compare(float64(a), b)), nil
		}
	}
	x, y = number(x), number(y)
	dx, isDateX := x.(date)
	dy, isDateY := y.(date)
	switch {
	case isDateX && isDateY:
		order, decided := dx.Compare(dy.Date)
		if !decided {
			return false, errUndecided
		}
		return ordered(op, order), nil
	case isNumber(x) && isNumber(y):
		if isNaN(x) || isNaN(y) {
			return false, nil
		}
		if a, b, ok := asFloats(x, y); ok {
			return ordered(op, cmp.Compare(a, b)), nil
		}
		return starlark.Compare(op, x, y)
	case isText(x) && isText(y):
		return starlark.Compare(op, x, y)
	}
	return false, fmt.Errorf("cannot order %s and %s: %s", typeOf(x), typeOf(y), orderHint(x, y))
}

// exactFloats bounds the whole numbers that a float64 holds exactly.
const exactFloats = 1 << 53

// asFloats returns two numbers as floats where that changes neither: it spares the detour over
// rational numbers that comparing a whole number with a float takes.
func asFloats(x, y starlark.Value) (a, b float64, ok bool) {
	a, okA := exactFloat(x)
	b, okB := exactFloat(y)
	return a, b, okA && okB
}

func exactFloat(v starlark.Value) (float64, bool) {
	switch v := v.(type) {
	case starlark.Float:
		return float64(v), true
	case starlark.Int:
		i, ok := v.Int64()
		return float64(i), ok && i > -exactFloats && i < exactFloats
	}
	return 0, false
}

func ordered(op syntax.Token, order int) bool {
	switch op {
	case syntax.LT:
		return order < 0
	case syntax.LE:
		return order <= 0
	case syntax.GT:
		return order > 0
	}
	return order >= 0
}

func orderHint(x, y starlark.Value) string {
	switch {
	case x == starlark.None || y == starlark.None:
		return "test for None first"
	case isDate(x) || isDate(y):
		return "write date(…) around the other"
	}
	return "write float(…) around text"
}

func isDate(v starlark.Value) bool {
	_, ok := v.(date)
	return ok
}

func isText(v starlark.Value) bool {
	_, ok := v.(starlark.String)
	return ok
}

// contains is Python's in.
func contains(x, container starlark.Value) (bool, error) {
	switch c := container.(type) {
	case starlark.String:
		part, ok := x.(starlark.String)
		if !ok {
			return false, fmt.Errorf("only text can be in a text, not %s", typeOf(x))
		}
		return strings.Contains(string(c), string(part)), nil
	case starlark.Indexable:
		for i := range c.Len() {
			same, err := equal(c.Index(i), x, 0)
			if same || err != nil {
				return same, err
			}
		}
		return false, nil
	case set:
		return c.has(x)
	case starlark.Mapping:
		_, found, err := c.Get(x)
		return found, err
	}
	return false, fmt.Errorf("in needs a list, a map or a text on its right, not %s", typeOf(container))
}

// typeOf names a value's type without the value.
func typeOf(v starlark.Value) string {
	switch v := v.(type) {
	case starlark.NoneType:
		return "None"
	case starlark.String:
		return "text"
	case starlark.Int, starlark.Float:
		return "a number"
	case starlark.Bool:
		return "a boolean"
	case date:
		return "a date"
	case *starlark.List, starlark.Tuple:
		return "a list"
	default:
		return "a " + v.Type()
	}
}
