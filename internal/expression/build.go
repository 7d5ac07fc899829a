package expression

import (
	"math/big"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// builder turns the tree of an expression into what runs.
type builder struct {
	helpers map[string]helper
	names   []string // of the values that the program is given
	needed  []bool   // those that it reads as such
	answers []string // constant keys of record.record_data
	general bool     // answers are read as members of the record's objects, as any other key is
}

var wordsOfPython = map[string]starlark.Value{"None": starlark.None, "True": starlark.True, "False": starlark.False}

// node builds a piece. The parser makes no other trees than those that are named here.
func (b *builder) node(x syntax.Expr) node {
	switch x := x.(type) {
	case *syntax.ParenExpr:
		return b.node(x.X)
	case *syntax.Literal:
		return constant{literalValue(x.Value)}
	case *syntax.Ident:
		if v, ok := wordsOfPython[x.Name]; ok {
			return constant{v}
		}
		i := slices.Index(b.names, x.Name)
		b.needed[i] = true
		return given(i)
	case *syntax.TupleExpr:
		return fold(tuple(b.nodes(x.List)))
	case *syntax.ListExpr:
		return fold(list(b.nodes(x.List)))
	case *syntax.UnaryExpr: // not: the other ones are calls
		return negation{b.node(x.X)}
	case *syntax.BinaryExpr: // and, or: the other ones are calls
		return junction{b.node(x.X), b.node(x.Y), x.Op == syntax.OR}
	case *syntax.CondExpr:
		return condition{b.node(x.Cond), b.node(x.True), b.node(x.False)}
	}
	return b.call(x.(*syntax.CallExpr))
}

func (b *builder) nodes(list []syntax.Expr) []node {
	made := make([]node, len(list))
	for i, x := range list {
		made[i] = b.node(x)
	}
	return made
}

func (b *builder) call(x *syntax.CallExpr) node {
	name := x.Fn.(*syntax.Ident).Name
	if name == chainName {
		return b.chain(x)
	}
	if n := b.answer(name, x); n != nil {
		return n
	}
	args := b.nodes(x.Args)
	switch holds := relations[strings.TrimPrefix(name, "%")]; {
	case holds != nil && len(args) == 2:
		return &chain{x.Lparen, args, []relation{holds}}
	case name == "float" && len(args) == 1:
		return &floatOf{x.Lparen, args[0]}
	}
	c := &call{b.helpers[name], name, x.Lparen, args}
	if name == setName {
		return fold(c)
	}
	return c
}

// chain takes operands and operators in turn.
func (b *builder) chain(x *syntax.CallExpr) node {
	c := &chain{at: x.Lparen}
	for i, part := range x.Args {
		if i%2 == 0 {
			c.operands = append(c.operands, b.node(part))
			continue
		}
		c.between = append(c.between, relations[part.(*syntax.Literal).Value.(string)])
	}
	return c
}

// fold makes a constant of what is built of constants alone; values do not change.
func fold(n node) node {
	if !isConstant(n) {
		return n
	}
	v, err := n.value(&frame{})
	if err != nil { // it fails where it runs
		return n
	}
	return constant{v}
}

func isConstant(n node) bool {
	parts := []node(nil)
	switch n := n.(type) {
	case constant:
		return true
	case tuple:
		parts = n
	case list:
		parts = n
	case *call: // of a set
		parts = n.args
	default:
		return false
	}
	return !slices.ContainsFunc(parts, func(part node) bool {
		_, ok := part.(constant)
		return !ok
	})
}

// literalValue is the value of a text or a number as the parser read it.
func literalValue(v any) starlark.Value {
	switch v := v.(type) {
	case string:
		return starlark.String(v)
	case float64:
		return starlark.Float(v)
	case int64:
		return starlark.MakeInt64(v)
	}
	return starlark.MakeBigInt(v.(*big.Int))
}
