package queries

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/listing"
)

// Sentinels that a caller can test for with errors.Is.
var (
	// ErrNoSuchSite means that the study has no site with the requested name.
	ErrNoSuchSite = fmt.Errorf("no such site: %w", imednet.ErrNotFound)
	// ErrNoSuchSubject means that the study has no subject with the requested key.
	ErrNoSuchSubject = fmt.Errorf("no such subject: %w", imednet.ErrNotFound)
)

// Client is the part of an [imednet.Client] that a [QueryManagement] reads.
type Client interface {
	imednet.QueryReader
	imednet.SubjectReader
	imednet.SiteReader
	imednet.FormReader
	imednet.VariableReader
	imednet.RecordSource
}

// QueryManagement lists and counts the data queries of a study and measures how they are being
// resolved. It is safe for concurrent use.
//
// The API does not mark queries as deleted, so queries about deleted subjects or records are listed
// and counted like any other.
type QueryManagement struct {
	client  Client
	records imednet.RecordSource
	clock   imednet.Clock
}

// Option configures [NewQueryManagement].
type Option func(*QueryManagement) error

// WithClock sets the clock by which ages are measured; the default is [imednet.SystemClock].
func WithClock(clock imednet.Clock) Option {
	return func(m *QueryManagement) error {
		m.clock = clock
		return argument.Required("queries.WithClock", "clock", clock)
	}
}

// WithRecords sets the source in which QueryMetrics looks up the form and site of records, such as
// the mirror; the default is the client.
func WithRecords(source imednet.RecordSource) Option {
	return func(m *QueryManagement) error {
		m.records = source
		return argument.Required("queries.WithRecords", "source", source)
	}
}

// NewQueryManagement returns the workflow for a client. The error is an *[imednet.ValidationError].
func NewQueryManagement(client Client, opts ...Option) (*QueryManagement, error) {
	if err := argument.Required("queries.NewQueryManagement", "client", client); err != nil {
		return nil, err
	}
	m := &QueryManagement{client: client, records: client, clock: imednet.SystemClock()}
	if err := argument.Options("queries.NewQueryManagement", m, opts); err != nil {
		return nil, err
	}
	return m, nil
}

// Queries yields the queries that opts selects, in ascending order of annotationId. For example,
// the open queries of a site that are more than 30 days old are
//
//	m.Queries(ctx, study, queries.Options{Site: "Site 01", State: queries.Open, OlderThan: 30 * 24 * time.Hour})
//
// A query names neither its site nor its state. To select a site, subjects and sites are listed
// first; then all queries that match the filter are read once and selected locally, in constant
// memory besides the subjects. [imednet.SubjectIndex] finds the subject of a query.
func (m *QueryManagement) Queries(ctx context.Context, studyKey string, opts Options) iter.Seq2[imednet.Query, error] {
	return m.list(ctx, "list queries", studyKey, opts)
}

// OpenQueries yields the open queries among those that opts selects, in ascending order of
// annotationId. It leaves out queries of unknown state, which [QueryManagement.QueryStateCounts]
// counts.
func (m *QueryManagement) OpenQueries(ctx context.Context, studyKey string, opts Options) iter.Seq2[imednet.Query, error] {
	const op = "open queries"
	opts, err := opts.alsoOpen()
	if err != nil {
		return listing.Failed[imednet.Query](failed(op, studyKey, err))
	}
	return m.list(ctx, op, studyKey, opts)
}

// QueriesBySite yields the queries about the subjects of one site, in ascending order of
// annotationId. siteName is the site's name as in Site.SiteName. A site that the study does not
// have is [ErrNoSuchSite]; a site without subjects yields nothing.
func (m *QueryManagement) QueriesBySite(ctx context.Context, studyKey, siteName string, opts Options) iter.Seq2[imednet.Query, error] {
	const op = "queries by site"
	err := argument.Named("queries.QueryManagement.QueriesBySite", "siteName", siteName)
	if err == nil {
		opts, err = opts.alsoOfSite(siteName)
	}
	if err != nil {
		return listing.Failed[imednet.Query](failed(op, studyKey, err))
	}
	return m.list(ctx, op, studyKey, opts)
}

// QueriesForSubject yields the queries about the subject with this key, or about each subject if
// several share it, in ascending order of annotationId. A subject that has no queries yields nothing;
// one that the study does not have is [ErrNoSuchSubject]. A Filter that names subjectKey or subjectId is an
// error, and so is opts.Subject.
//
// [imednet.SubjectIndex] finds the subject of a query: queries that carry a former key of the
// subject are included, and queries about another subject that formerly had this key are not.
func (m *QueryManagement) QueriesForSubject(ctx context.Context, studyKey, subjectKey string, opts Options) iter.Seq2[imednet.Query, error] {
	const op = "queries for subject"
	if err := argument.Named("queries.QueryManagement.QueriesForSubject", "subjectKey", subjectKey); err != nil {
		return listing.Failed[imednet.Query](failed(op, studyKey, err))
	}
	return func(yield func(imednet.Query, error) bool) {
		rows, err := m.ofSubject(ctx, studyKey, subjectKey, opts)
		if err != nil {
			yield(imednet.Query{}, failed(op, studyKey, err))
			return
		}
		for _, q := range rows {
			if !yield(q, nil) {
				return
			}
		}
	}
}

