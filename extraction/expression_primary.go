package extraction

import (
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// primary reads an atom and what follows it: calls, subscripts, attributes.
func (p *parser) primary() (operand, error) {
	x, err := p.atom()
	for err == nil {
		t := p.peek()
		if t.kind != tokenOperator {
			return x, nil
		}
		switch t.text {
		case ".":
			p.at++
			x, err = p.attribute(x)
		case "[":
			p.at++
			x, err = p.subscript(x, t.pos)
		case "(":
			return x, refuse(t.pos, "only these functions can be called: %s", availableFunctions)
		default:
			return x, nil
		}
	}
	return x, err
}

func (p *parser) atom() (operand, error) {
	t := p.advance()
	switch t.kind {
	case tokenInt, tokenFloat:
		return p.number(t)
	case tokenString:
		text := t.text
		for p.peek().kind == tokenString { // adjacent literals are one text
			text += p.advance().text
		}
		return operand{expr: p.str(text, t.pos)}, nil
	case tokenName:
		if next := p.peek(); next.kind == tokenOperator && next.text == "(" && slices.Contains(functionNames, t.text) {
			p.at++
			return p.callFunction(t)
		}
		return p.name(t)
	case tokenOperator:
		switch t.text {
		case "(":
			return p.parenthesis(t.pos)
		case "[":
			items, err := p.items("]", false)
			return operand{expr: &syntax.ListExpr{Lbrack: p.position(t.pos), List: items, Rbrack: p.position(t.pos)}}, err
		case "{":
			return p.braces(t.pos)
		}
	}
	return operand{}, p.unexpected(t)
}

func (p *parser) callFunction(name token) (operand, error) {
	args, err := p.items(")", true)
	return p.call(name.text, name.pos, args...), err
}

// items reads expressions up to a closing bracket.
func (p *parser) items(closing string, isCall bool) ([]syntax.Expr, error) {
	var list []syntax.Expr
	for {
		if _, ok := p.accept(closing); ok {
			return list, nil
		}
		if t := p.peek(); t.kind == tokenOperator && (t.text == "*" || t.text == "**") {
			return nil, refuse(t.pos, "* and ** arguments are not supported: name the elements")
		}
		if t := p.peek(); isCall && t.kind == tokenName && p.tokens[p.at+1].text == "=" {
			return nil, refuse(t.pos, "named arguments are not supported: pass arguments by position")
		}
		x, err := p.test()
		if err != nil {
			return nil, err
		}
		if x.isSet {
			return nil, refuse(p.peek().pos, "a set can stand only after in: write a list")
		}
		list = append(list, x.expr)
		if _, ok := p.accept(","); ok {
			continue
		}
		if t := p.peek(); t.text != closing || t.kind != tokenOperator {
			return nil, p.unexpected(t)
		}
	}
}

// parenthesis reads (x), (x, y) or (). Each element is read once, whatever the nesting.
func (p *parser) parenthesis(pos place) (operand, error) {
	if _, ok := p.accept(")"); ok {
		return operand{expr: &syntax.TupleExpr{Lparen: p.position(pos), Rparen: p.position(pos)}}, nil
	}
	x, err := p.test()
	if err != nil {
		return x, err
	}
	if _, closed := p.accept(")"); closed {
		x.expr = &syntax.ParenExpr{Lparen: p.position(pos), X: x.expr, Rparen: p.position(pos)}
		return x, nil
	}
	if _, ok := p.accept(","); !ok {
		return x, p.unexpected(p.peek())
	}
	items, err := p.items(")", false)
	list := append([]syntax.Expr{x.expr}, items...)
	return operand{expr: &syntax.TupleExpr{Lparen: p.position(pos), List: list, Rparen: p.position(pos)}}, err
}

// braces reads a dict, or a set that stands after in.
func (p *parser) braces(pos place) (operand, error) {
	var flat []syntax.Expr
	isSet, known := false, false
	for {
		if _, ok := p.accept("}"); ok {
			break
		}
		key, err := p.test()
		if err != nil {
			return key, err
		}
		_, pair := p.accept(":")
		if known && pair == isSet {
			return key, p.unexpected(p.peek())
		}
		isSet, known = !pair, true
		flat = append(flat, key.expr)
		if pair {
			value, err := p.test()
			if err != nil {
				return value, err
			}
			flat = append(flat, value.expr)
		}
		if _, ok := p.accept(","); ok {
			continue
		}
		if t := p.peek(); t.text != "}" || t.kind != tokenOperator {
			return operand{}, p.unexpected(t)
		}
	}
	if isSet {
		return operand{expr: &syntax.TupleExpr{Lparen: p.position(pos), List: flat, Rparen: p.position(pos)}, isSet: true}, nil
	}
	return p.call("%dict", pos, flat...), nil
}

// subscript reads x[i] or x[lo:hi:step].
func (p *parser) subscript(x operand, pos place) (operand, error) {
	key := p.peek()
	parts := []syntax.Expr{nil}
	for {
		t := p.peek()
		if t.kind == tokenOperator && t.text == "]" {
			p.at++
			break
		}
		if t.kind == tokenOperator && t.text == ":" && len(parts) < 3 {
			p.at++
			parts = append(parts, nil)
			continue
		}
		if parts[len(parts)-1] != nil {
			return operand{}, p.unexpected(t)
		}
		y, err := p.test()
		if err != nil {
			return y, err
		}
		parts[len(parts)-1] = y.expr
	}
	if len(parts) == 1 {
		if parts[0] == nil {
			return operand{}, refuse(pos, "the index is missing")
		}
		if lit, ok := parts[0].(*syntax.Literal); ok && lit.Token == syntax.STRING {
			p.refer(x.object, key)
		}
		return p.call("%index", pos, x.expr, parts[0]), nil
	}
	args := []syntax.Expr{x.expr}
	for i := range 3 {
		if i < len(parts) && parts[i] != nil {
			args = append(args, parts[i])
			continue
		}
		args = append(args, p.ident("None", pos))
	}
	return p.call("%slice", pos, args...), nil
}

// refer notes that a constant key is asked for.
func (p *parser) refer(object string, key token) {
	switch object {
	case "state", "baseline", "payload", "record_data":
		p.refs = append(p.refs, reference{object, key.text, key.pos})
	}
}

// attribute reads x.name or x.name(…).
func (p *parser) attribute(x operand) (operand, error) {
	t := p.advance()
	if t.kind != tokenName {
		return x, refuse(t.pos, "an attribute's name is missing here")
	}
	if strings.HasPrefix(t.text, "_") {
		return x, refuse(t.pos, "attributes that start with _ do not exist here")
	}
	if _, isCall := p.accept("("); isCall {
		return p.method(x, t)
	}
	switch {
	case x.object == "record" && (t.text == "record_data" || t.text == "recordData"):
		y := p.call("%attr", t.pos, x.expr, p.str("record_data", t.pos))
		y.object = "record_data"
		return y, nil
	case x.object == "record":
		if _, ok := recordFields[wireName(t.text)]; !ok {
			return x, refuse(t.pos, "a record has no attribute %s: answers stand in record.record_data[…]", t.text)
		}
	case x.object == "context":
		if t.text == "state" || t.text == "baseline" || t.text == "subject_key" {
			y := p.call("%attr", t.pos, x.expr, p.str(t.text, t.pos))
			y.object = t.text
			return y, nil
		}
		return x, refuse(t.pos, "context has no attribute %s; it has state, baseline and subject_key", t.text)
	case !slices.Contains(dateAttributes, t.text):
		return x, refuse(t.pos, "no attribute %s here; dates have %s", t.text, strings.Join(dateAttributes, ", "))
	}
	return p.call("%attr", t.pos, x.expr, p.str(t.text, t.pos)), nil
}

func (p *parser) method(x operand, name token) (operand, error) {
	if !slices.Contains(methodNames, name.text) {
		if instead, ok := methodInstead[name.text]; ok {
			return x, refuse(name.pos, "method %s is not supported: %s", name.text, instead)
		}
		return x, refuse(name.pos, "no method %s here; available are: %s", name.text, strings.Join(methodNames, ", "))
	}
	if x.object == "record" || x.object == "context" || x.object == "subject_key" && name.text == "get" {
		return x, refuse(name.pos, "%s has no methods", x.object)
	}
	key := p.peek()
	args, err := p.items(")", true)
	if err != nil {
		return x, err
	}
	if name.text == "get" && len(args) > 0 {
		if lit, ok := args[0].(*syntax.Literal); ok && lit.Token == syntax.STRING {
			p.refer(x.object, key)
		}
	}
	return p.call("%method", name.pos, append([]syntax.Expr{x.expr, p.str(name.text, name.pos)}, args...)...), nil
}

// methodNames are the methods of text, of maps (get, keys, values, items) and of dates (isoformat).
var methodNames = []string{"capitalize", "casefold", "count", "endswith", "find", "get", "index", "isalnum", "isalpha", "isdigit",
	"islower", "isoformat", "isspace", "istitle", "isupper", "items", "join", "keys", "lower", "lstrip", "partition", "removeprefix",
	"removesuffix", "replace", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip",
	"title", "upper", "values", "zfill"}

// methodInstead says what to write for methods that are left out on purpose.
var methodInstead = map[string]string{
	"format":   `write "text " + str(value), or "%.1f" % value`,
	"strftime": "write date(value).year, .month and .day",
	"append":   "write list + [element]", "extend": "write list + list", "update": "values cannot be changed",
	"ljust": "lengthen with +", "rjust": "write zfill, or lengthen with +", "center": "lengthen with +",
	"isnumeric": "write isdigit()", "isdecimal": "write isdigit()", "encode": "texts stay texts",
	"total_seconds": "write .days", "swapcase": "write upper() or lower()",
}
