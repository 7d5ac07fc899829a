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

// helpers builds everything that a tree may name besides its parameters.
func helpers(host Host) starlark.StringDict {
	all := map[string]helper{}
	addOperators(all)
	addFunctions(all, host)
	dict := make(starlark.StringDict, len(all))
	for name, h := range all {
		dict[name] = starlark.NewBuiltin(name, h.call)
	}
	return dict
}

func (h helper) call(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if len(args) < h.min || h.max >= 0 && len(args) > h.max || len(kwargs) > 0 {
		return nil, fmt.Errorf("%s takes %s", strings.TrimPrefix(b.Name(), "%"), h.arity())
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
	for _, op := range []string{"==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"} {
		all["%"+op] = helper{2, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
			holds, err := relation(op, args[0], args[1])
			return starlark.Bool(holds), err
		}}
	}
	for op, token := range map[string]syntax.Token{"-": syntax.MINUS, "+": syntax.PLUS} {
		all["%unary"+op] = helper{1, 1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
			return unary(token, args[0])
		}}
	}
	all["%**"] = helper{2, 2, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) { return power(args[0], args[1]) }}
	all["%chain"] = helper{1, 1, chain}
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
	all["%dict"] = helper{1, 1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
		return dictOf(args[0].(starlark.Tuple))
	}}
	all["%set"] = helper{1, 1, func(_ *starlark.Thread, args starlark.Tuple) (starlark.Value, error) {
		return setOf(args[0].(starlark.Tuple))
	}}
}

// relation decides one comparison.
func relation(op string, x, y starlark.Value) (bool, error) {
	switch op {
	case "==":
		return equal(x, y, 0)
	case "!=":
		same, err := equal(x, y, 0)
		return !same, err
	case "in":
		return contains(x, y)
	case "not in":
		found, err := contains(x, y)
		return !found, err
	case "is":
		return x == y, nil // None, True and False are one value each; lists are never on the right
	case "is not":
		return x != y, nil
	}
	tokens := map[string]syntax.Token{"<": syntax.LT, "<=": syntax.LE, ">": syntax.GT, ">=": syntax.GE}
	return compare(tokens[op], x, y)
}

// chain is a < b < c: one tuple of a, "<", b, "<", and c as a function that runs only when needed.
func chain(thread *starlark.Thread, tuple starlark.Tuple) (starlark.Value, error) {
	args := tuple[0].(starlark.Tuple)
	left, right := args[0], args[2]
	for i := 1; ; i += 2 {
		holds, err := relation(string(args[i].(starlark.String)), left, right)
		if err != nil || !holds || i+2 >= len(args) {
			return starlark.Bool(holds), err
		}
		left = right
		if right, err = starlark.Call(thread, args[i+3], nil, nil); err != nil {
			return nil, err
		}
	}
}
