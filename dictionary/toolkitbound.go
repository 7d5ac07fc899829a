package dictionary

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxValues and maxMembers are how many values a document of the Python toolkit may have, and members one object of it: a value of two
// characters takes up to 300 bytes in memory. The document of a real export has about 200,000 values, and 55 members in an object.
const (
	maxValues  = 8_000_000
	maxMembers = 1_000
)

// checkText reads a document once, keeps nothing of it, and refuses what is not one value or has too many in it.
func (d *documentReader) checkText(raw jsontext.Value) {
	dec := newDecoder(raw)
	for values := 0; ; {
		token, err := dec.ReadToken()
		if _, n := dec.StackIndex(0); errors.Is(err, io.EOF) && n == 1 {
			return
		}
		if err != nil {
			d.problem("", "the text is not JSON")
			return
		}
		if kind := token.Kind(); kind == '}' || kind == ']' {
			continue
		}
		around, length := dec.StackIndex(dec.StackDepth()) // of an object, names are counted too
		if around == '{' && length > 2*maxMembers {
			d.problem(string(dec.StackPointer().Parent()), "the object has more than 1,000 members")
			return
		}
		if around == '{' && length%2 == 1 {
			continue // a name
		}
		if values++; values > maxValues {
			d.problem("", "the document has more than 8,000,000 values")
			return
		}
	}
}

// tooManyParts counts forms, questions, choices, rules or warnings, of which a document may have as many as a file of an export has rows.
func (d *documentReader) tooManyParts(list string, n int, pointer string) bool {
	if list == "unassignedBusinessLogic" {
		list = "businessLogic"
	}
	if d.parts == nil {
		d.parts = map[string]int{}
	}
	if d.parts[list] += n; d.parts[list] > maxRows {
		d.problem(pointer, "the document has more than 250,000 of these")
		return true
	}
	return false
}

// boundLogic counts what the logic of a rule is made of, as in a file of an export.
func (d *documentReader) boundLogic(r ToolkitRule, at *fields) {
	var n int
	name := "logicRawXml"
	if r.XML != nil {
		n = strings.Count(*r.XML, "<") + strings.Count(*r.XML, "=")
	} else {
		n, name = countValues(r.Logic), "logic"
	}
	if d.markup += n; d.markup > maxMarkup {
		d.problem(at.at(name), "the rules of the document have more than 4,000,000 elements and attributes")
	}
}

// countValues counts the scalars and objects in a valid value.
func countValues(v jsontext.Value) int {
	n := 0
	for dec := newDecoder(v); ; {
		token, err := dec.ReadToken()
		if err != nil {
			return n
		}
		switch token.Kind() {
		case '}', ']', '[':
		default:
			n++
		}
	}
}

// newDecoder reads a value where it is: a buffer is not copied.
func newDecoder(v jsontext.Value) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(v), jsontext.AllowDuplicateNames(true))
}