func (m *QueryManagement) ofSubject(ctx context.Context, studyKey, subjectKey string, opts Options) ([]imednet.Query, error) {
	for _, attribute := range []string{"subjectKey", "subjectId"} {
		if err := listing.Refuse(opts.Filter, attribute, "the subject is an argument of its own"); err != nil {
			return nil, err
		}
	}
	if opts.Subject != "" {
		return nil, &imednet.ValidationError{What: "query options", Problems: []imednet.Problem{{Path: "Subject", Message: "the subject is an argument of its own"}}}
	}
	wanted, err := m.selection(ctx, studyKey, opts)
	if err != nil {
		return nil, err
	}
	owners, err := m.subjectsOfKey(ctx, studyKey, subjectKey)
	if err != nil {
		return nil, err
	}
	if len(owners.Subjects()) == 0 {
		return nil, ErrNoSuchSubject
	}
	found := map[int64]imednet.Query{}
	asked, _ := opts.Filter.Split()
	for _, owner := range owners.Subjects() {
		rows, err := listing.OfSubject(func(f imednet.Filter) iter.Seq2[imednet.Query, error] {
			return m.client.Queries(ctx, studyKey, imednet.ListOptions{Filter: f})
		}, asked, imednet.Queries, owner.SubjectID, subjectKey, func(q *imednet.Query) int64 { return q.AnnotationID })
		if err != nil {
			return nil, err
		}
		for _, q := range rows {
			of, _ := owners.OfQuery(&q)
			shared := q.SubjectID.Or(0) == 0 && q.SubjectKey.Or("") == subjectKey // of one of those with the key
			if (of != nil || shared) && wanted.has(&q) {
				found[q.AnnotationID] = q
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b imednet.Query) int { return cmp.Compare(a.AnnotationID, b.AnnotationID) }), nil
}

// subjectsOfKey lists the subjects that have a key, soft-deleted ones included.
func (m *QueryManagement) subjectsOfKey(ctx context.Context, studyKey, key string) (*imednet.SubjectIndex, error) {
	filter := listing.Narrow(imednet.Filter{}, imednet.Subjects, "subjectKey", key)
	all, err := listing.Collect(m.client.Subjects(ctx, studyKey, imednet.ListOptions{Filter: filter}))
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(all, func(s imednet.Subject) bool {
		held, ok := s.SubjectKey.Get()
		return !ok || held != key
	})
	return imednet.NewSubjectIndex(own), nil
}

// StateCounts is the number of queries in each state.
type StateCounts struct {
	Open    int64 `json:"open"`
	Closed  int64 `json:"closed"`
	Unknown int64 `json:"unknown"`
}

// Total returns the number of queries in all states.
func (c StateCounts) Total() int64 { return c.Open + c.Closed + c.Unknown }

// String returns one line, such as "311 open, 358 closed, 29 unknown".
func (c StateCounts) String() string {
	return fmt.Sprintf("%d open, %d closed, %d unknown", c.Open, c.Closed, c.Unknown)
}

func (c *StateCounts) add(s State) {
	switch s {
	case Open:
		c.Open++
	case Closed:
		c.Closed++
	default:
		c.Unknown++
	}
}

// QueryStateCounts counts the queries that opts selects by state, in one pass.
func (m *QueryManagement) QueryStateCounts(ctx context.Context, studyKey string, opts Options) (StateCounts, error) {
	var counts StateCounts
	for q, err := range m.list(ctx, "query state counts", studyKey, opts) {
		if err != nil {
			return StateCounts{}, err
		}
		counts.add(StateOf(q))
	}
	return counts, nil
}

// list streams the queries that opts select.
func (m *QueryManagement) list(ctx context.Context, op, studyKey string, opts Options) iter.Seq2[imednet.Query, error] {
	return func(yield func(imednet.Query, error) bool) {
		wanted, err := m.selection(ctx, studyKey, opts)
		if err != nil {
			yield(imednet.Query{}, failed(op, studyKey, err))
			return
		}
		asked, _ := opts.Filter.Split()
		for q, err := range m.client.Queries(ctx, studyKey, imednet.ListOptions{Filter: asked}) {
			if err != nil {
				yield(imednet.Query{}, failed(op, studyKey, err))
				return
			}
			if wanted.has(&q) && !yield(q, nil) {
				return
			}
		}
	}
}

func failed(op, studyKey string, err error) error {
	return &imednet.Error{Package: "queries", Op: op, StudyKey: studyKey, Err: err}
}
