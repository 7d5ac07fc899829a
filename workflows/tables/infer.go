package tables

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// InferOptions configures [RecordMapper.InferPlan].
type InferOptions struct {
	// Plan is the plan to start from; nil means one made from the study's variables.
	Plan *Plan
	// ExtraColumns adds a text column for every key that holds an answer and is not declared by any
	// variable, up to 1,000 per form.
	ExtraColumns bool
	// KeepTypes keeps the types that the variables declare.
	KeepTypes bool
	// Translate is [MapOptions.Translate] of the runs for which the plan is made.
	Translate func(imednet.Record) imednet.Record
}

// dictionaryLimit is the number of different texts up to which a column becomes a dictionary, if
// every text stands there twice on average.
const dictionaryLimit = 1000

// InferPlan reads all records of the study once, including deleted ones, and returns a plan that
// fits them more closely, with the counts of the reading. Numbers that are all written as whole
// numbers become int64 unless this would reject more of them; dates that are all complete become
// date32; date-times that all have the same format become timestamps, unless their type is a word for dates that may be
// partial ([imednet.TakesPartialDates]); texts that are all true or
// false become booleans; and repeated texts become dictionaries. Apart from these types and the
// undeclared keys, the plan reveals nothing about the data. Store it and pass it to later runs: a
// later value that does not fit is a reject, so that the schema never changes.
func (m *RecordMapper) InferPlan(ctx context.Context, studyKey string, opts InferOptions) (*Plan, MapReport, error) {
	extra := map[string]map[string]bool{}
	plain := *m
	plain.deid = nil // the survey keeps no value
	var report MapReport
	p, err := plain.begin(ctx, "infer plan", studyKey, MapOptions{
		Plan: opts.Plan, IncludeDeleted: true, Translate: opts.Translate,
		OnReject: func(r Reject) error {
			noteExtra(extra, r)
			return nil
		},
	}, &report)
	if err != nil {
		return nil, report, err
	}
	surveys := make([]*survey, len(p.forms))
	for i, f := range p.forms {
		surveys[i] = newSurvey(f.plan)
		f.sink = surveys[i]
		for j := range f.plan.Columns {
			f.places = append(f.places, j)
		}
	}
	if err := p.each(ctx, func(*frame, arrow.Record) bool { return true }); err != nil {
		return nil, report, err
	}
	plan := p.plan.clone()
	plan.Inferred = true
	for i := range plan.Forms {
		f := &plan.Forms[i]
		if !opts.KeepTypes {
			surveys[i].narrow(f.Columns)
		}
		if opts.ExtraColumns {
			f.addExtra(extra[f.FormKey])
		}
	}
	return m.deid.withoutUndeclared(plan), report, nil
}

func noteExtra(extra map[string]map[string]bool, r Reject) {
	if r.Reason != ReasonUndeclared && r.Reason != ReasonAmbiguous || !utf8.ValidString(r.Variable) {
		return
	}
	keys := extra[r.FormKey]
	if keys == nil {
		keys = map[string]bool{}
		extra[r.FormKey] = keys
	}
	if len(keys) < reportedKeys {
		keys[r.Variable] = true
	}
}

// addExtra appends columns for undeclared keys in the order of their names. A key that is named as a column of codes
// has none.
func (f *FormPlan) addExtra(keys map[string]bool) {
	var names []string
	for key := range keys {
		if !f.namesCodes(key) {
			names = append(names, key)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		f.Columns = append(f.Columns, Column{Name: name, Type: TypeText, Form: f.FormKey, Extra: true})
	}
}

// namesCodes reports whether a column of codes has this name, in any case.
func (f *FormPlan) namesCodes(key string) bool {
	return slices.ContainsFunc(f.Columns, func(c Column) bool { return c.CodesOf != "" && answers.Same(c.Name, key) })
}
