package submissions

import (
	"context"
	"errors"
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
	fmt.Fprintf(&b, "problems in the records: %d, nothing was sent", len(e.Problems))
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
// A record must name one form, must be clear about its kind (see imednet.Submission.KindOf), and may
// hold only variables of its form that are neither disabled nor deleted, with values of their
// type; null is always allowed. Neither required variables nor choices are checked, because the
// API does not show them.
func (c *SchemaCache) Validate(ctx context.Context, studyKey string, items []imednet.Submission) error {
	refs := map[FormRef]bool{}
	for i := range items {
		item := &items[i]
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
	for i := range items {
		found := s.check(&items[i])
		for j := range found {
			found[j].Index = i
		}
		problems = append(problems, found...)
	}
	return problems
}

// check finds what is wrong with one record.
func (s *StudySchema) check(item *imednet.Submission) []RecordProblem {
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

// kindProblems checks that it is clear what kind of write a record is, and that nothing is named twice.
func kindProblems(s *imednet.Submission) []string {
	var problems []string
	once := func(what string, given ...bool) {
		n := 0
		for _, g := range given {
			if g {
				n++
			}
		}
		if n > 1 {
			problems = append(problems, "more than one "+what+" identifier is given")
		}
	}
	once("site", s.SiteName != "", s.SiteID != 0)
	once("subject", s.SubjectKey != "", s.SubjectID != 0, s.SubjectOID != "")
	once("interval", s.IntervalName != "", s.IntervalID != 0)
	once("record", s.RecordID != 0, s.RecordOID != "")
	for _, named := range []struct{ what, text string }{
		{"siteName", s.SiteName}, {"subjectKey", s.SubjectKey}, {"subjectOid", s.SubjectOID}, {"intervalName", s.IntervalName}, {"recordOid", s.RecordOID},
	} {
		if named.text != "" && imednet.IsMissing(named.text) {
			problems = append(problems, named.what+" is blank")
		}
	}
	var unclear *imednet.ValidationError
	if _, err := s.KindOf(); errors.As(err, &unclear) {
		problems = append(problems, unclear.Problems[0].Message)
	}
	return problems
}
