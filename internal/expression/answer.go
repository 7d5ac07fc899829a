package expression

import (
	"slices"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// answer is record.record_data["X"], or its get, with a constant key: whoever gives the answers knows their places
// before the expression runs.
type answer struct {
	at      syntax.Position
	place   int // in the program's answers
	mayMiss bool
	instead node // of get, where there is none; nil for None
}

func (a *answer) value(f *frame) (starlark.Value, error) {
	var instead starlark.Value = starlark.None
	if a.instead != nil {
		var err error
		if instead, err = a.instead.value(f); err != nil {
			return nil, err
		}
	}
	v, found, err := f.from.Answer(a.place)
	switch {
	case err != nil:
		return nil, failureAt(a.at, err)
	case found:
		return v.starlark(), nil
	case a.mayMiss:
		return instead, nil
	}
	return nil, failureAt(a.at, errNoKey)
}

// answer builds what asks for one answer by a constant key; nil for any other call.
func (b *builder) answer(name string, x *syntax.CallExpr) node {
	if b.general || len(x.Args) == 0 || !isRecordData(x.Args[0]) {
		return nil
	}
	switch {
	case name == "%index" && len(x.Args) == 2:
		if key, ok := constantText(x.Args[1]); ok {
			return &answer{at: x.Lparen, place: b.place(key)}
		}
	case name == "%method" && (len(x.Args) == 3 || len(x.Args) == 4):
		method, _ := constantText(x.Args[1])
		key, ok := constantText(x.Args[2])
		if !ok || method != "get" {
			return nil
		}
		n := &answer{at: x.Lparen, place: b.place(key), mayMiss: true}
		if len(x.Args) == 4 {
			n.instead = b.node(x.Args[3])
		}
		return n
	}
	return nil
}

// place is that of a key among the program's answers.
func (b *builder) place(key string) int {
	i := slices.Index(b.answers, key)
	if i < 0 {
		i = len(b.answers)
		b.answers = append(b.answers, key)
	}
	return i
}

// isRecordData reports whether a piece is record.record_data, which nothing but a record is.
func isRecordData(x syntax.Expr) bool {
	call, ok := x.(*syntax.CallExpr)
	if !ok || call.Fn.(*syntax.Ident).Name != "%attr" {
		return false
	}
	of, ok := call.Args[0].(*syntax.Ident)
	member, _ := constantText(call.Args[1])
	return ok && of.Name == "record" && member == "record_data"
}

func constantText(x syntax.Expr) (text string, ok bool) {
	literal, ok := x.(*syntax.Literal)
	if !ok {
		return "", false
	}
	text, ok = literal.Value.(string)
	return text, ok
}
