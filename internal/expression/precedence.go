package expression

import (
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// test reads a conditional expression.
func (p *parser) test() (operand, error) {
	if err := p.deeper(); err != nil {
		return operand{}, err
	}
	defer func() { p.depth-- }()
	x, err := p.logical(0)
	if err != nil {
		return x, err
	}
	pos, ok := p.accept("if")
	if !ok {
		return x, nil
	}
	cond, err := p.logical(0)
	if err != nil {
		return x, err
	}
	if err := p.expect("else"); err != nil {
		return x, err
	}
	otherwise, err := p.test()
	if err != nil {
		return x, err
	}
	return operand{expr: &syntax.CondExpr{If: p.position(pos), Cond: cond.expr, True: x.expr, ElsePos: p.position(pos), False: otherwise.expr}}, nil
}

// logical reads or (level 0), and (level 1) and not (level 2).
func (p *parser) logical(level int) (operand, error) {
	if level == 2 {
		return p.negation()
	}
	word, op := "or", syntax.OR
	if level == 1 {
		word, op = "and", syntax.AND
	}
	x, err := p.logical(level + 1)
	for err == nil {
		pos, ok := p.accept(word)
		if !ok {
			return x, nil
		}
		var y operand
		y, err = p.logical(level + 1)
		x = operand{expr: &syntax.BinaryExpr{X: x.expr, OpPos: p.position(pos), Op: op, Y: y.expr}}
	}
	return operand{}, err
}

func (p *parser) negation() (operand, error) {
	pos, ok := p.accept("not")
	if !ok {
		return p.comparison()
	}
	if err := p.deeper(); err != nil {
		return operand{}, err
	}
	defer func() { p.depth-- }()
	x, err := p.negation()
	return operand{expr: &syntax.UnaryExpr{OpPos: p.position(pos), Op: syntax.NOT, X: x.expr}}, err
}

// comparisonOperator consumes ==, <, in, not in, is, is not and the like.
func (p *parser) comparisonOperator() (string, place, bool) {
	t := p.peek()
	switch t.text {
	case "<", "<=", ">", ">=", "==", "!=":
		if t.kind == tokenOperator {
			p.at++
			return t.text, t.pos, true
		}
	case "in", "is", "not":
		if t.kind != tokenName {
			break
		}
		p.at++
		if t.text == "is" {
			if _, ok := p.accept("not"); ok {
				return "is not", t.pos, true
			}
		}
		if t.text == "not" {
			if _, ok := p.accept("in"); !ok {
				p.at--
				break
			}
			return "not in", t.pos, true
		}
		return t.text, t.pos, true
	}
	return "", t.pos, false
}

// comparison reads a < b < c. A chain becomes one call with operands and operators in turn.
func (p *parser) comparison() (operand, error) {
	x, err := p.binary(0)
	if err != nil {
		return x, err
	}
	op, pos, ok := p.comparisonOperator()
	if !ok {
		return x, nil
	}
	y, err := p.comparand(op)
	if err != nil {
		return x, err
	}
	args := []syntax.Expr{x.expr, p.str(op, pos), y.expr}
	for {
		next, nextPos, more := p.comparisonOperator()
		if !more {
			break
		}
		z, err := p.comparand(next)
		if err != nil {
			return x, err
		}
		args = append(args, p.str(next, nextPos), z.expr)
	}
	if len(args) == 3 {
		return p.call("%"+op, pos, x.expr, y.expr), nil
	}
	return p.call(chainName, pos, args...), nil
}

func (p *parser) comparand(op string) (operand, error) {
	start := p.peek()
	y, err := p.binary(0)
	if err != nil {
		return y, err
	}
	if strings.HasPrefix(op, "is") && !(start.kind == tokenName && slices.Contains([]string{"None", "True", "False"}, start.text)) {
		return y, refuse(start.pos, "is works with None, True and False: write ==")
	}
	if y.isSet && op != "in" && op != "not in" {
		return y, refuse(start.pos, "a set can stand only after in: write a list")
	}
	return y, nil
}

// binaryLevels are the arithmetic operators by rising precedence.
var binaryLevels = [][]string{{"+", "-"}, {"*", "/", "//", "%"}}

func (p *parser) binary(level int) (operand, error) {
	if level == len(binaryLevels) {
		return p.unary()
	}
	x, err := p.binary(level + 1)
	for err == nil {
		t := p.peek()
		if t.kind != tokenOperator || !slices.Contains(binaryLevels[level], t.text) {
			return x, nil
		}
		p.at++
		var y operand
		y, err = p.binary(level + 1)
		if err == nil && (x.isSet || y.isSet) {
			err = refuse(t.pos, "a set can stand only after in: write a list")
		}
		x = p.call("%"+t.text, t.pos, x.expr, y.expr)
	}
	return operand{}, err
}

func (p *parser) unary() (operand, error) {
	t := p.peek()
	if t.kind != tokenOperator || t.text != "-" && t.text != "+" {
		return p.power()
	}
	if err := p.deeper(); err != nil {
		return operand{}, err
	}
	defer func() { p.depth-- }()
	p.at++
	x, err := p.unary()
	if err != nil {
		return x, err
	}
	return p.call("%unary"+t.text, t.pos, x.expr), nil
}

func (p *parser) power() (operand, error) {
	x, err := p.primary()
	if err != nil {
		return x, err
	}
	pos, ok := p.accept("**")
	if !ok {
		return x, nil
	}
	y, err := p.unary()
	return p.call("%**", pos, x.expr, y.expr), err
}
