package criteria

import (
	"context"
	"fmt"
	"iter"

	"github.com/imednetgo/imednet"
)

// RecordCriteria selects records. The zero value selects all that are not deleted. Filters cannot
// name studyKey, because the study is an argument.
type RecordCriteria struct {
	// Records selects records by their attributes.
	Records imednet.Filter
	// RecordData selects records by their answers; its attributes are variable names. The server
	// evaluates it by its own rules, which the API does not document for numbers, case and answers
	// that are missing; only conditions that cannot be sent ([imednet.Filter.Split]) are matched by
	// the rules of this library, as [imednet.IndexedForm.MatchAnswers] does. To apply these rules to
	// all, leave it empty and test the records so, as imednet records list --where does. The study's
	// forms and variables are listed first: a variable that no form has, of those that Records names,
	// is an error.
	RecordData imednet.Filter
	// Subjects selects the records of the subjects that it matches.
	Subjects imednet.Filter
	// Visits selects the records of the visits that it matches.
	Visits imednet.Filter
	// IncludeDeleted includes soft-deleted records, and records of soft-deleted subjects and
	// visits.
	IncludeDeleted bool
}

// RecordReport accounts for every record that was read: Read = Yielded + Deleted + Unmatched.
type RecordReport struct {
	Subjects        int   // matched by RecordCriteria.Subjects and not deleted
	DeletedSubjects int   // matched but left out
	Visits          int   // matched by RecordCriteria.Visits, not deleted and not of other subjects
	DeletedVisits   int   // matched but left out
	Read            int64 // records sent by the server
	Yielded         int64
	Deleted         int64 // soft-deleted, or of a soft-deleted subject, left out (see [imednet.Record.IsDeletedWith])
	// OfDeletedSubjects is the part of Deleted that only the subject's deletion leaves out.
	OfDeletedSubjects int64
	// Doubtful is the part of Deleted whose flag cannot be read (see [imednet.Record.DoubtfulDeletion]).
	Doubtful  int64
	Unmatched int64 // that a filter does not select, left out
	// Unclear is the part of Unmatched that only an ambiguous answer leaves out (see
	// [imednet.Filter.UnclearAnswers]). Of conditions that the server evaluates nothing is known.
	Unclear int64
}

// String is the report in one line.
func (r RecordReport) String() string {
	return fmt.Sprintf("%d of %d records: %d deleted (%d with their subject), %d that do not match", r.Yielded, r.Read, r.Deleted, r.OfDeletedSubjects, r.Unmatched)
}

// RecordRun is one selection of records. It is not safe for concurrent use.
type RecordRun struct {
	ctx      context.Context
	client   Client
	fanOut   int
	studyKey string
	criteria RecordCriteria
	report   RecordReport
}

// Extract returns a run over the records that match all criteria. Nothing is sent before its
// records are read. Cancelling ctx ends the run.
func (d *DataExtraction) Extract(ctx context.Context, studyKey string, c RecordCriteria) *RecordRun {
	return &RecordRun{ctx: ctx, client: d.client, fanOut: d.fanOut, studyKey: studyKey, criteria: c}
}

// Report returns the counts so far. They are complete after the last record or an error.
func (r *RecordRun) Report() RecordReport { return r.report }

// Records yields the records in ascending order of recordId. An error is yielded once, as the last
// element, and is an *[imednet.Error].
func (r *RecordRun) Records() iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		r.report = RecordReport{}
		for record, err := range r.matching() {
			if err != nil {
				yield(imednet.Record{}, &imednet.Error{Package: "criteria", Op: "extract records", StudyKey: r.studyKey, Err: err})
				return
			}
			if !yield(record, nil) {
				return
			}
		}
	}
}

// matching checks the criteria, lists subjects and visits, then streams the records that match.
func (r *RecordRun) matching() iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		if err := r.criteria.validate(); err != nil {
			yield(imednet.Record{}, err)
			return
		}
		m, err := r.match()
		if err != nil {
			yield(imednet.Record{}, err)
			return
		}
		if m.none() {
			return
		}
		for record, err := range r.candidates(m) {
			if err != nil {
				yield(imednet.Record{}, err)
				return
			}
			if m.count(&r.report, &record, r.criteria.IncludeDeleted) && !yield(record, nil) {
				return
			}
		}
	}
}

func (c RecordCriteria) validate() error {
	var problems []imednet.Problem
	for _, f := range []struct {
		name     string
		filter   imednet.Filter
		resource imednet.Resource
	}{{"Records", c.Records, imednet.Records}, {"Subjects", c.Subjects, imednet.Subjects}, {"Visits", c.Visits, imednet.Visits}} {
		problems = append(problems, filterProblems(f.name, f.filter, f.resource)...)
	}
	problems = append(problems, problemsUnder("RecordData", c.RecordData.ValidateAnswers())...)
	if len(problems) > 0 {
		return &imednet.ValidationError{What: "criteria", Problems: problems}
	}
	return nil
}
