package submissions

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// RecordProblem is one thing wrong with one record of a batch.
type RecordProblem struct {
	Index    int    // of the record in the batch, from 0
	FormKey  string // as far as it is known
	Variable string // empty when the whole record is concerned
	Reason   string // what is wrong; it does not repeat the value
}

// InvalidRecordsError lists everything wrong with a batch. Nothing of the batch was sent.
type InvalidRecordsError struct{ Problems []RecordProblem }

// Error names index, form and variable of every problem, at most the first twenty.
func (e *InvalidRecordsError) Error() string {
	const most = 20
	var b strings.Builder
	fmt.Fprintf(&b, "workflows: %d problems in the records, nothing was sent", len(e.Problems))
	for i, p := range e.Problems {
		if i == most {
			fmt.Fprintf(&b, "; and %d more", len(e.Problems)-most)
			break
		}
		fmt.Fprintf(&b, "; record %d", p.Index)
		if p.FormKey != "" {
			fmt.Fprintf(&b, ", form %s", p.FormKey)
		}
		if p.Variable != "" {
			fmt.Fprintf(&b, ", variable %s", p.Variable)
		}
		b.WriteString(": " + p.Reason)
	}
	return b.String()
}

// Validate checks every record of a batch against the study's forms and reports everything that
// is wrong, or nil. It is what submissions and dry runs use.
//
// A record must name one form, must be of one of the API's kinds (contract, section 6), and may
// hold only variables of its form that are neither disabled nor deleted, with values of their
// type; null is always allowed. Neither required variables nor choices are checked, because the
// API does not tell them.
func (c *SchemaCache) Validate(ctx context.Context, studyKey string, items []imednet.Submission) error {
	refs := map[FormRef]bool{}
	for _, item := range items {
		if item.FormKey != "" || item.FormID != 0 {
			refs[formOf(item)] = true
		}
	}
	schema, err := c.including(ctx, studyKey, slices.Collect(maps.Keys(refs)))
	if err != nil {
		return err
	}
	if problems := schema.problems(items); len(problems) > 0 {
		return &InvalidRecordsError{problems}
	}
	return nil
}

func (s *StudySchema) problems(items []imednet.Submission) []RecordProblem {
	var problems []RecordProblem
	for i, item := range items {
		found := s.check(item)
		for j := range found {
			found[j].Index = i
		}
		problems = append(problems, found...)
	}
	return problems
}

// check finds what is wrong with one record.
func (s *StudySchema) check(item imednet.Submission) []RecordProblem {
	var problems []RecordProblem
	for _, reason := range kindProblems(item) {
		problems = append(problems, RecordProblem{FormKey: item.FormKey, Reason: reason})
	}
	if item.FormKey == "" && item.FormID == 0 {
		return append(problems, RecordProblem{Reason: "the record names no form"})
	}
	form, ok := s.Form(formOf(item))
	if !ok {
		return append(problems, RecordProblem{FormKey: item.FormKey, Reason: fmt.Sprintf("Form %s not found", formOf(item))})
	}
	if item.FormKey != "" && item.FormID != 0 && item.FormID != form.FormID {
		problems = append(problems, RecordProblem{FormKey: form.FormKey, Reason: "formKey and formId name different forms"})
	}
	if form.Disabled {
		problems = append(problems, RecordProblem{FormKey: form.FormKey, Reason: "the form is disabled"})
	}
	for _, name := range slices.Sorted(maps.Keys(item.Data)) {
		if reason := form.checkValue(name, item.Data[name]); reason != "" {
			problems = append(problems, RecordProblem{FormKey: form.FormKey, Variable: name, Reason: reason})
		}
	}
	return problems
}

func (f *FormVariables) checkValue(name string, value any) string {
	v, ok := f.Variables[name]
	switch {
	case !ok:
		return f.unknownVariable(name)
	case v.Deleted.Or(false):
		return "the variable is deleted"
	case v.Disabled.Or(false):
		return "the variable is disabled"
	}
	return checkSubmittedValue(v.VariableType.Or(""), value)
}

func (f *FormVariables) unknownVariable(name string) string {
	for known := range f.Variables {
		if strings.EqualFold(known, name) {
			return fmt.Sprintf("unknown variable; the form has %s, and case counts", known)
		}
	}
	return "unknown variable"
}

// kindProblems checks that the keys make one of the kinds of submission.
func kindProblems(s imednet.Submission) []string {
	var problems []string
	several := func(what string, given ...bool) bool {
		n := 0
		for _, g := range given {
			if g {
				n++
			}
		}
		if n > 1 {
			problems = append(problems, "more than one "+what+" identifier is given")
		}
		return n > 0
	}
	site := several("site", s.SiteName != "", s.SiteID != 0)
	subject := several("subject", s.SubjectKey != "", s.SubjectID != 0, s.SubjectOID != "")
	interval := several("interval", s.IntervalName != "", s.IntervalID != 0)
	record := several("record", s.RecordID != 0, s.RecordOID != "")
	switch {
	case site && subject:
		problems = append(problems, "a registration names a site and no subject: the server assigns the subject key, and with one the record would be an update")
	case interval && !subject:
		problems = append(problems, "an interval needs a subject")
	case !site && !subject && !record:
		problems = append(problems, "the record names neither a site to register at, nor a subject, nor a record")
	}
	return problems
}
