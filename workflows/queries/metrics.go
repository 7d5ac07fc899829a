package queries

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// MetricsOptions are the settings of QueryMetrics. The zero value measures all queries as of now.
type MetricsOptions struct {
	// Filter selects queries on the server.
	Filter imednet.Filter
	// AsOf is the moment at which the study is looked at: comments of a later date are as if not
	// yet written, queries of a later date as if not yet raised. Zero is now.
	AsOf time.Time
	// AgeLimits part the ages of open queries, ascending; empty is 7, 14, 30, 60 and 90 days.
	AgeLimits []time.Duration
	// Answered reports whether a later comment answers the query that the opening comment raised.
	// Nil is the rule that fits every study: it was written by another user and does not close
	// the query. Status texts are the study's own and cannot be relied on.
	Answered func(opening, later imednet.QueryComment) bool
}

// Metrics reports how the queries of a study are worked off, as of one moment.
type Metrics struct {
	StudyKey   string    `json:"studyKey"`
	AsOf       time.Time `json:"asOf"`
	Read       int64     `json:"read"`       // queries that the server listed = Total.States.Total() + NotYet
	NotYet     int64     `json:"notYet"`     // raised after AsOf, part of no group
	Total      Group     `json:"total"`      // all of them
	BySite     []Group   `json:"bySite"`     // by name of the subject's (or record's) site
	ByForm     []Group   `json:"byForm"`     // by form key; "" for queries about no record
	ByVariable []Group   `json:"byVariable"` // by form key and variable
	ByType     []Group   `json:"byType"`     // by annotationType, which the study defines
}

// String is one line, such as "as of 2024-03-01 00:00:00: 311 open, 358 closed, 29 unknown".
func (m *Metrics) String() string {
	return "as of " + imednet.NewTime(m.AsOf).String() + ": " + m.Total.States.String()
}

// Group is the figures of some of the queries. The groups of one list add up to the total.
type Group struct {
	FormKey      string          `json:"formKey,omitempty"` // of ByVariable only
	Name         string          `json:"name"`              // "" where a query has none
	States       StateCounts     `json:"states"`
	Ages         []AgeBucket     `json:"ages"`         // of open queries, since they were raised
	Undated      int64           `json:"undated"`      // open queries of unknown age, in no bucket
	Answered     int64           `json:"answered"`     // queries that got an answer
	Reopened     int64           `json:"reopened"`     // queries that were opened again after a close
	Cycles       int64           `json:"cycles"`       // times that queries were opened, first time included
	MaxCycles    int64           `json:"maxCycles"`    // of one query
	TimeToAnswer DurationSummary `json:"timeToAnswer"` // from raising to the first answer
	TimeToClose  DurationSummary `json:"timeToClose"`  // from raising to the close that still stands
}

// AgeBucket counts the open queries of From <= age < To; a To of 0 has no end.
type AgeBucket struct {
	From  time.Duration `json:"fromNanoseconds"`
	To    time.Duration `json:"toNanoseconds"`
	Count int64         `json:"count"`
}

// DurationSummary sums up times, to the second. Median and P90 are approximate when a group has
// more than 2,000 different times.
type DurationSummary struct {
	Count       int64         `json:"count"`
	Min         time.Duration `json:"minNanoseconds"`
	Median      time.Duration `json:"medianNanoseconds"`
	Mean        time.Duration `json:"meanNanoseconds"`
	P90         time.Duration `json:"p90Nanoseconds"`
	Max         time.Duration `json:"maxNanoseconds"`
	Approximate bool          `json:"approximate"`
}

