package extraction

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/syntax"
)

// Bounds of an expression's source.
const (
	maxExpressionBytes = 4 << 10
	maxExpressionDepth = 60
)

// parser reads Python's expression grammar and builds the Starlark tree that means the same. Where
// Starlark means something else than Python (comparisons, arithmetic, text, calls) it builds calls
// of helpers; see expression_helpers.go. The names of helpers start with % so that no expression
// can use them.
type parser struct {
	tokens []token
	at     int
	depth  int
	file   string
	names  []string    // parameters used, in order of first use
	refs   []reference // constant keys asked for
}

// reference is a constant key that an expression asks an object for, as in state["AE.aeTerm"].
type reference struct {
	object string // state, baseline, payload or record_data
	key    string
	pos    place
}

// operand is a piece of tree; object names what it is when that is known.
type operand struct {
	expr   syntax.Expr
	object string
	isSet  bool // written {a, b}: usable on the right of in only
}

// expressionNames are the names that the reference gives to an expression.
var expressionNames = []string{"value", "record", "payload", "context", "state", "baseline", "subject_key"}

func parseExpression(source string) (*parser, syntax.Expr, error) {
	p := &parser{}
	if len(source) > maxExpressionBytes {
		return nil, nil, refuse(place{1, 1}, "longer than %d bytes: split it over several rules", maxExpressionBytes)
	}
	tokens, err := scan(source)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range tokens {
		if message, ok := notSupported[t.text]; ok && t.kind == tokenName {
			return nil, nil, refuse(t.pos, "%s", message)
		}
	}
	p.tokens = tokens
	x, err := p.test()
	if err != nil {
		return nil, nil, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		return nil, nil, p.unexpected(t)
	}
	if x.isSet {
		return nil, nil, refuse(place{1, 1}, "a set can stand only after in: write a list")
	}
	return p, x.expr, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) advance() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

// accept consumes an operator or keyword.
func (p *parser) accept(text string) (place, bool) {
	t := p.peek()
	if (t.kind == tokenOperator || t.kind == tokenName) && t.text == text {
		p.at++
		return t.pos, true
	}
	return t.pos, false
}

func (p *parser) expect(text string) error {
	if _, ok := p.accept(text); !ok {
		return refuse(p.peek().pos, "%s is missing here", text)
	}
	return nil
}

// notSupported says for tokens of Python what to write instead.
var notSupported = map[string]string{
	"lambda": "lambda is not supported: write the expression itself",
	"for":    "comprehensions and loops are not supported: name the elements, or use in, min and max",
	"while":  "loops are not supported",
	"import": "import is not supported; available are: " + availableFunctions,
	"await":  "await is not supported", "yield": "yield is not supported",
	"def": "only expressions are supported, no statements", "return": "only expressions are supported: leave return out",
	":=": "assignments are not supported: repeat the expression", "=": "assignments and named arguments are not supported: compare with ==, pass arguments by position",
	"&": "bit operators are not supported: write and", "|": "bit operators are not supported: write or",
	"^": "bit operators are not supported: write != between booleans", "~": "bit operators are not supported: write not",
	"<<": "bit operators are not supported: multiply", ">>": "bit operators are not supported: divide with //",
	"@": "matrix products are not supported", ";": "one expression only: use one rule for each target",
}

func (p *parser) unexpected(t token) error {
	if t.kind == tokenEnd {
		return refuse(t.pos, "the expression ends too early")
	}
	if t.kind == tokenOperator {
		if message, ok := notSupported[t.text]; ok {
			return refuse(t.pos, "%s", message)
		}
		if len(t.text) > 1 && strings.HasSuffix(t.text, "=") {
			return refuse(t.pos, "%s", notSupported["="])
		}
	}
	return refuse(t.pos, "this cannot stand here")
}

// deeper guards the parser's own stack.
func (p *parser) deeper() error {
	p.depth++
	if p.depth > maxExpressionDepth {
		return refuse(p.peek().pos, "nested deeper than %d levels", maxExpressionDepth)
	}
	return nil
}

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

// comparison reads a < b < c. A chain becomes one call with the later operands as functions, so
// that they run only when Python would run them, and each once.
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
		thunk := &syntax.LambdaExpr{Lambda: p.position(nextPos), Body: z.expr}
		args = append(args, p.str(next, nextPos), thunk)
	}
	if len(args) == 3 {
		return p.call("%"+op, pos, x.expr, y.expr), nil
	}
	return p.call("%chain", pos, args...), nil
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

// position turns a place into the tree's form.
func (p *parser) position(at place) syntax.Position {
	return syntax.MakePosition(&p.file, int32(at.line), int32(at.col))
}

func (p *parser) ident(name string, at place) *syntax.Ident {
	return &syntax.Ident{NamePos: p.position(at), Name: name}
}

func (p *parser) str(text string, at place) syntax.Expr {
	return &syntax.Literal{Token: syntax.STRING, TokenPos: p.position(at), Raw: strconv.Quote(text), Value: text}
}

// call builds the call of a helper; a failure inside it is reported at the place.
func (p *parser) call(helper string, at place, args ...syntax.Expr) operand {
	return operand{expr: &syntax.CallExpr{Fn: p.ident(helper, at), Lparen: p.position(at), Args: args, Rparen: p.position(at)}}
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
		return operand{expr: p.ident(t.text, t.pos), object: t.text}, nil
	case slices.Contains(pythonKeywords, t.text):
		return operand{}, p.unexpected(t)
	}
	return operand{}, refuse(t.pos, "unknown name %s; available are: %s, %s", t.text, strings.Join(expressionNames, ", "), availableFunctions)
}

var pythonKeywords = []string{"and", "or", "not", "in", "is", "if", "else", "elif", "class", "with", "as", "from", "try", "except",
	"raise", "pass", "del", "global", "nonlocal", "assert", "async", "break", "continue", "finally"}

func (r reference) String() string { return fmt.Sprintf("%s[%q]", r.object, r.key) }
