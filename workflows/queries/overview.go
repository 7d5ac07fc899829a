package queries

import (
	"context"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/querythread"
)

// Entry is one query with the details that people look up: its subject and site, state, age and
// last comment. Treat the description, comments and user names as subject data.
type Entry struct {
	QueryID    int64
	State      State
	Site       string // name of the subject's or record's site; "" if neither is known
	SubjectKey string // as the study has it now; if no subject is found, the key that the query carries
	RecordID   int64  // 0 if the query is about no record
	FormKey    string // "" if the form is not known or has no key
	// Contradiction explains why the form of the record was not found, or was found despite a
	// contradiction ([imednet.FormIndex]). It holds no subject data.
	Contradiction imednet.Contradiction
	Variable      string
	Label         string // label of the variable; "" if the form is not known
	Type          string // annotationType, which the study defines
	Description   string
	Raised        imednet.Opt[imednet.Time]
	// Age is the time since the query was raised, negative if that is not known. It continues to
	// grow after the query is closed.
	Age         time.Duration
	LastComment string
	LastUser    string
	LastAt      imednet.Opt[imednet.Time]
}

// Overview returns the queries that opts selects, with everything needed to act on them, in
// ascending order of id. It lists subjects, forms and variables once, and looks up the records of
// the queries, as [QueryManagement.QueryMetrics] does. It holds the
// selected queries in memory.
func (m *QueryManagement) Overview(ctx context.Context, studyKey string, opts Options) ([]Entry, error) {
	entries, err := m.overview(ctx, studyKey, opts)
	if err != nil {
		return nil, &imednet.Error{Package: "queries", Op: "overview", StudyKey: studyKey, Err: err}
	}
	return entries, nil
}

func (m *QueryManagement) overview(ctx context.Context, studyKey string, opts Options) ([]Entry, error) {
	places, err := m.queryPlaces(ctx, studyKey)
	if err != nil {
		return nil, err
	}
	now := m.clock.Now()
	var entries []Entry
	var open []measuredQuery // those that only their records can place
	var at []int             // their places among the entries
	for q, err := range m.Queries(ctx, studyKey, opts) {
		if err != nil {
			return nil, err
		}
		e := newEntry(q, now)
		located := measuredQuery{recordID: e.RecordID, variable: e.Variable}
		if !places.locate(&q, &located) {
			open, at = append(open, located), append(at, len(entries))
		}
		entries = append(entries, describe(e, located))
	}
	if err := m.locateByRecord(ctx, studyKey, places, open); err != nil {
		return nil, err
	}
	for i, located := range open {
		entries[at[i]] = describe(entries[at[i]], located)
	}
	return entries, nil
}

func newEntry(q imednet.Query, now time.Time) Entry {
	e := Entry{
		QueryID: q.AnnotationID, State: StateOf(q), SubjectKey: q.SubjectKey.Or(""), RecordID: q.RecordID.Or(0), Variable: q.Variable.Or(""),
		Type: q.AnnotationType.Or(""), Description: q.Description.Or(""), Age: -1,
	}
	comments := querythread.Comments(&q)
	if raised, known := querythread.RaisedAt(&q, comments); known {
		e.Raised, e.Age = imednet.Some(imednet.NewTime(raised)), now.Sub(raised)
	}
	if len(comments) > 0 {
		last := comments[len(comments)-1]
		e.LastComment, e.LastUser, e.LastAt = last.Comment.Or(""), last.User.Or(""), last.Date
	}
	return e
}

// describe adds where the query was found to be, and the label of its variable there.
func describe(e Entry, located measuredQuery) Entry {
	if located.placed {
		e.SubjectKey = located.subject
	}
	e.Site, e.FormKey, e.Contradiction = located.site, located.formKey(), located.contradiction
	if located.form != nil && e.Variable != "" {
		if v, n := located.form.Variable(e.Variable); n == 1 {
			e.Label = v.Label.Or("")
		}
	}
	return e
}
