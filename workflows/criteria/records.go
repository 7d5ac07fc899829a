package criteria

import (
	"context"
	"iter"

	"github.com/imednetgo/imednet"
)

// RecordCriteria select records. The zero value selects all that are not deleted. studyKey is not
// an attribute to filter by: the study is an argument.
type RecordCriteria struct {
	// Records selects by attributes of the record.
	Records imednet.Filter
	// RecordData selects by answers; its attributes are variable names.
	RecordData imednet.Filter
	// Subjects selects the records of the subjects that it matches.
	Subjects imednet.Filter
	// Visits selects the records of the visits that it matches.
	Visits imednet.Filter
	// IncludeDeleted keeps soft-deleted records, and those of soft-deleted subjects and visits.
	IncludeDeleted bool
}

// RecordReport accounts for every row that was read: Read = Yielded + Deleted + Unmatched.
type RecordReport struct {
	Subjects        int   // matched by RecordCriteria.Subjects, deleted ones not counted
	DeletedSubjects int   // matched, but left out
	Visits          int   // matched by RecordCriteria.Visits, deleted ones and those of other subjects not counted
	DeletedVisits   int   // matched, but left out
	Read            int64 // records that the server sent
	Yielded         int64
	Deleted         int64 // soft-deleted, left out
	Unmatched       int64 // of other subjects or visits, left out
}

// RecordRun is one selection of records. It must not be used by several goroutines at once.
type RecordRun struct {
	ctx      context.Context
	client   Client
	fanOut   int
	studyKey string
	criteria RecordCriteria
	report   RecordReport
}

// Extract returns a run over the records that match all criteria. Nothing is sent before its
// records are read. ctx ends the run's requests.
func (d *DataExtraction) Extract(ctx context.Context, studyKey string, c RecordCriteria) *RecordRun {
	return &RecordRun{ctx: ctx, client: d.client, fanOut: d.fanOut, studyKey: studyKey, criteria: c}
}

// Report returns what the run has counted so far: after the last record, or an error, everything.
func (r *RecordRun) Report() RecordReport { return r.report }

// Records yields the records in ascending recordId. An error comes last, as an [*imednet.Error].
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
	_, err := c.RecordData.EncodeRecordData()
	problems = append(problems, problemsUnder("RecordData", err)...)
	if len(problems) > 0 {
		return &imednet.ValidationError{What: "criteria", Problems: problems}
	}
	return nil
}
