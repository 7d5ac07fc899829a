package extraction

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/imednetgo/imednet"
)

// DataExtractionClient is the part of a Client that DataExtraction reads.
type DataExtractionClient interface {
	Subjects(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Subject, error]
	Visits(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Visit, error]
	Records(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error]
	RecordRevisions(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error]
}

// DataExtraction selects records by conditions on their subjects and visits, and reads the audit
// trail between two moments. It is safe for concurrent use.
type DataExtraction struct {
	client DataExtractionClient
	fanOut int
}

// DataExtractionOption is a setting of NewDataExtraction.
type DataExtractionOption func(*DataExtraction) error

// maxFanOut keeps the number of listings that one extraction reads at once within reason.
const maxFanOut = 32

// WithSubjectFanOut sets up to how many subjects RecordsByCriteria asks for records subject by
// subject instead of reading the study's records and sorting them out: 0 to 32, default 8. Each
// subject costs a listing of its own; a study costs a request for every 500 records.
func WithSubjectFanOut(n int) DataExtractionOption {
	return func(d *DataExtraction) error {
		if n < 0 || n > maxFanOut {
			return fmt.Errorf("extraction: WithSubjectFanOut: %d is not in 0 to %d", n, maxFanOut)
		}
		d.fanOut = n
		return nil
	}
}

// NewDataExtraction returns the workflow over a client.
func NewDataExtraction(client DataExtractionClient, opts ...DataExtractionOption) (*DataExtraction, error) {
	if client == nil {
		return nil, errors.New("extraction: NewDataExtraction: the client is nil")
	}
	d := &DataExtraction{client: client, fanOut: 8}
	for _, opt := range opts {
		if err := opt(d); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Criteria select records. The zero value selects all that are not deleted. studyKey is no
// attribute to filter by: the study is an argument.
type Criteria struct {
	// Records selects by attributes of the record.
	Records imednet.Filter
	// RecordData selects by answers; its attributes are variable names.
	RecordData imednet.Filter
	// Subjects selects records of the subjects that it matches.
	Subjects imednet.Filter
	// Visits selects records of the visits that it matches.
	Visits imednet.Filter
	// IncludeDeleted keeps soft-deleted records, and those of soft-deleted subjects and visits.
	IncludeDeleted bool
	// Report, when set, is filled while the listing is read and complete when it has ended.
	Report *CriteriaReport
}

// CriteriaReport accounts for every row that was read: Read = Yielded + Deleted + Unmatched.
type CriteriaReport struct {
	Subjects        int   // matched by Criteria.Subjects, deleted ones not counted
	DeletedSubjects int   // matched, but left out
	Visits          int   // matched by Criteria.Visits, deleted ones and those of other subjects not counted
	DeletedVisits   int   // matched, but left out
	Read            int64 // records that the server sent
	Yielded         int64
	Deleted         int64 // soft-deleted, left out
	Unmatched       int64 // of other subjects or visits, left out
}

// RecordsByCriteria yields the records that match all criteria, in ascending recordId.
//
// Subjects are listed first, when there is a filter for them, then visits; no match ends the
// listing without asking for records. What the server can filter is sent: the filters
// themselves, the site and the interval where all matches share one, and the subject where they
// are few (WithSubjectFanOut). A record matches when its visit matched, its subject matched and
// the visit is one of that subject. The rest is sorted out while records stream; only the ids of
// matching subjects and visits are held.
func (d *DataExtraction) RecordsByCriteria(ctx context.Context, studyKey string, c Criteria) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		fail := func(err error) {
			yield(imednet.Record{}, &Error{Op: "records by criteria", StudyKey: studyKey, Err: err})
		}
		report := c.Report
		if report == nil {
			report = &CriteriaReport{}
		}
		*report = CriteriaReport{}
		if err := c.validate(); err != nil {
			fail(err)
			return
		}
		matches, err := d.criteriaMatches(ctx, studyKey, c, report)
		if err != nil {
			fail(err)
			return
		}
		if matches.none() {
			return
		}
		for r, err := range d.criteriaRecords(ctx, studyKey, c, matches) {
			if err != nil {
				fail(err)
				return
			}
			if matches.count(report, &r, c.IncludeDeleted) && !yield(r, nil) {
				return
			}
		}
	}
}

func (c Criteria) validate() error {
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

// filterProblems checks a filter of the caller before anything is sent.
func filterProblems(name string, f imednet.Filter, resource imednet.Resource) []imednet.Problem {
	problems := problemsUnder(name, f.Validate(resource))
	if filterNames(f, "studyKey") {
		problems = append(problems, imednet.Problem{Path: name + ".studyKey", Message: "the study is an argument of its own"})
	}
	return problems
}

func problemsUnder(name string, err error) []imednet.Problem {
	var invalid *imednet.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	problems := make([]imednet.Problem, len(invalid.Problems))
	for i, p := range invalid.Problems {
		problems[i] = imednet.Problem{Path: name + "." + p.Path, Message: p.Message}
	}
	return problems
}

func filterNames(f imednet.Filter, attribute string) bool {
	for _, c := range f.Conditions() {
		if c.Attribute == attribute {
			return true
		}
	}
	return false
}
