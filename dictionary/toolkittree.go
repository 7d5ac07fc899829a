package dictionary

import (
	"encoding/xml"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// logicTree makes the tree of a rule again from what the toolkit's document holds of it; ok is false for a
// value that the toolkit does not write. The order of children is lost only among three or more, of which
// some have the same name and others do not: those are marked.
func logicTree(logic jsontext.Value) (root *Element, ok bool) {
	root = &Element{Name: "BusinessLogic"}
	return root, logic.Kind() == '{' && root.fill(logic, 0)
}

// fill takes over the attributes, children and text of an object.
func (e *Element) fill(object jsontext.Value, depth int) bool {
	if depth == maxLogicDepth {
		return false
	}
	several := false
	for _, m := range membersOf(object) {
		switch attribute, isAttribute := strings.CutPrefix(m.Name, "@"); {
		case isAttribute && m.Value.Kind() == '"':
			e.Attributes = append(e.Attributes, xml.Attr{Name: xml.Name{Local: attribute}, Value: unquoted(m.Value)})
		case m.Name == "#text" && m.Value.Kind() == '"':
			e.Text = unquoted(m.Value)
		default:
			children, ok := childrenOf(m, depth)
			if !ok {
				return false
			}
			several = several || len(children) > 1
			e.Children = append(e.Children, children...)
		}
	}
	e.unordered = several && slices.ContainsFunc(e.Children, func(c *Element) bool { return c.Name != e.Children[0].Name })
	if e.Name == "case" {
		e.pairCases()
	}
	return true
}

// childrenOf are the children of one name: true is an element without anything, a text one with text alone.
func childrenOf(m Member, depth int) ([]*Element, bool) {
	values := []jsontext.Value{m.Value}
	if m.Value.Kind() == '[' {
		values = valuesOf(m.Value)
	}
	var all []*Element
	for _, v := range values {
		e := &Element{Name: elementName(m.Name)}
		switch v.Kind() {
		case 't':
		case '"':
			e.Text = unquoted(v)
		case '{':
			if !e.fill(v, depth+1) {
				return nil, false
			}
		default:
			return nil, false
		}
		all = append(all, e)
	}
	return all, true
}

// pairCases gives a case its order: it is made of when and then in turn, or it is none.
func (e *Element) pairCases() {
	var pairs [2][]*Element
	for _, c := range e.Children {
		i := slices.Index([]string{"when", "then"}, c.Name)
		if i < 0 {
			return
		}
		pairs[i] = append(pairs[i], c)
	}
	if len(pairs[0]) != len(pairs[1]) || !e.unordered || e.Children[0].Name != "when" {
		return
	}
	e.Children, e.unordered = nil, false
	for i := range pairs[0] {
		e.Children = append(e.Children, pairs[0][i], pairs[1][i])
	}
}

// elementName turns the toolkit's name of an element back: disableAndClearField is disable_and_clear_field.
func elementName(camel string) string {
	if camel == "conditions" || camel == "actions" {
		return strings.ToUpper(camel[:1]) + camel[1:]
	}
	var b strings.Builder
	for _, r := range camel {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// valuesOf returns the items of a valid list.
func valuesOf(list jsontext.Value) []jsontext.Value {
	dec := newDecoder(list)
	if _, err := dec.ReadToken(); err != nil {
		return nil
	}
	var all []jsontext.Value
	for dec.PeekKind() != ']' {
		v, err := dec.ReadValue()
		if err != nil {
			return all
		}
		all = append(all, v.Clone())
	}
	return all
}
