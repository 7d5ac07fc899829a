package imednettest

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
)

// view looks at one row of a table for the comparisons of a filter. It renders the row's JSON
// only when an attribute needs it.
type view struct {
	t        *table
	pos      int
	id       int64
	hot      hot
	raw      []byte // of this row when rendered
	rendered bool
}

func (v *view) move(t *table, pos int) {
	v.t, v.pos, v.rendered = t, pos, false
	id, kept, index := t.at(pos)
	v.id = id
	if kept != nil {
		v.hot = kept.hot
		return
	}
	v.hot = t.base.hot(index)
}

func (v *view) json() []byte {
	if !v.rendered {
		v.raw = v.t.appendJSON(v.raw[:0], v.pos)
		v.rendered = true
	}
	return v.raw
}

// deleted reports whether the row is flagged so.
func (v *view) deleted() bool {
	if v.hot.deletedKnown {
		return v.hot.deleted
	}
	return string(valueOf(v.json(), "deleted")) == "true"
}

// matches reports whether the row passes both filters.
func (v *view) matches(f, data filter) bool {
	if !combine(f, v.holds) {
		return false
	}
	if len(data.terms) == 0 {
		return true
	}
	answers, _ := imednet.NewRecordData(valueOf(v.json(), "recordData")) // fails if it is absent: no answers
	return combine(data, func(c *comparison) bool { return answerHolds(answers, c) })
}

func combine(f filter, holds func(*comparison) bool) bool {
	if f.mixed {
		return anyGroup(f, holds)
	}
	for i := range f.terms {
		if holds(&f.terms[i]) == f.or {
			return f.or
		}
	}
	return !f.or || len(f.terms) == 0
}

// anyGroup is combine for AND and OR together: one group of terms joined by AND must hold.
func anyGroup(f filter, holds func(*comparison) bool) bool {
	all := true
	for i := range f.terms {
		if f.terms[i].afterOr {
			if all {
				return true
			}
			all = true
		}
		all = all && holds(&f.terms[i])
	}
	return all
}

// holds compares one attribute of the row. An attribute that is absent, null, "" or of another
// type than documented has no value: only != holds for it.
func (v *view) holds(c *comparison) bool {
	switch c.kind {
	case intKind:
		n, ok := v.number(c.attribute)
		return outcome(c.op, ok, cmp.Compare(n, c.number))
	case timeKind:
		n, ok := v.seconds(c.attribute)
		return outcome(c.op, ok, cmp.Compare(n, c.number))
	case boolKind:
		if c.attribute == "deleted" && v.hot.deletedKnown {
			return outcome(c.op, true, boolOrder(v.hot.deleted, c.text == "true"))
		}
	case textKind:
		if c.attribute == "formKey" && v.hot.formKey != "" {
			return outcome(c.op, true, strings.Compare(v.hot.formKey, c.text))
		}
	}
	text := textOf(valueOf(v.json(), c.attribute))
	return outcome(c.op, text != "", strings.Compare(text, c.text))
}

func boolOrder(a, b bool) int {
	if a == b {
		return 0
	}
	return 1
}

func outcome(op string, ok bool, order int) bool {
	if !ok {
		return op == "!="
	}
	switch op {
	case "==":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	}
	return false
}

func (v *view) number(attribute string) (int64, bool) {
	n := int64(0)
	switch attribute {
	case v.t.resource.ID():
		n = v.id
	case "recordId":
		n = v.hot.recordID
	case "formId":
		n = v.hot.formID
	case "siteId":
		n = v.hot.siteID
	case "subjectId":
		n = v.hot.subjectID
	case "intervalId":
		n = v.hot.intervalID
	case "visitId":
		n = v.hot.visitID
	}
	if n != 0 {
		return n, true
	}
	n, err := strconv.ParseInt(textOf(valueOf(v.json(), attribute)), 10, 64)
	return n, err == nil
}

func (v *view) seconds(attribute string) (int64, bool) {
	n := int64(0)
	switch attribute {
	case "dateCreated":
		n = v.hot.created
	case "dateModified":
		n = v.hot.modified
	}
	if n == 0 {
		n = unixOf(valueOf(v.json(), attribute))
	}
	return n, n != 0
}

// answerHolds compares an answer. Variable names are matched whatever their case, since the
// vendor's examples use both. == and != compare the text; the other operators compare numbers
// when both sides are numbers and the settings have it so, and text otherwise.
func answerHolds(answers imednet.RecordData, c *comparison) bool {
	value, n := answers.Lookup(c.attribute)
	if n != 1 || value.Missing() {
		return c.op == "!="
	}
	if c.pattern != nil {
		return c.pattern.MatchString(value.Text())
	}
	want, err := strconv.ParseFloat(c.text, 64)
	have, isNumber := value.Float64()
	if err == nil && isNumber && !c.asText && c.op != "==" && c.op != "!=" {
		return outcome(c.op, true, cmp.Compare(have, want))
	}
	return outcome(c.op, true, strings.Compare(value.Text(), c.text))
}
