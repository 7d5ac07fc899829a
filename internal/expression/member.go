package expression

import (
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

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

// refer notes that a constant key, or a member, is asked for.
func (p *parser) refer(object string, key token) {
	switch object {
	case "state", "baseline", "payload", "record_data", "record":
		p.open[object]--
		p.refs = append(p.refs, Reference{Object: object, Key: key.text, Line: key.pos.line, Column: key.pos.col})
	}
}

// references adds to the constant keys the objects of which anything may be asked.
func (p *parser) references() []Reference {
	refs := p.refs
	for _, object := range []string{"record", "record_data", "payload", "state", "baseline", "context", "subject_key"} {
		switch {
		case p.open[object] <= 0:
		case object == "context": // handed on as a whole
			refs = append(refs, Reference{Object: "state", Any: true}, Reference{Object: "baseline", Any: true}, Reference{Object: "subject_key", Any: true})
		default:
			refs = append(refs, Reference{Object: object, Any: true})
		}
	}
	return refs
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
		p.open["record"]--
		p.open[y.object]++
		return y, nil
	case x.object == "record":
		if !p.fields(t.text) {
			return x, refuse(t.pos, "a record has no attribute %s: answers stand in record.record_data[…]", t.text)
		}
		p.refer("record", t)
	case x.object == "context":
		if t.text == "state" || t.text == "baseline" || t.text == "subject_key" {
			y := p.call("%attr", t.pos, x.expr, p.str(t.text, t.pos))
			y.object = t.text
			p.open["context"]--
			p.open[y.object]++
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