// QueryMetrics measures age, time to answer and to close, and cycles of the study's queries, in
// one pass over them.
//
// A query names its subject and record but neither site nor form. Sites come from one listing of
// subjects ([imednet.SubjectIndex] decides whose a query is), forms from one listing of variables
// where a variable's name belongs to one form only ([imednet.FormIndex.WithVariable]).
// What remains (queries about a whole record, names used on several forms) is looked up record by
// record when at most 20 records are concerned, and otherwise in one pass over the records from
// the first to the last of them; WithRecords lets the mirror answer that.
func (m *QueryManagement) QueryMetrics(ctx context.Context, studyKey string, opts MetricsOptions) (*Metrics, error) {
	const op = "query metrics"
	collector, err := newQueryCollector(m.clock.Now(), opts)
	if err != nil {
		return nil, failed(op, studyKey, err)
	}
	places, err := m.queryPlaces(ctx, studyKey)
	if err != nil {
		return nil, failed(op, studyKey, err)
	}
	var unplaced []measuredQuery
	for q, err := range m.list(ctx, op, studyKey, Options{Filter: opts.Filter}) {
		if err != nil {
			return nil, err
		}
		measured, raised := collector.measure(q)
		switch {
		case !raised:
			collector.notYet++
		case places.locate(&q, &measured):
			collector.add(measured)
		default:
			unplaced = append(unplaced, measured)
		}
	}
	if err := m.locateByRecord(ctx, studyKey, places, unplaced); err != nil {
		return nil, failed(op, studyKey, err)
	}
	for _, q := range unplaced {
		collector.add(q)
	}
	return collector.result(studyKey), nil
}

// queryCollector sorts measured queries into groups.
type queryCollector struct {
	asOf     time.Time
	limits   []time.Duration
	answered func(opening, later imednet.QueryComment) bool
	notYet   int64
	total    *queryTally
	bySite   map[queryGroupKey]*queryTally
	byForm   map[queryGroupKey]*queryTally
	byVar    map[queryGroupKey]*queryTally
	byType   map[queryGroupKey]*queryTally
}

type queryGroupKey struct{ form, name string }

func newQueryCollector(now time.Time, opts MetricsOptions) (*queryCollector, error) {
	c := &queryCollector{
		asOf: opts.AsOf, limits: opts.AgeLimits, answered: opts.Answered, total: newQueryTally(queryGroupKey{}),
		bySite: map[queryGroupKey]*queryTally{}, byForm: map[queryGroupKey]*queryTally{},
		byVar: map[queryGroupKey]*queryTally{}, byType: map[queryGroupKey]*queryTally{},
	}
	if c.asOf.IsZero() {
		c.asOf = now
	}
	c.asOf = c.asOf.UTC()
	if len(c.limits) == 0 {
		const day = 24 * time.Hour
		c.limits = []time.Duration{7 * day, 14 * day, 30 * day, 60 * day, 90 * day}
	}
	if c.limits[0] <= 0 || !slices.IsSorted(c.limits) || len(slices.Compact(slices.Clone(c.limits))) < len(c.limits) {
		return nil, &imednet.ValidationError{What: "query metrics options", Problems: []imednet.Problem{
			{Path: "AgeLimits", Message: "limits must be positive and strictly ascending"}}}
	}
	if c.answered == nil {
		c.answered = answeredByAnother
	}
	return c, nil
}

func answeredByAnother(opening, later imednet.QueryComment) bool {
	asker, known := opening.User.Get()
	user, ok := later.User.Get()
	return known && ok && user != asker && !later.Closed.Or(false)
}

func (c *queryCollector) add(q measuredQuery) {
	c.total.add(q, c.limits)
	tallyOf(c.bySite, queryGroupKey{name: q.site}).add(q, c.limits)
	tallyOf(c.byForm, queryGroupKey{name: q.form}).add(q, c.limits)
	tallyOf(c.byVar, queryGroupKey{q.form, q.variable}).add(q, c.limits)
	tallyOf(c.byType, queryGroupKey{name: q.kind}).add(q, c.limits)
}

func tallyOf(tallies map[queryGroupKey]*queryTally, key queryGroupKey) *queryTally {
	t := tallies[key]
	if t == nil {
		t = newQueryTally(key)
		tallies[key] = t
	}
	return t
}

func (c *queryCollector) result(studyKey string) *Metrics {
	total := c.total.group(c.limits)
	return &Metrics{
		StudyKey: studyKey, AsOf: c.asOf, Read: total.States.Total() + c.notYet, NotYet: c.notYet, Total: total,
		BySite: c.groups(c.bySite), ByForm: c.groups(c.byForm), ByVariable: c.groups(c.byVar), ByType: c.groups(c.byType),
	}
}

func (c *queryCollector) groups(tallies map[queryGroupKey]*queryTally) []Group {
	groups := make([]Group, 0, len(tallies))
	for _, t := range tallies {
		groups = append(groups, t.group(c.limits))
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(strings.Compare(a.FormKey, b.FormKey), strings.Compare(a.Name, b.Name))
	})
	return groups
}
