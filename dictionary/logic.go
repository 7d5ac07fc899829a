package dictionary

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unique"
)

// Element is one element of a rule's logic. The order of children is significant: "gt" with two
// questions means that the first is greater than the second.
type Element struct {
	Name       string // {namespace}name for an element in a namespace
	Attributes []xml.Attr
	Text       string // directly inside, without comments; CDATA and references resolved
	Children   []*Element

	behind    []behind // text after a child, which Text does not have, and instructions to other programs
	unordered bool     // the order of the children is not known
}

// behind is a text that stands after some of an element's children.
type behind struct {
	children int
	text     string
}

// alone is an element without its children.
func (e *Element) alone() *Element {
	return &Element{Name: e.Name, Attributes: e.Attributes, Text: e.Text, behind: e.behind}
}

// bare reports whether an element holds no text of its own, before its children or behind them.
func (e *Element) bare() bool { return e.Trimmed() == "" && len(e.behind) == 0 }

// attributes are those of an element by name, without declarations of namespaces, which its name has.
func (e *Element) attributes() []xml.Attr {
	all := slices.DeleteFunc(slices.Clone(e.Attributes), isDeclaration)
	slices.SortStableFunc(all, func(a, b xml.Attr) int { return strings.Compare(qualified(a.Name), qualified(b.Name)) })
	return all
}

