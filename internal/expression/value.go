package expression

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"

	"go.starlark.net/starlark"
)

// Value is a value of an expression. The zero value is None.
type Value struct{ v starlark.Value }

func (v Value) starlark() starlark.Value {
	if v.v == nil {
		return starlark.None
	}
	return v.v
}

// Text returns a text.
func Text(s string) Value { return Value{starlark.String(s)} }

// Bool returns True or False.
func Bool(b bool) Value { return Value{starlark.Bool(b)} }

// Whole returns a whole number of at most 1000 digits, written in decimal without a plus sign.
func Whole(text string) (v Value, ok bool) {
	if strings.Trim(text, "-0123456789") != "" || len(text) > maxDigits {
		return Value{}, false
	}
	i, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return Value{}, false
	}
	return Value{starlark.MakeBigInt(i)}, true
}

// Float returns a floating-point number.
func Float(f float64) Value { return Value{starlark.Float(f)} }

// Day returns a full or partial date; nil is None.
func Day(d Date) Value {
	if d == nil {
		return Value{}
	}
	return Value{date{d}}
}

// List returns a list.
func List(items []Value) Value {
	list := make([]starlark.Value, len(items))
	for i, item := range items {
		list[i] = item.starlark()
	}
	return Value{starlark.NewList(list)}
}

// Dict returns a dictionary; of a repeated key the last value counts, at the place of the first.
func Dict(keys []string, values []Value) Value {
	d := newDict(len(keys))
	for i, key := range keys {
		_ = d.set(starlark.String(key), values[i].starlark()) // text is always a key
	}
	return Value{d}
}

// Number is Python's text of a number that an expression gave.
type Number string

// Scalar returns what an expression may give: nil for None, a string, a bool, a [Number] or a [Date].
// Anything else, and a number that is not finite, is an error that names the type alone.
func (v Value) Scalar() (any, error) {
	switch x := v.starlark().(type) {
	case starlark.NoneType:
		return nil, nil
	case starlark.String:
		return string(x), nil
	case starlark.Bool:
		return bool(x), nil
	case date:
		return x.Date, nil
	case starlark.Int, starlark.Float:
		if f, ok := x.(starlark.Float); ok && (math.IsNaN(float64(f)) || math.IsInf(float64(f), 0)) {
			return nil, errors.New("the result is not a finite number")
		}
		text, err := pythonText(x)
		return Number(text), err
	}
	return nil, fmt.Errorf("the result is %s: a rule gives text, a number, a boolean, a date or None", v.Type())
}

// Text returns a text without the interface that [Value.Scalar] needs; ok is false for any other value.
func (v Value) Text() (text string, ok bool) {
	s, ok := v.v.(starlark.String)
	return string(s), ok
}

// Truth returns the value of True and False; ok is false for any other value.
func (v Value) Truth() (holds, ok bool) {
	b, ok := v.v.(starlark.Bool)
	return bool(b), ok
}

// IsNone reports whether the value is None.
func (v Value) IsNone() bool { return v.starlark() == starlark.None }

// Type names the value's type without the value, such as "a number".
func (v Value) Type() string { return typeOf(v.starlark()) }
