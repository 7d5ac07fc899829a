package expression

import (
	"strconv"
	"strings"

	"go.starlark.net/syntax"
)

// Bounds of an expression's source.
const (
	maxSourceBytes = 4 << 10
	maxDepth       = 60
)

// parser reads Python's expression grammar into a tree of Starlark's syntax, in which operators and calls are
// calls of helpers; see operators.go and functions.go. The names of helpers that are no functions of an
// expression start with % so that none can use them.
type parser struct {
	tokens []token
	at     int
	depth  int
	file   string
	fields func(name string) bool // whether a record has a member of this name
	names  []string               // parameters used, in order of first use
	refs   []Reference            // constant keys asked for
	open   map[string]int         // objects named, less those that were asked for a constant key
}

// operand is a piece of tree; object names what it is when that is known.
type operand struct {
	expr   syntax.Expr
	object string
	isSet  bool // written {a, b}: usable on the right of in only
}

// expressionNames are the names that the Python package gives to an expression.
var expressionNames = []string{"value", "record", "payload", "context", "state", "baseline", "subject_key"}

func parse(source string, fields func(name string) bool) (*parser, syntax.Expr, error) {
	p := &parser{fields: fields, open: map[string]int{}}
	if len(source) > maxSourceBytes {
		return nil, nil, refuse(place{1, 1}, "longer than %d bytes: split it over several rules", maxSourceBytes)
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
	if p.depth > maxDepth {
		return refuse(p.peek().pos, "nested deeper than %d levels", maxDepth)
	}
	return nil
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
