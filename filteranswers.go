package imednet

import (
	"slices"

	"github.com/imednetgo/imednet/internal/shown"
)

// ValidateAnswersOf is [Filter.ValidateAnswers] for records of these forms. It also refuses a name that none of them
// has a variable of ([IndexedForm.Variable]): such a condition selects nothing or, with != and with [NoValue], everything.
// That error is [ErrNotFound] as well.
func (f Filter) ValidateAnswersOf(forms []*IndexedForm) error {
	if err := f.ValidateAnswers(); err != nil {
		return err
	}
	var problems []Problem
	for _, c := range f.conditions {
		known := func(form *IndexedForm) bool { _, n := form.Variable(c.Attribute); return n == 1 }
		if !slices.ContainsFunc(forms, known) {
			near := shown.DidYouMean(c.Attribute, variableNames(forms))
			problems = append(problems, Problem{Path: c.Attribute, Message: "there is no such variable" + near, NotFound: true})
		}
	}
	if len(problems) > 0 {
		return &ValidationError{What: "recordDataFilter", Problems: problems}
	}
	return nil
}

func variableNames(forms []*IndexedForm) (names []string) {
	for _, form := range forms {
		names = slices.AppendSeq(names, form.VariableNames())
	}
	return names
}

// MatchAnswers applies a filter over variables to the answers of a record, found as by
// [RecordData.Lookup]. A variable with several spellings, none of them exact, has an ambiguous answer (see
// [Filter.UnclearAnswers]). Where the record's form is known, [IndexedForm.MatchAnswers] tells variables
// apart that differ only in case.
func (f Filter) MatchAnswers(d RecordData) bool { return f.match(d.Lookup) }

// UnclearAnswers reports whether [Filter.MatchAnswers] leaves a record out only because an answer is ambiguous. Such an
// answer is neither blank nor not blank, and compares with no value: only != with a value selects it.
func (f Filter) UnclearAnswers(d RecordData) bool { return f.unclear(d.Lookup) }

// MatchAnswers applies a filter over variables of the form to the answers of one of its records, found
// as by [IndexedForm.Answer].
func (f *IndexedForm) MatchAnswers(filter Filter, d RecordData) bool {
	return filter.match(f.answersOf(d))
}

// UnclearAnswers is [Filter.UnclearAnswers] for [IndexedForm.MatchAnswers].
func (f *IndexedForm) UnclearAnswers(filter Filter, d RecordData) bool {
	return filter.unclear(f.answersOf(d))
}

func (f *IndexedForm) answersOf(d RecordData) answerLookup {
	return func(name string) (Value, int) { return f.Answer(d, name) }
}

// answerLookup finds a value, and how many spellings could be it: 0 is none, and more than 1 an ambiguous answer.
type answerLookup func(name string) (v Value, n int)

// match applies the filter.
func (f Filter) match(lookup answerLookup) bool {
	if f.mixed {
		return false
	}
	for _, c := range f.conditions {
		if holds := c.matches(lookup(c.Attribute)); holds == f.IsOr() {
			return holds
		}
	}
	return !f.IsOr()
}

// unclear reports whether conditions on ambiguous answers alone decide that the filter does not hold.
func (f Filter) unclear(lookup answerLookup) bool {
	open := false
	for _, c := range f.conditions {
		v, n := lookup(c.Attribute)
		switch holds := c.matches(v, n); {
		case !holds && n > 1:
			open = true
		case holds == f.IsOr():
			return false
		}
	}
	return open && !f.mixed
}
