package imednet

import (
	"context"
	"iter"
	"time"
)

// Client is everything that the iMednet API offers. It is the union of small interfaces: a
// workflow asks for the narrowest one it needs, so that a test can inject a fake of three lines.
// Package rest implements it over HTTPS, package imednettest in memory.
//
// Every listing is an iter.Seq2. It yields rows in ascending order of the row's own id unless
// ListOptions.Sort says otherwise; soft-deleted rows are included and marked. An error is yielded
// once, with a zero row, and ends the listing. Breaking out releases everything. The context ends
// the request and every wait.
type Client interface {
	StudyReader
	StructureReader
	SubjectReader
	VisitReader
	RecordSource
	RevisionReader
	CodingReader
	QueryReader
	RecordSubmitter
	JobGetter
}

// StudyReader lists the studies that the key can see.
type StudyReader interface {
	Studies(ctx context.Context, opts ListOptions) iter.Seq2[Study, error]
}

// StructureReader lists what a study consists of.
type StructureReader interface {
	SiteReader
	FormReader
	IntervalReader
	VariableReader
	UserReader
}

// SiteReader lists a study's sites.
type SiteReader interface {
	Sites(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Site, error]
}

// FormReader lists a study's forms.
type FormReader interface {
	Forms(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Form, error]
}

// IntervalReader lists a study's intervals, which are its planned visits.
type IntervalReader interface {
	Intervals(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Interval, error]
}

// VariableReader lists the variables of a study's forms.
type VariableReader interface {
	Variables(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Variable, error]
}

// UserReader lists a study's users.
type UserReader interface {
	Users(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[User, error]
}

// SubjectReader lists a study's subjects.
type SubjectReader interface {
	Subjects(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Subject, error]
}

// VisitReader lists the visits of a study's subjects.
type VisitReader interface {
	Visits(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Visit, error]
}

// RecordSource lists records in ascending recordId, soft-deleted ones included and marked. A
// Client and the mirror (package cache) both are one and yield the same rows.
//
// The mirror supports conditions on recordId, formId, formKey, siteId, intervalId, visitId,
// subjectId, subjectKey and dateModified; anything else is ErrUnsupportedFilter there.
type RecordSource interface {
	Records(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Record, error]
}

// SubjectRecordSource is an optional ability of a RecordSource: all records of one subject
// after the other, in ascending subjectId (records without a subject first), each subject's
// records in ascending recordId. The Filter of opts applies to the records.
type SubjectRecordSource interface {
	RecordsBySubject(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Record, error]
}

// RecordProber is an optional ability of a RecordSource: how many records match, and the
// server's time, from one tiny page.
type RecordProber interface {
	ProbeRecords(ctx context.Context, studyKey string, f Filter) (Probe, error)
}

// RowProber is an optional ability of a client: how many rows of a resource match, and the server's
// time, from one tiny page. The mirror proves by it that it holds every row.
type RowProber interface {
	ProbeRows(ctx context.Context, studyKey string, resource Resource, f Filter) (Probe, error)
}

// Probe is the answer of a RecordProber. ServerTime is the instant at which the server counted,
// to the second.
type Probe struct {
	Total      int64
	ServerTime time.Time
}

// RecordPager is an optional ability of a RecordSource: one page of records in ascending
// recordId together with the server's time and the number of rows that match, in one request.
// The mirror uses it to save requests; without it ProbeRecords and Records serve.
type RecordPager interface {
	RecordPage(ctx context.Context, studyKey string, f Filter, size int) (RecordPage, error)
}

// RecordPage is one page of a listing. Records holds the first rows that match, in ascending
// recordId; Total counts all that match.
type RecordPage struct {
	Records    []Record
	Total      int64
	ServerTime time.Time
}

// RevisionReader lists the audit trail of a study's records.
type RevisionReader interface {
	RecordRevisions(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[RecordRevision, error]
}

// CodingReader lists the dictionary terms chosen for answers.
type CodingReader interface {
	Codings(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Coding, error]
}

// QueryReader lists data queries with their comments.
type QueryReader interface {
	Queries(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Query, error]
}

// RecordSubmitter posts records. The call returns when the server has accepted the batch, not
// when it is stored: poll the job. An error that is no definite refusal leaves the outcome
// unknown (see TransportError, ReplyError and APIError.Envelope); nothing is ever resent on its own
// except after a 429 of the API itself, which answers it before it looks at the batch.
type RecordSubmitter interface {
	SubmitRecords(ctx context.Context, studyKey string, items []Submission, opts SubmitOptions) (Job, error)
}

// JobGetter reads the state of one submission. A job that the server does not know (yet) is
// ErrNotFound.
type JobGetter interface {
	Job(ctx context.Context, studyKey, batchID string) (Job, error)
}

// JobResultReader is an optional ability of a JobGetter: what Job.ResultURL holds. A URL of
// another origin is ErrForeignOrigin and is not fetched.
type JobResultReader interface {
	JobResults(ctx context.Context, resultURL string) (JobResults, error)
}

// ListOptions are the settings of one listing. The zero value lists everything in ascending id.
type ListOptions struct {
	// Filter selects rows by their attributes.
	Filter Filter
	// RecordDataFilter selects records by their answers; other listings refuse it.
	RecordDataFilter Filter
	// Sort orders the rows; empty is ascending by the row's own id, and the id is always added
	// as the last key, because pages of an unsorted listing can repeat and skip rows. Sources
	// that read by key (records, revisions) refuse any order but their own.
	Sort []SortKey
	// PageSize is the number of rows asked for in one request, 1 to 500; 0 is the client's default.
	PageSize int
	// IncludeInactive also lists users who are inactive in the study; other listings refuse it.
	IncludeInactive bool
}

// SortKey is one key of an order.
type SortKey struct {
	Property   string
	Descending bool
}
