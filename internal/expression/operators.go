package expression

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// helper is a function of Go that a tree can call. min and max bound its arguments; max < 0 is
// no bound.
type helper struct {
	min, max int
	run      func(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error)
}

// helpers builds everything that a tree can call.
func helpers(host Host) map[string]helper {
	all := map[string]helper{}
	addOperators(all)
	addFunctions(all, host)
	return all
}

func (h helper) call(name string, thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
	if len(args) < h.min || h.max >= 0 && len(args) > h.max {
		return nil, fmt.Errorf("%s takes %s", strings.TrimPrefix(name, "%"), h.arity())
	}
	return h.run(thread, args)
}

func (h helper) arity() string {
	switch {
	case h.max < 0:
		return fmt.Sprintf("%d or more arguments", h.min)
	case h.min == h.max:
		return fmt.Sprintf("%d arguments", h.min)
	}
	return fmt.Sprintf("%d to %d arguments", h.min, h.max)
}

func addOperators(all map[string]helper) {
	for op, token := range map[string]syntax.Token{"+": syntax.PLUS, "-": syntax.MINUS, "*": syntax.STAR, "/": syntax.SLASH, "//": syntax.SLASHSLASH, "%": syntax.PERCENT} {
		all["%"+op] = helper{2, 2, func(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
			return arithmetic(thread, token, args[0], args[1])
		}}
	}
	for op, holds := range relations {
		all["%"+op] = helper{2, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
			is, err := holds(args[0], args[1])
			return starlark.Bool(is), err
		}}
	}
	for op, token := range map[string]syntax.Token{"-": syntax.MINUS, "+": syntax.PLUS} {
		all["%unary"+op] = helper{1, 1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
			return unary(token, args[0])
		}}
	}
	all["%**"] = helper{2, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return power(args[0], args[1]) }}
	all["%index"] = helper{2, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return index(args[0], args[1]) }}
	all["%slice"] = helper{4, 4, func(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
		return slice(thread, args[0], args[1:])
	}}
	all["%attr"] = helper{2, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
		return attribute(args[0], string(args[1].(starlark.String)))
	}}
	all["%method"] = helper{2, -1, func(thread *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
		return callMethod(thread, args[0], string(args[1].(starlark.String)), args[2:])
	}}
	all["%dict"] = helper{0, -1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return dictOf(args) }}
	all[setName] = helper{0, -1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return setOf(args) }}
}

// The names of what is built in another way than as a call of a helper alone.
const (
	chainName = "%chain" // of a comparison of several operands: operands and operators in turn
	setName   = "%set"
)

// relation decides one comparison.
type relation func(x, y starlark.Value) (bool, error)

var relations = map[string]relation{
	"==": func(x, y starlark.Value) (bool, error) { return equal(x, y, 0) },
	"!=": func(x, y starlark.Value) (bool, error) {
		same, err := equal(x, y, 0)
		return !same, err
	},
	"<":  func(x, y starlark.Value) (bool, error) { return compare(syntax.LT, x, y) },
	"<=": func(x, y starlark.Value) (bool, error) { return compare(syntax.LE, x, y) },
	">":  func(x, y starlark.Value) (bool, error) { return compare(syntax.GT, x, y) },
	">=": func(x, y starlark.Value) (bool, error) { return compare(syntax.GE, x, y) },
	"in": contains,
	"not in": func(x, y starlark.Value) (bool, error) {
		found, err := contains(x, y)
		return !found, err
	},
	// None, True and False are one value each; lists are never on the right.
	"is":     func(x, y starlark.Value) (bool, error) { return x == y, nil },
	"is not": func(x, y starlark.Value) (bool, error) { return x != y, nil },
}
