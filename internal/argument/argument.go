// Package argument refuses wrong arguments in one way: all packages return the same kind of error
// for a nil client, a nil clock and a bad option.
package argument

import (
	"reflect"

	"github.com/imednetgo/imednet"
)

// Required is nil when there is a value, and otherwise says that the argument of the function is
// nil. A nil pointer, function, map or channel in an interface is no value either; a nil slice is an empty one.
func Required(function, name string, value any) error {
	if !isNil(value) {
		return nil
	}
	return Invalid(function, name, "is nil")
}

// Named is nil when there is text other than white space, and otherwise says that the argument of the
// function (a path, a study key) is blank.
func Named(function, name, text string) error {
	if !imednet.IsBlank(text) {
		return nil
	}
	return Invalid(function, name, "is blank")
}

// Invalid says what is wrong with an argument of a function, such as "queries.NewQueryManagement".
// The message completes the name: "must not be negative". It holds no subject data.
func Invalid(function, name, message string) error {
	return &imednet.ValidationError{What: "argument of " + function, Problems: []imednet.Problem{{Path: name, Message: message}}}
}

// Options applies the options of a function, such as "queries.NewQueryManagement", in their order. A nil
// option is refused as any argument that is nil.
func Options[T any, O ~func(T) error](function string, to T, opts []O) error {
	for _, opt := range opts {
		if err := Required(function, "opts", opt); err != nil {
			return err
		}
		if err := opt(to); err != nil {
			return err
		}
	}
	return nil
}

func isNil(value any) bool {
	if value == nil {
		return true
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Pointer, reflect.Func, reflect.Map, reflect.Chan, reflect.Interface:
		return v.IsNil()
	}
	return false
}
