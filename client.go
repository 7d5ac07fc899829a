package imednet

import (
	"context"
	"iter"
	"time"
)

// Client is everything that the iMednet API offers. It is the union of small interfaces: each
// workflow takes the narrowest one it needs, so that a test can pass a three-line fake. Package
// rest implements it over HTTPS, package imednettest in memory.
//
// Every listing is an iter.Seq2. It yields rows in ascending order of their id unless
// ListOptions.Sort requests another order. Soft-deleted rows are included and marked. An error is
// yielded once, with a zero row, and ends the listing. Breaking out of the loop releases every
// resource. Cancelling the context ends the request and every wait.
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

// StudyReader lists the studies that the API key can access.
type StudyReader interface {
	Studies(ctx context.Context, opts ListOptions) iter.Seq2[Study, error]
}

// StructureReader lists the parts of a study's design: sites, forms, intervals, variables and
// users.
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

// IntervalReader lists a study's intervals: its planned visits.
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

// RecordSource lists records in ascending order of recordId, with soft-deleted records included and
// marked. A [Client] and the mirror (package cache) both implement it and yield the same rows.
//
// The mirror supports conditions on recordId, formId, formKey, siteId, intervalId, visitId,
// subjectId, subjectKey and dateModified; anything else is ErrUnsupportedFilter there.
type RecordSource interface {
	Records(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Record, error]
}

// SubjectRecordSource is an optional interface of a [RecordSource]. It lists records subject by
// subject, in ascending order of subjectId (records without a subject first) and then of recordId.
// The Filter of opts applies to the records.
type SubjectRecordSource interface {
	RecordsBySubject(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Record, error]
}

// RecordProber is an optional interface of a [RecordSource]. It returns the number of matching
// records and the server's time from one small page.
type RecordProber interface {
	ProbeRecords(ctx context.Context, studyKey string, f Filter) (Probe, error)
}

// RowProber is an optional interface of a client. It returns the number of matching rows of a
// resource and the server's time from one small page. The mirror uses it to prove that it holds
// every row.
type RowProber interface {
	ProbeRows(ctx context.Context, studyKey string, resource Resource, f Filter) (Probe, error)
}

// Probe is the result of a [RecordProber] or a [RowProber]. Total is the number of matching rows,
// and ServerTime the server's time of the count, to the second.
type Probe struct {
	Total      int64
	ServerTime time.Time
}

// RecordPager is an optional interface of a [RecordSource]. It returns one page of records in
// ascending order of recordId, with the server's time and the number of matching rows, in a single
// request. The mirror uses it to save requests; without it, ProbeRecords and Records are called.
type RecordPager interface {
	RecordPage(ctx context.Context, studyKey string, f Filter, size int) (RecordPage, error)
}

// RecordPage is one page of a listing. Records holds the first matching rows in ascending order of
// recordId, and Total counts all matching rows.
type RecordPage struct {
	Records    []Record
	Total      int64
	ServerTime time.Time
}

// RevisionReader lists the audit trail of a study's records.
type RevisionReader interface {
	RecordRevisions(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[RecordRevision, error]
}

// CodingReader lists a study's codings.
type CodingReader interface {
	Codings(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Coding, error]
}

// QueryReader lists a study's queries with their comments.
type QueryReader interface {
	Queries(ctx context.Context, studyKey string, opts ListOptions) iter.Seq2[Query, error]
}

// RecordSubmitter posts records. The call returns once the server has accepted the batch, which is
// not yet stored: poll the job. An error that is not a definite refusal leaves the outcome unknown
// (see [TransportError], [ReplyError] and APIError.Envelope). A batch is never resent automatically,
// except after a 429 from the API itself where SubmitOptions.RepeatRateLimited allows it.
type RecordSubmitter interface {
	SubmitRecords(ctx context.Context, studyKey string, items []Submission, opts SubmitOptions) (Job, error)
}

// JobGetter reads the state of one submission. A job that the server does not know, or does not
// know yet, is [ErrNotFound].
type JobGetter interface {
	Job(ctx context.Context, studyKey, batchID string) (Job, error)
}

// JobResultReader is an optional interface of a [JobGetter]: it reads what Job.ResultURL points to.
// A URL with a different origin is [ErrForeignOrigin] and is not fetched.
type JobResultReader interface {
	JobResults(ctx context.Context, resultURL string) (JobResults, error)
}

// ListOptions configures one listing. The zero value lists everything in ascending order of id.
type ListOptions struct {
	// Filter selects rows by attribute.
	Filter Filter
	// RecordDataFilter selects records by answer; all other listings reject it.
	RecordDataFilter Filter
	// Sort is the order of the rows; empty means ascending by id. The id is always added as the
	// last key, because pages of an unsorted listing can repeat and skip rows. Listings that are
	// read by key (records and revisions) reject any other order.
	Sort []SortKey
	// PageSize is the number of rows requested at once, 1 to 500; 0 means the client's default.
	PageSize int
	// IncludeInactive also lists users who are inactive in the study; all other listings reject it.
	IncludeInactive bool
}

// SortKey is one key of a sort order.
type SortKey struct {
	Property   string
	Descending bool
}
