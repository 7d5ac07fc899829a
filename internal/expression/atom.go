package expression

import (
	"math/big"
	"slices"
	"strconv"
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
	if err == nil && len(args) > maxArguments {
		err = refuse(name.pos, "more than %d arguments: give %s one list", maxArguments, name.text)
	}
	return p.call(name.text, name.pos, args...), err
}

// maxArguments is more than any function needs.
const maxArguments = 255

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
		x := p.call(setName, pos, flat...)
		x.isSet = true
		return x, nil
	}
	return p.call("%dict", pos, flat...), nil
}

func (p *parser) number(t token) (operand, error) {
	lit := &syntax.Literal{TokenPos: p.position(t.pos), Raw: t.text}
	if t.kind == tokenFloat {
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return operand{}, refuse(t.pos, "the number is out of range")
		}
		lit.Token, lit.Value = syntax.FLOAT, f
		return operand{expr: lit}, nil
	}
	i, ok := new(big.Int).SetString(t.text, 10)
	if !ok {
		return operand{}, refuse(t.pos, "not a whole number")
	}
	lit.Token, lit.Value = syntax.INT, any(i)
	if i.IsInt64() {
		lit.Value = i.Int64()
	}
	return operand{expr: lit}, nil
}

// name reads one of the names that an expression may use; functions are read by callFunction.
func (p *parser) name(t token) (operand, error) {
	switch {
	case t.text == "None" || t.text == "True" || t.text == "False":
		return operand{expr: p.ident(t.text, t.pos)}, nil
	case slices.Contains(expressionNames, t.text):
		if !slices.Contains(p.names, t.text) {
			p.names = append(p.names, t.text)
		}
		p.open[t.text]++
		return operand{expr: p.ident(t.text, t.pos), object: t.text}, nil
	case slices.Contains(pythonKeywords, t.text):
		return operand{}, p.unexpected(t)
	}
	return operand{}, refuse(t.pos, "unknown name %s; available are: %s, %s", t.text, strings.Join(expressionNames, ", "), availableFunctions)
}

var pythonKeywords = []string{"and", "or", "not", "in", "is", "if", "else", "elif", "class", "with", "as", "from", "try", "except",
	"raise", "pass", "del", "global", "nonlocal", "assert", "async", "break", "continue", "finally"}