// Child returns the first child with this name, or nil.
func (e *Element) Child(name string) *Element {
	if e == nil {
		return nil
	}
	for _, c := range e.Children {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Trimmed returns the element's text without surrounding white space.
func (e *Element) Trimmed() string { return strings.TrimSpace(e.Text) }

// All calls f for the element and each of its descendants, in document order, with the parent of
// each.
func (e *Element) All(f func(element, parent *Element)) { e.all(nil, f) }

func (e *Element) all(parent *Element, f func(element, parent *Element)) {
	if e == nil {
		return
	}
	f(e, parent)
	for _, c := range e.Children {
		c.all(e, f)
	}
}

// maxLogicDepth bounds how deep elements may stand in one another. Real logic reaches ten.
const maxLogicDepth = 200

// logicError says where logic stops being XML, in the words of the parser that the Python toolkit uses,
// so that both report the same.
type logicError struct {
	problem      string
	line, column int
}

func (e *logicError) Error() string {
	return fmt.Sprintf("%s: line %d, column %d", e.problem, e.line, e.column)
}

// parseLogic reads one XML document. It knows no entities but XML's own five.
func parseLogic(document string) (*Element, error) {
	p := xml.NewDecoder(strings.NewReader(document))
	var open []*Element
	var root *Element
	var spaces namespaces
	var text []byte // directly inside the last open element, before its children
	for {
		from := p.InputOffset()
		token, err := p.Token()
		if errors.Is(err, io.EOF) && len(open) == 0 && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, problemOf(err, document, p.InputOffset())
		}
		switch token := token.(type) {
		case xml.StartElement:
			if root != nil && len(open) == 0 {
				return nil, problemAt("junk after document element", document, from)
			}
			if len(open) == maxLogicDepth {
				return nil, problemAt("elements stand too deep in one another", document, from)
			}
			if problem := spaces.enter(token); problem != "" {
				return nil, problemAt(problem, document, from)
			}
			e := &Element{Name: unique.Make(qualified(token.Name)).Value(), Attributes: token.Attr}
			if root == nil {
				root = e
			} else {
				last := open[len(open)-1]
				text = last.settle(text)
				last.Children = append(last.Children, e)
			}
			open = append(open, e)
		case xml.EndElement:
			text = open[len(open)-1].settle(text)
			open = open[:len(open)-1]
			spaces.leave()
		case xml.ProcInst:
			if token.Target == "xml" && from > 0 {
				return nil, problemAt("XML or text declaration not at start of entity", document, from)
			}
			addInstruction(open, token)
		case xml.CharData:
			if text, err = addText(open, text, token); err != nil {
				return nil, problemAt(err.Error(), document, from)
			}
		case xml.Directive:
			return nil, problemAt("a document type is not read", document, from)
		}
	}
}

// settle gives an element the text before its children once one begins or the element ends: its pieces, between
// comments, may be very many. It returns the memory for the next text.
func (e *Element) settle(text []byte) []byte {
	if len(e.Children) == 0 {
		e.Text = string(text)
	}
	return text[:0]
}

// addText adds a piece of text to the open element, of whose own text the earlier pieces are given and all are returned. What
// stands behind a child is kept apart from it.
func addText(open []*Element, earlier, piece []byte) ([]byte, error) {
	if len(open) == 0 {
		if len(bytes.TrimSpace(piece)) > 0 {
			return nil, errors.New("not well-formed (invalid token)")
		}
		return earlier, nil
	}
	last := open[len(open)-1]
	switch {
	case len(last.Children) == 0:
		return append(earlier, piece...), nil
	case withoutLayout(string(piece)) != "":
		last.behind = append(last.behind, behind{len(last.Children), withoutLayout(string(piece))})
	}
	return earlier, nil
}

// addInstruction adds an instruction to the open element: it means something to somebody. Those outside of the root
// have no place, and neither has the declaration of XML.
func addInstruction(open []*Element, token xml.ProcInst) {
	if len(open) == 0 {
		return
	}
	last := open[len(open)-1]
	last.behind = append(last.behind, behind{len(last.Children), "<?" + token.Target + " " + string(token.Inst) + "?>"})
}

func problemOf(err error, text string, at int64) error {
	var syntax *xml.SyntaxError
	problem := "not well-formed (invalid token)"
	if errors.As(err, &syntax) {
		switch {
		case strings.Contains(syntax.Msg, "invalid character entity"):
			problem = "undefined entity"
			if amp := strings.LastIndexByte(text[:min(int(at), len(text))], '&'); amp >= 0 {
				at = int64(amp)
			}
		case strings.Contains(syntax.Msg, "unexpected EOF"):
			problem, at = "no element found", int64(len(text))
		case strings.Contains(syntax.Msg, "closed by"), strings.Contains(syntax.Msg, "unexpected end element"):
			problem = "mismatched tag"
		}
	} else if errors.Is(err, io.EOF) {
		problem, at = "no element found", int64(len(text))
	}
	return problemAt(problem, text, at)
}

func problemAt(problem, text string, at int64) error {
	before := text[:min(int(at), len(text))]
	line := strings.Count(before, "\n")
	return &logicError{problem, line + 1, len(before) - (strings.LastIndexByte(before, '\n') + 1)}
}

// withoutLayout is a text without the white space of XML around it. Other white space is part of the text.
func withoutLayout(text string) string { return strings.Trim(text, " \t\r\n") }

// content is the text of an element as far as it may mean something: blanks around a value or a message may, those
// between elements and around a name are layout.
func (e *Element) content() string {
	if len(e.Children) > 0 || e.namesSomething() {
		return withoutLayout(e.Text)
	}
	return inItsLine(e.Text)
}

// inItsLine is a text with the blanks around it, unless a line break among them shows that they are layout.
func inItsLine(text string) string {
	bare := withoutLayout(text)
	before, behind, _ := strings.Cut(text, bare)
	if bare == "" || strings.ContainsAny(before+behind, "\r\n") {
		return bare
	}
	return text
}

// namesSomething reports whether an element's text is a name, which is looked up without blanks around it.
func (e *Element) namesSomething() bool {
	return e.Name == "question" || e.Name == "form" || e.Name == "field" || strings.HasSuffix(e.Name, "_field")
}

// AppendCanonical appends the logic in a canonical form, which does not depend on white space
// between elements, around names and in lines of its own, the notation of empty elements, comments, the order of
// attributes and the prefixes of namespaces.
func (e *Element) AppendCanonical(b []byte) []byte {
	if e == nil {
		return b
	}
	b = append(b, '<')
	b = append(b, e.Name...)
	for _, a := range e.attributes() {
		b = fmt.Appendf(b, " %s=%q", qualified(a.Name), a.Value)
	}
	b = append(b, '>')
	if text := e.content(); text != "" {
		b = fmt.Appendf(b, "%q", text)
	}
	for _, t := range e.behind {
		b = fmt.Appendf(b, "%d%q", t.children, t.text)
	}
	for _, c := range e.Children {
		b = c.AppendCanonical(b)
	}
	return append(b, "</>"...)
}
