package subjects

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/listing"
)

// What a caller of AllSubjectData may branch on.
var (
	// ErrNoSuchSubject means that the study has no subject of this key, or only deleted ones
	// and IncludeDeleted is not set.
	ErrNoSuchSubject = fmt.Errorf("no such subject: %w", imednet.ErrNotFound)
	// ErrAmbiguousSubject means that several subjects, none of them deleted, have this key.
	ErrAmbiguousSubject = errors.New("several subjects have this key")
)

// Client is the part of a Client that SubjectData reads.
type Client interface {
	imednet.SubjectReader
	imednet.VisitReader
	imednet.RecordSource
	imednet.QueryReader
	imednet.RevisionReader
	imednet.CodingReader
}

// SubjectData gathers everything about one subject. It is safe for concurrent use.
type SubjectData struct {
	client Client
}

// NewSubjectData returns the workflow over a client.
func NewSubjectData(client Client) (*SubjectData, error) {
	if err := argument.Required("subjects.NewSubjectData", "client", client); err != nil {
		return nil, err
	}
	return &SubjectData{client: client}, nil
}

// Options are the settings of AllSubjectData. The zero value reads subject, visits,
// records and queries and leaves deleted rows out.
type Options struct {
	Codings        bool // also read the codings of the subject's answers
	Revisions      bool // also read the audit trail of the subject's records
	IncludeDeleted bool // keep soft-deleted visits and records, and accept a deleted subject
}

// SubjectComprehensiveData is what is known about one subject. Every list is in ascending id.
type SubjectComprehensiveData struct {
	StudyKey  string
	Subject   imednet.Subject
	Visits    []imednet.Visit
	Records   []imednet.Record
	Queries   []imednet.Query
	Codings   []imednet.Coding         // nil unless asked for
	Revisions []imednet.RecordRevision // nil unless asked for

	DeletedVisits  int // left out because they are soft-deleted
	DeletedRecords int // left out because they are soft-deleted
	// OtherSubject is the number of rows that were left out although they carry the key: they have
	// another subject's id, or no id while several subjects have the key.
	OtherSubject int
	// Contradictions says why rows were left out so, and which rows were kept although they carry
	// another key than the subject's.
	Contradictions []imednet.Contradiction
}

// String is one line of counts, such as "6 visits, 41 records, 2 queries, 0 codings, 0 revisions;
// left out as deleted: 0 visits, 1 records".
func (d *SubjectComprehensiveData) String() string {
	return fmt.Sprintf("%d visits, %d records, %d queries, %d codings, %d revisions; left out as deleted: %d visits, %d records",
		len(d.Visits), len(d.Records), len(d.Queries), len(d.Codings), len(d.Revisions), d.DeletedVisits, d.DeletedRecords)
}

// Part names one of the listings about a subject.
type Part string

// The parts that AllSubjectData reads beside the subject itself.
const (
	Visits    Part = "visits"
	Records   Part = "records"
	Queries   Part = "queries"
	Codings   Part = "codings"
	Revisions Part = "revisions"
)

// PartsError says which parts of a subject's data could not be read. The others are complete; a
// part that failed is empty in the data, never half full. It stands beneath an [*imednet.Error].
type PartsError struct {
	Failed []PartFailure // in the order of the Part constants
}

// PartFailure is one part that could not be read, and why.
type PartFailure struct {
	Part Part
	Err  error
}

// Error names the parts that are missing and why; not the subject.
func (e *PartsError) Error() string {
	parts := make([]string, len(e.Failed))
	for i, f := range e.Failed {
		parts[i] = fmt.Sprintf("%s: %v", f.Part, f.Err)
	}
	return "incomplete: " + strings.Join(parts, "; ")
}

// Unwrap returns the causes.
func (e *PartsError) Unwrap() []error {
	causes := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		causes[i] = f.Err
	}
	return causes
}

// AllSubjectData reads everything about the subject of this display key. The subject is found
// first, then its parts are read side by side: the rows with its id and those with its key, so that
// rows which still carry a former key are there, and rows of a former bearer of the key are not.
// [imednet.SubjectIndex] decides whose a row is.
//
// When parts fail, what succeeded is returned together with an [*imednet.Error] over a
// [*PartsError]. Every other error comes without data: ErrNoSuchSubject, ErrAmbiguousSubject, or a
// failure to read the subject itself.
func (s *SubjectData) AllSubjectData(ctx context.Context, studyKey, subjectKey string, opts Options) (*SubjectComprehensiveData, error) {
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

// MarshalJSON writes the data by wire names: studyKey, subject, visits, records, queries, and
// codings and revisions where they were asked for; rows as the API sent them.
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
