package subjects

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/listing"
	"github.com/imednetgo/imednet/internal/shown"
)

// Sentinels that a caller of [SubjectData.AllSubjectData] can test for with errors.Is.
var (
	// ErrNoSuchSubject means that the study has no subject with this key, or only deleted ones
	// while IncludeDeleted is not set.
	ErrNoSuchSubject = fmt.Errorf("no such subject: %w", imednet.ErrNotFound)
	// ErrAmbiguousSubject means that several subjects, none of them deleted, have this key.
	ErrAmbiguousSubject = errors.New("several subjects have this key")
)

// Client is the part of an [imednet.Client] that a [SubjectData] reads.
type Client interface {
	imednet.SubjectReader
	imednet.VisitReader
	imednet.RecordSource
	imednet.QueryReader
	imednet.RevisionReader
	imednet.CodingReader
}

// SubjectData collects everything about one subject. It is safe for concurrent use.
type SubjectData struct {
	client Client
}

// NewSubjectData returns the workflow for a client. The error is an *[imednet.ValidationError].
func NewSubjectData(client Client) (*SubjectData, error) {
	if err := argument.Required("subjects.NewSubjectData", "client", client); err != nil {
		return nil, err
	}
	return &SubjectData{client: client}, nil
}

// Options configures [SubjectData.AllSubjectData]. The zero value reads the subject, visits,
// records and queries and leaves out deleted rows.
type Options struct {
	Codings        bool // also read the codings of the subject's answers
	Revisions      bool // also read the audit trail of the subject's records
	IncludeDeleted bool // include soft-deleted visits and records, and accept a deleted subject
}

// SubjectComprehensiveData is everything known about one subject. Every list is in ascending order
// of id.
type SubjectComprehensiveData struct {
	StudyKey  string
	Subject   imednet.Subject
	Visits    []imednet.Visit
	Records   []imednet.Record
	Queries   []imednet.Query
	Codings   []imednet.Coding         // nil unless requested
	Revisions []imednet.RecordRevision // nil unless requested

	DeletedVisits  int // left out because they are soft-deleted
	DeletedRecords int // left out because they are soft-deleted
	// OtherSubject is the number of rows that were left out although they carry the key, because
	// they have another subject's id, or have no id while several subjects have the key.
	OtherSubject int
	// Contradictions explains why those rows were left out, and lists rows that were kept although
	// they carry a key other than the subject's.
	Contradictions []imednet.Contradiction
}

// String returns one line of counts, such as "6 visits, 41 records, 2 queries, 0 codings, 0
// revisions; left out as deleted: 0 visits, 1 records".
func (d *SubjectComprehensiveData) String() string {
	return fmt.Sprintf("%d visits, %d records, %d queries, %d codings, %d revisions; left out as deleted: %d visits, %d records",
		len(d.Visits), len(d.Records), len(d.Queries), len(d.Codings), len(d.Revisions), d.DeletedVisits, d.DeletedRecords)
}

// Part names one of the listings about a subject.
type Part string

// The parts that [SubjectData.AllSubjectData] reads in addition to the subject itself.
const (
	Visits    Part = "visits"
	Records   Part = "records"
	Queries   Part = "queries"
	Codings   Part = "codings"
	Revisions Part = "revisions"
)

// PartsError reports the parts of a subject's data that could not be read. The others are complete.
// A failed part is empty in the data, never partially filled. PartsError is wrapped in an
// *[imednet.Error].
type PartsError struct {
	Failed []PartFailure // in the order of the Part constants
}

// PartFailure is a part that could not be read, with the reason.
type PartFailure struct {
	Part Part
	Err  error
}

// Error names the failed parts and the reasons, but not the subject.
func (e *PartsError) Error() string {
	parts := make([]string, len(e.Failed))
	for i, f := range e.Failed {
		parts[i] = fmt.Sprintf("%s: %s", cmp.Or(string(f.Part), "a part"), shown.Cause(f.Err))
	}
	return "incomplete: " + cmp.Or(strings.Join(parts, "; "), "the failed parts are not named")
}

// Unwrap returns the causes.
func (e *PartsError) Unwrap() []error {
	causes := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		causes[i] = f.Err
	}
	return causes
}

// AllSubjectData reads everything about the subject with this key. It finds the subject first and
// then reads its parts concurrently: the rows with its id and those with its key.
// [imednet.SubjectIndex] decides which subject a row belongs to, so that rows that still carry a
// former key of the subject are included, and rows of a subject that formerly had this key are not.
//
// If some parts fail, the others are returned together with an *[imednet.Error] that wraps a
// *[PartsError]. Every other error is returned without data: [ErrNoSuchSubject],
// [ErrAmbiguousSubject], or a failure to read the subject itself.
func (s *SubjectData) AllSubjectData(ctx context.Context, studyKey, subjectKey string, opts Options) (*SubjectComprehensiveData, error) {
	if err := argument.Named("subjects.SubjectData.AllSubjectData", "subjectKey", subjectKey); err != nil {
		return nil, failed(studyKey, err)
	}
	g := &gathering{client: s.client, subjectKey: subjectKey, opts: opts, data: &SubjectComprehensiveData{StudyKey: studyKey}, errs: map[Part]error{}}
	if err := g.run(ctx); err != nil {
		return nil, failed(studyKey, err)
	}
	if parts := g.failed(); len(parts) > 0 {
		return g.data, failed(studyKey, &PartsError{parts})
	}
	return g.data, nil
}

func failed(studyKey string, err error) error {
	return &imednet.Error{Package: "subjects", Op: "subject data", StudyKey: studyKey, Err: err}
}

// MarshalJSON returns the data under their wire names: studyKey, subject, visits, records and
// queries, and codings and revisions if requested. Rows are as the API sent them.
func (d *SubjectComprehensiveData) MarshalJSON() ([]byte, error) {
	var errs []error
	keep := func(rows []jsontext.Value, err error) []jsontext.Value {
		errs = append(errs, err)
		return rows
	}
	subject, err := imednet.Encode(d.Subject)
	doc := struct {
		StudyKey       string           `json:"studyKey"`
		Subject        jsontext.Value   `json:"subject"`
		Visits         []jsontext.Value `json:"visits"`
		Records        []jsontext.Value `json:"records"`
		Queries        []jsontext.Value `json:"queries"`
		Codings        []jsontext.Value `json:"codings,omitzero"`
		Revisions      []jsontext.Value `json:"recordRevisions,omitzero"`
		DeletedVisits  int              `json:"deletedVisitsLeftOut"`
		DeletedRecords int              `json:"deletedRecordsLeftOut"`
		OtherSubject   int              `json:"rowsOfOtherSubjectsLeftOut"`

		Contradictions []imednet.Contradiction `json:"contradictions"`
	}{
		d.StudyKey, subject, keep(listing.EncodeRows(d.Visits, imednet.Encode[imednet.Visit])),
		keep(listing.EncodeRows(d.Records, imednet.Encode[imednet.Record])), keep(listing.EncodeRows(d.Queries, imednet.Encode[imednet.Query])),
		nil, nil, d.DeletedVisits, d.DeletedRecords, d.OtherSubject, append([]imednet.Contradiction{}, d.Contradictions...),
	}
	if d.Codings != nil {
		doc.Codings = keep(listing.EncodeRows(d.Codings, imednet.Encode[imednet.Coding]))
	}
	if d.Revisions != nil {
		doc.Revisions = keep(listing.EncodeRows(d.Revisions, imednet.Encode[imednet.RecordRevision]))
	}
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	return json.Marshal(doc, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}
