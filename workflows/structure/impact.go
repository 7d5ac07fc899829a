package structure

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Impact is a change with the number of records that it concerns: those of the form, those that answer the
// variable, or those at the interval. Soft-deleted records are not counted.
type Impact struct {
	Change
	Records int64 `json:"records"`
}

// AnswerTest reports whether a change of a variable concerns a record with this answer to it, which may be absent.
type AnswerTest func(imednet.Value) bool

// CountRecords reads a study's records once and counts those that each change from one design to a later
// one concerns, under the old name or the new one. An answer that is missing ([imednet.Value.Missing]) counts as none.
// Tests, in the order of the changes, say otherwise for changes of variables that concern certain answers only,
// or blanks; nil is none. A record with several answers of which none can be chosen is counted.
func CountRecords(ctx context.Context, source imednet.RecordSource, studyKey string, before, after *Design, changes []Change, tests ...AnswerTest) ([]Impact, error) {
	if err := errors.Join(argument.Required("structure.CountRecords", "source", source), argument.Named("structure.CountRecords", "studyKey", studyKey),
		argument.Required("structure.CountRecords", "before", before), argument.Required("structure.CountRecords", "after", after)); err != nil {
		return nil, err
	}
	c := newConcerned(before, after, changes)
	c.tests = tests
	for rec, err := range source.Records(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return nil, &imednet.Error{Package: "structure", Op: "count records", StudyKey: studyKey, Err: err}
		}
		if !rec.IsDeleted() {
			c.count(&rec)
		}
	}
	return c.impacts, nil
}

// concerned finds the changes that a record is concerned by.
type concerned struct {
	impacts   []Impact
	indexes   [2]*imednet.FormIndex // of the old design and the new one
	forms     map[string][]int      // changes of forms and variables by the form's key
	variables map[int][]string      // names of the variable of a change
	intervals map[int64][]int       // changes of intervals by id
	tests     []AnswerTest          // of the changes
}

func newConcerned(before, after *Design, changes []Change) *concerned {
	c := &concerned{
		indexes: [2]*imednet.FormIndex{before.index(), after.index()},
		forms:   map[string][]int{}, variables: map[int][]string{}, intervals: map[int64][]int{},
	}
	parts := slices.Concat(newParts(before), newParts(after))
	for i, change := range changes {
		c.impacts = append(c.impacts, Impact{Change: change})
		for _, p := range parts {
			if p.part == change.Part && (p.bears(change) || change.Kind == PartRenamed && p.path() == change.Before) {
				c.note(i, p)
			}
		}
	}
	return c
}

// bears reports whether a part has the names of a change.
func (p *part) bears(c Change) bool {
	switch p.part {
	case IntervalPart:
		return p.name == c.Interval
	case VariablePart:
		return p.formKey == c.FormKey && p.name == c.Variable
	}
	return p.name == c.FormKey
}

func (c *concerned) note(i int, p *part) {
	switch p.part {
	case IntervalPart:
		c.intervals[p.id] = addOnce(c.intervals[p.id], i)
	case VariablePart:
		c.variables[i] = addOnce(c.variables[i], p.name)
		fallthrough
	default:
		c.forms[p.formKey] = addOnce(c.forms[p.formKey], i)
	}
}

func addOnce[T comparable](to []T, v T) []T {
	if slices.Contains(to, v) {
		return to
	}
	return append(to, v)
}

func (c *concerned) count(r *imednet.Record) {
	var keys []string
	var hit []int
	for _, index := range c.indexes {
		form, _ := index.Of(r.FormID.Or(0), r.FormKey.Or(""))
		if form == nil {
			continue
		}
		key := keyOf(form.Form)
		keys = addOnce(keys, key)
		for _, i := range c.forms[key] {
			if names, ofVariable := c.variables[i]; !ofVariable || c.concerns(i, form, r, names) {
				hit = addOnce(hit, i)
			}
		}
	}
	for _, i := range c.intervals[r.IntervalID.Or(0)] {
		if key := c.impacts[i].FormKey; key == "" || slices.Contains(keys, key) {
			hit = addOnce(hit, i)
		}
	}
	for _, i := range hit {
		c.impacts[i].Records++
	}
}

// concerns reports whether a change of a variable concerns one of the record's answers to it.
func (c *concerned) concerns(change int, form *imednet.IndexedForm, r *imednet.Record, names []string) bool {
	test := AnswerTest(func(v imednet.Value) bool { return !v.Missing() })
	if change < len(c.tests) && c.tests[change] != nil {
		test = c.tests[change]
	}
	return slices.ContainsFunc(names, func(name string) bool {
		v, n := form.Answer(r.RecordData, name)
		return n > 1 || test(v)
	})
}

// keyOf is the key by which changes name a form.
func keyOf(f imednet.Form) string { return f.FormKey.Or(strconv.FormatInt(f.FormID, 10)) }

// index finds the form of a record in the design.
func (d *Design) index() *imednet.FormIndex { return imednet.NewFormIndex(d.Rows()) }

// Rows returns the design's forms and variables as they were listed, each once.
func (d *Design) Rows() (forms []imednet.Form, variables []imednet.Variable) {
	variables = slices.Clone(d.Unscheduled.Variables)
	for _, f := range d.Forms {
		forms = append(forms, f.Form)
		variables = append(variables, f.Variables...)
	}
	return forms, variables
}
