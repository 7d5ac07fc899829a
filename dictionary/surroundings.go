package dictionary

import (
	"context"
	"iter"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// SurroundingData is what rules read beside their record. What is nil is not known: rules that need it are
// undecided.
type SurroundingData struct {
	Records   iter.Seq2[imednet.Record, error] // all of the study, read once
	Subjects  []imednet.Subject
	Intervals []imednet.Interval
	Queries   []imednet.Query
}

// Surroundings are the other records, the subjects, intervals and queries of a study, as far as its rules
// need them: of records the answers are kept only if a rule reads their form. They are immutable and safe
// for concurrent use.
type Surroundings struct {
	joined    *Joined
	byID      map[int64]*neighbor
	bySubject map[int64][]*neighbor
	children  map[int64][]*neighbor
	subjects  map[int64]*imednet.Subject
	intervals map[int64]string
	names     map[string]bool    // of intervals
	queries   map[int64]bool     // records with queries; nil if queries are not known
	read      map[*Form]bool     // forms whose answers rules read
	forms     map[string][]*Form // by name
}

// neighbor is a record that is not deleted, without answers that no rule reads.
type neighbor struct {
	record imednet.Record
	form   *Form // nil if the dictionary does not have it
}

// Surroundings reads what the rules of the dictionary need beside their record, for [WithSurroundings].
func (j *Joined) Surroundings(ctx context.Context, data SurroundingData) (*Surroundings, error) {
	if err := argument.Required("dictionary.Joined.Surroundings", "data.Records", data.Records); err != nil {
		return nil, err
	}
	s := j.surroundings()
	for r, err := range data.Records {
		if err == nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return nil, failed("read what rules need beside their record", "", err)
		}
		s.addRecord(&r)
	}
	for i := range data.Subjects {
		s.subjects[data.Subjects[i].SubjectID] = &data.Subjects[i]
	}
	for i := range data.Intervals {
		if name := data.Intervals[i].IntervalName.Or(""); name != "" {
			s.intervals[data.Intervals[i].IntervalID], s.names[name] = name, true
		}
	}
	if data.Queries != nil {
		s.queries = map[int64]bool{}
		for i := range data.Queries {
			s.queries[data.Queries[i].RecordID.Or(0)] = true
		}
	}
	return s, nil
}

func (j *Joined) surroundings() *Surroundings {
	s := &Surroundings{
		joined: j, byID: map[int64]*neighbor{}, bySubject: map[int64][]*neighbor{}, children: map[int64][]*neighbor{},
		subjects: map[int64]*imednet.Subject{}, intervals: map[int64]string{}, names: map[string]bool{}, read: map[*Form]bool{}, forms: j.Dictionary.formsByName(),
	}
	for _, r := range j.Dictionary.Rules {
		r.Logic.Child("Conditions").All(func(e, _ *Element) {
			if e.Name == "external" {
				for _, f := range s.forms[e.Child("form").name()] {
					s.read[f] = true
				}
			}
		})
	}
	return s
}

func (s *Surroundings) addRecord(r *imednet.Record) {
	if r.IsDeleted() {
		return
	}
	n := &neighbor{record: imednet.Record{RecordID: r.RecordID, FormID: r.FormID, FormKey: r.FormKey, SubjectID: r.SubjectID, IntervalID: r.IntervalID, ParentRecordID: r.ParentRecordID, Keywords: r.Keywords}}
	n.form, _ = s.joined.Form(r)
	if s.read[n.form] {
		n.record.RecordData = r.RecordData
	}
	s.byID[r.RecordID] = n
	if id, ok := idOf(r.SubjectID); ok {
		s.bySubject[id] = append(s.bySubject[id], n)
	}
	if id, ok := idOf(r.ParentRecordID); ok {
		s.children[id] = append(s.children[id], n)
	}
}

// idOf returns an id, and whether it is set: 0 is none (API contract, section 4.8).
func idOf(id imednet.Opt[int64]) (int64, bool) { return id.Or(0), id.Or(0) != 0 }

// beyondRecord are the words of conditions that are about more than the record.
var beyondRecord = map[string]bool{
	"external": true, "current_interval": true, "number_of_child_log_records": true, "number_of_sibling_records": true,
	"keyword_status_parent": true, "keyword_status_patient": true, "keyword_status_child_log_record": true, "keyword_status_record_in_interval": true,
	"query_status_record": true, "query_status_record_cel": true,
}

// NeedsSurroundings reports whether a rule of the checker reads anything that [Surroundings] hold.
func (c *Checker) NeedsSurroundings() bool {
	needs := false
	for _, rules := range c.rules {
		for _, r := range rules {
			r.conditions().All(func(e, _ *Element) { needs = needs || beyondRecord[e.Name] })
		}
	}
	return needs
}

// WithSurroundings lets rules read what stands beside their record. Without it they are undecided.
func WithSurroundings(s *Surroundings) CheckerOption {
	return func(c *Checker) error {
		c.around = s
		return argument.Required("dictionary.WithSurroundings", "s", s)
	}
}

// WithRole names the role of the user for rules that ask for it. Without it they are undecided.
func WithRole(name string) CheckerOption {
	return func(c *Checker) error {
		c.role = name
		return argument.Named("dictionary.WithRole", "name", name)
	}
}

// CheckChange evaluates the rules of a form on a record that is saved in place of an earlier state of it, so
// that rules can ask which answers changed.
func (c *Checker) CheckChange(form *Form, before, after *imednet.Record) []Outcome {
	if form == nil || before == nil || after == nil {
		return nil
	}
	own := *c
	own.earlier = c.answersOf(form, before.RecordData)
	return own.Check(form, after)
}

// formsByName are the forms by the name by which rules call those of others.
func (d *Dictionary) formsByName() map[string][]*Form {
	byName := map[string][]*Form{}
	for _, f := range d.Forms {
		if name := (&Element{Text: f.Name}).Trimmed(); name != "" {
			byName[name] = append(byName[name], f)
		}
	}
	return byName
}
