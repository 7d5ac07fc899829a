package expression

import (
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// frame is one run of a program.
type frame struct {
	thread *starlark.Thread // of the budget, and of Starlark's own methods
	from   Source
	given  []starlark.Value // values of the program's names
	args   []starlark.Value // those of the calls that are under way
	read   readNumber
}

// readNumber is the text that float read last, and its number: rules of one variable often read the same.
type readNumber struct {
	text   string
	number starlark.Value // nil before the first
}

// node is a piece of an expression that gives a value. There are no loops: each runs at most once in a run.
type node interface {
	value(f *frame) (starlark.Value, error)
}

type (
	constant struct{ of starlark.Value }
	given    int // place of a name in the program's names
	tuple    []node
	list     []node
	negation struct{ of node }
	// junction is and or or: its value is that of the operand that decides.
	junction struct {
		x, y    node
		decides starlark.Bool // truth of x with which y is not needed
	}
	condition struct{ test, yes, no node }
	floatOf   struct {
		at syntax.Position
		of node
	}
	call struct {
		helper
		name string
		at   syntax.Position
		args []node
	}
	// chain is a < b < c: the operands behind the first two run only when Python would run them, and each once.
	chain struct {
		at       syntax.Position
		operands []node
		between  []relation
	}
)

func (c constant) value(*frame) (starlark.Value, error) { return c.of, nil }

func (g given) value(f *frame) (starlark.Value, error) { return f.given[g], nil }

func (t tuple) value(f *frame) (starlark.Value, error) {
	items, err := values(t, f)
	return starlark.Tuple(items), err
}

func (l list) value(f *frame) (starlark.Value, error) {
	items, err := values(l, f)
	return starlark.NewList(items), err
}

func values(of []node, f *frame) ([]starlark.Value, error) {
	items := make([]starlark.Value, len(of))
	for i, item := range of {
		var err error
		if items[i], err = item.value(f); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func (n negation) value(f *frame) (starlark.Value, error) {
	v, err := n.of.value(f)
	if err != nil {
		return nil, err
	}
	return !v.Truth(), nil
}

func (j junction) value(f *frame) (starlark.Value, error) {
	x, err := j.x.value(f)
	if err != nil || x.Truth() == j.decides {
		return x, err
	}
	return j.y.value(f)
}

func (c condition) value(f *frame) (starlark.Value, error) {
	test, err := c.test.value(f)
	if err != nil {
		return nil, err
	}
	if test.Truth() {
		return c.yes.value(f)
	}
	return c.no.value(f)
}

// value passes arguments in memory that later calls use again: helpers keep none of it.
func (c *call) value(f *frame) (starlark.Value, error) {
	first := len(f.args)
	for _, arg := range c.args {
		v, err := arg.value(f)
		if err != nil {
			return nil, err
		}
		f.args = append(f.args, v)
	}
	v, err := c.helper.call(c.name, f.thread, f.args[first:])
	f.args = f.args[:first]
	return v, failureAt(c.at, err)
}

func (n *floatOf) value(f *frame) (starlark.Value, error) {
	v, err := n.of.value(f)
	if err != nil {
		return nil, err
	}
	text, isText := v.(starlark.String)
	if isText && f.read.number != nil && f.read.text == string(text) {
		return f.read.number, nil
	}
	number, err := toFloat(v)
	if err != nil {
		return nil, failureAt(n.at, err)
	}
	if isText {
		f.read = readNumber{string(text), number}
	}
	return number, nil
}

func (c *chain) value(f *frame) (starlark.Value, error) {
	left, err := c.operands[0].value(f)
	if err != nil {
		return nil, err
	}
	for i, holds := range c.between {
		right, err := c.operands[i+1].value(f)
		if err != nil {
			return nil, err
		}
		ok, err := holds(left, right)
		if err != nil || !ok {
			return starlark.Bool(ok), failureAt(c.at, err)
		}
		left = right
	}
	return starlark.True, nil
}

// failureAt is the failure of what stands at a place; nil for none.
func failureAt(at syntax.Position, err error) error {
	if err == nil {
		return nil
	}
	failure := &Error{Line: int(at.Line), Column: int(at.Col), Reason: err.Error(), Err: err}
	if inside, ok := err.(*starlark.EvalError); ok { // of a method of Starlark's
		failure.Reason, failure.Err = inside.Msg, inside.Unwrap()
	}
	return failure
}
