package queries

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/listing"
)

// ErrNoSuchSite means that the study has no site of the name that was asked for.
var ErrNoSuchSite = fmt.Errorf("no such site: %w", imednet.ErrNotFound)

// Client is the part of a Client that QueryManagement reads.
type Client interface {
	imednet.QueryReader
	imednet.SubjectReader
	imednet.SiteReader
	imednet.VariableReader
	imednet.RecordSource
}

// QueryManagement lists and counts the data queries of a study and measures how they are worked
// off. It is safe for concurrent use.
//
// The API marks no query as deleted, so queries about deleted subjects or records are listed and
// counted like any other.
type QueryManagement struct {
	client  Client
	records imednet.RecordSource
	clock   imednet.Clock
}

// Option is a setting of NewQueryManagement.
type Option func(*QueryManagement) error

// WithClock sets the clock that Metrics asks for the present; default SystemClock.
func WithClock(clock imednet.Clock) Option {
	return func(m *QueryManagement) error {
		m.clock = clock
		return argument.Required("queries.WithClock", "clock", clock)
	}
}

// WithRecords sets where Metrics looks up the form and site of records, such as the
// mirror; default is the client.
func WithRecords(source imednet.RecordSource) Option {
	return func(m *QueryManagement) error {
		m.records = source
		return argument.Required("queries.WithRecords", "source", source)
	}
}

// NewQueryManagement returns the workflow over a client.
func NewQueryManagement(client Client, opts ...Option) (*QueryManagement, error) {
	if err := argument.Required("queries.NewQueryManagement", "client", client); err != nil {
		return nil, err
	}
	m := &QueryManagement{client: client, records: client, clock: imednet.SystemClock()}
	for _, opt := range opts {
		if err := opt(m); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Options are the settings of a listing of queries. The zero value selects all of them.
type Options struct {
	// Filter selects queries on the server, by attributes of a query. It narrows what the method
	// itself selects and can never widen it.
	Filter imednet.Filter
}

// OpenQueries yields the queries that are open, in ascending annotationId. Queries of unknown
// state are no part of it: see StateCounts for how many there are.
func (m *QueryManagement) OpenQueries(ctx context.Context, studyKey string, opts Options) iter.Seq2[imednet.Query, error] {
	return m.list(ctx, "open queries", studyKey, opts.Filter, func(q *imednet.Query) bool {
		return StateOf(*q) == QueryOpen
	})
}

// QueriesForSubject yields the queries about one subject, in any state and in ascending
// annotationId. A subject without queries, or unknown to the study, yields nothing. A Filter that
// names subjectKey is refused.
func (m *QueryManagement) QueriesForSubject(ctx context.Context, studyKey, subjectKey string, opts Options) iter.Seq2[imednet.Query, error] {
	const op = "queries for subject"
	if err := listing.Refuse(opts.Filter, "subjectKey", "the subject is an argument of its own"); err != nil {
		return listing.Failed[imednet.Query](&imednet.Error{Package: "queries", Op: op, StudyKey: studyKey, Err: err})
	}
	filter := listing.Narrow(opts.Filter, imednet.Queries, "subjectKey", subjectKey)
	return m.list(ctx, op, studyKey, filter, func(q *imednet.Query) bool {
		key, ok := q.SubjectKey.Get()
		return ok && key == subjectKey
	})
}

// fewSubjects is the number of subjects up to which the queries of a site are asked for subject
// by subject, one request each. Above it all queries of the study are read once, 500 a request,
// and sorted out here: a filter may name an attribute only once, so that a site cannot be asked
// for at once, and no study is so large that this costs more than a request a subject.
const fewSubjects = 3

// QueriesBySite yields the queries about the subjects of one site, in ascending annotationId.
// siteName is the site's name as in Site.SiteName. A site that the study does not have is
// ErrNoSuchSite; a site without subjects yields nothing.
//
// It lists the site's subjects first. The queries of up to 3 subjects are then asked for subject
// by subject; for larger sites all queries are streamed once and sorted out locally, in constant
// memory beside the subjects' ids.
func (m *QueryManagement) QueriesBySite(ctx context.Context, studyKey, siteName string, opts Options) iter.Seq2[imednet.Query, error] {
	const op = "queries by site"
	return func(yield func(imednet.Query, error) bool) {
		subjects, err := m.subjectsOfSite(ctx, studyKey, siteName)
		if err != nil {
			yield(imednet.Query{}, &imednet.Error{Package: "queries", Op: op, StudyKey: studyKey, Err: err})
			return
		}
		if keys, ok := subjects.fewKeys(); ok && !opts.Filter.IsOr() && !listing.Names(opts.Filter, "subjectKey") {
			m.queriesOfFew(ctx, studyKey, keys, subjects, opts)(yield)
			return
		}
		m.list(ctx, op, studyKey, opts.Filter, subjects.owns)(yield)
	}
}

// queriesOfFew reads one subject after the other and yields their queries in order of their id.
func (m *QueryManagement) queriesOfFew(ctx context.Context, studyKey string, keys []string, subjects *subjectSet, opts Options) iter.Seq2[imednet.Query, error] {
	return func(yield func(imednet.Query, error) bool) {
		var found []imednet.Query
		for _, key := range keys {
			filter := listing.Narrow(opts.Filter, imednet.Queries, "subjectKey", key)
			owns := func(q *imednet.Query) bool { return q.SubjectKey.Or("") == key && subjects.owns(q) }
			for q, err := range m.list(ctx, "queries by site", studyKey, filter, owns) {
				if err != nil {
					yield(imednet.Query{}, err)
					return
				}
				found = append(found, q)
			}
		}
		slices.SortFunc(found, func(a, b imednet.Query) int { return cmp.Compare(a.AnnotationID, b.AnnotationID) })
		for _, q := range found {
			if !yield(q, nil) {
				return
			}
		}
	}
}

// StateCounts tells how many queries stand in each state.
type StateCounts struct {
	Open    int64 `json:"open"`
	Closed  int64 `json:"closed"`
	Unknown int64 `json:"unknown"`
}

// Total is the number of queries that were counted.
func (c StateCounts) Total() int64 { return c.Open + c.Closed + c.Unknown }

func (c *StateCounts) add(s State) {
	switch s {
	case QueryOpen:
		c.Open++
	case QueryClosed:
		c.Closed++
	default:
		c.Unknown++
	}
}

// StateCounts counts the queries of a study by state, in one pass.
func (m *QueryManagement) QueryStateCounts(ctx context.Context, studyKey string, opts Options) (StateCounts, error) {
	var counts StateCounts
	for q, err := range m.list(ctx, "query state counts", studyKey, opts.Filter, nil) {
		if err != nil {
			return StateCounts{}, err
		}
		counts.add(StateOf(q))
	}
	return counts, nil
}

// list streams the queries that the filter selects and keep accepts; nil keeps all.
func (m *QueryManagement) list(ctx context.Context, op, studyKey string, filter imednet.Filter, keep func(*imednet.Query) bool) iter.Seq2[imednet.Query, error] {
	return func(yield func(imednet.Query, error) bool) {
		for q, err := range m.client.Queries(ctx, studyKey, imednet.ListOptions{Filter: filter}) {
			if err != nil {
				yield(imednet.Query{}, &imednet.Error{Package: "queries", Op: op, StudyKey: studyKey, Err: err})
				return
			}
			if keep != nil && !keep(&q) {
				continue
			}
			if !yield(q, nil) {
				return
			}
		}
	}
}
