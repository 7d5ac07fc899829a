package submissions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
)

// RecordProblem is one thing wrong with one record of a batch. Its texts hold no data: they name
// what the study is known to have, and give only the place of anything else.
type RecordProblem struct {
	Index    int    // of the record in the batch, from 0
	FormKey  string // if the study has it
	Variable string // if the form has it; empty too when the whole record is concerned
	Reason   string // what is wrong; it repeats no value and no unknown name
	Line     int    // of the caller's input; 0 means unknown
	// Place says where a name occurs that the study does not have, such as "variable 2 of 5 in
	// ascending order". A caller that knows the input may replace it with a better one.
	Place string
	// Unknown is that name. It may be misplaced data, so no text shows it.
	Unknown string
}

// String names the record, its form and variable, and what is wrong.
func (p RecordProblem) String() string {
	text := itemName(p.Index)
	if p.Line > 0 {
		text += fmt.Sprintf(" (line %d)", p.Line)
	}
	if p.FormKey != "" {
		text += ", form " + p.FormKey
	}
	if p.Variable != "" {
		text += ", variable " + p.Variable
	}
	if p.Place != "" {
		text += ", " + p.Place
	}
	return text + ": " + p.Reason
}

// InvalidRecordsError lists everything wrong with a submission. Nothing was sent.
type InvalidRecordsError struct{ Problems []RecordProblem }

// Error names index, line, form and variable of every problem, at most the first twenty.
func (e *InvalidRecordsError) Error() string {
	const most = 20
	var b strings.Builder
	fmt.Fprintf(&b, "problems in the records: %d, nothing was sent", len(e.Problems))
	for i, p := range e.Problems {
		if i == most {
			fmt.Fprintf(&b, "; and %d more", len(e.Problems)-most)
			break
		}
		b.WriteString("; " + p.String())
	}
	return b.String()
}

// Validate checks every record of a batch against the study's forms and reports all problems.
// Submissions and dry runs use it.
//
// A record must name one form, its kind must be unambiguous (see [imednet.Submission.KindOf]), an
// interval that it names must be one of the study's if the source can list them, and it may hold only variables of its form that are neither disabled nor deleted, with values of
// their type; null is always allowed. Required variables and choices are not checked, because the
// API does not provide them.
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
	intervals, err := c.intervalsOf(ctx, studyKey, items)
	if err != nil {
		return err
	}
	problems := append(schema.problems(items), intervals.problems(items)...)
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b RecordProblem) int { return cmp.Compare(a.Index, b.Index) })
		return &InvalidRecordsError{problems}
	}
	return nil
}

func (s *StudySchema) problems(items []imednet.Submission) []RecordProblem {
	var problems []RecordProblem
	for i := range items {
		found := s.check(&items[i])
		for j := range found {
			found[j].Index, found[j].Line = i, items[i].Line
		}
		problems = append(problems, found...)
	}
	return problems
}

// check finds what is wrong with one record.
func (s *StudySchema) check(item *imednet.Submission) []RecordProblem {
	form, known := s.Form(formOf(item))
	var problems []RecordProblem
	add := func(reason string) {
		p := RecordProblem{Reason: reason}
		if known {
			p.FormKey = form.FormKey
		}
		problems = append(problems, p)
	}
	for _, reason := range kindProblems(item) {
		add(reason)
	}
	switch {
	case item.FormKey == "" && item.FormID == 0:
		add("the record names no form")
		return problems
	case !known:
		return append(problems, s.unknownForm(item))
	case item.FormKey != "" && item.FormID != 0 && item.FormID != form.FormID:
		add("formKey and formId name different forms")
	}
	if form.Disabled {
		add("the form is disabled")
	}
	for n, name := range slices.Sorted(maps.Keys(item.Data)) {
		if p := form.checkMember(n, name, item.Data); p.Reason != "" {
			problems = append(problems, p)
		}
	}
	return problems
}

// unknownForm is the problem of a record whose form the study does not have.
func (s *StudySchema) unknownForm(item *imednet.Submission) RecordProblem {
	if item.FormKey == "" {
		return RecordProblem{Place: "formId", Reason: "Form id not found", Unknown: strconv.FormatInt(item.FormID, 10)}
	}
	var keys []string
	for _, form := range s.forms {
		keys = append(keys, form.FormKey)
	}
	return RecordProblem{Place: "formKey", Reason: "Form key not found" + shown.DidYouMean(item.FormKey, keys), Unknown: item.FormKey}
}

// checkMember checks a variable of a record, the nth in ascending order from 0; one that the form does
// not have is named by that place.
func (f *FormVariables) checkMember(n int, name string, data map[string]any) RecordProblem {
	p := RecordProblem{FormKey: f.FormKey, Variable: name, Reason: f.checkValue(name, data[name])}
	if _, known := f.Variables[name]; !known {
		p.Variable, p.Unknown, p.Place = "", name, fmt.Sprintf("variable %d of %d in ascending order", n+1, len(data))
	}
	return p
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

// unknownVariable says that the form does not have a variable, without repeating its name.
func (f *FormVariables) unknownVariable(name string) string {
	for known := range f.Variables {
		if strings.EqualFold(known, name) {
			return fmt.Sprintf("unknown variable; the form has %s, and case counts", known)
		}
	}
	return "unknown variable" + shown.DidYouMean(name, slices.Collect(maps.Keys(f.Variables)))
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
		{"intentKey", s.IntentKey},
	} {
		if named.text != "" && imednet.IsBlank(named.text) {
			problems = append(problems, named.what+" is blank")
		}
	}
	for _, named := range []struct {
		what string
		id   int64
	}{{"formId", s.FormID}, {"siteId", s.SiteID}, {"subjectId", s.SubjectID}, {"intervalId", s.IntervalID}, {"recordId", s.RecordID}} {
		if named.id < 0 {
			problems = append(problems, named.what+" is negative")
		}
	}
	var unclear *imednet.ValidationError
	if _, err := s.KindOf(); errors.As(err, &unclear) {
		problems = append(problems, unclear.Problems[0].Message)
	}
	return problems
}
