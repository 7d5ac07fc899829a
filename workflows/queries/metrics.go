package queries

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/querythread"
)

// MetricsOptions configures [QueryManagement.QueryMetrics]. The zero value measures all queries as
// of now.
type MetricsOptions struct {
	// Filter selects queries on the server.
	Filter imednet.Filter
	// AsOf is the moment of the report: comments and queries with a later date are ignored as not
	// yet written. The zero value means now.
	AsOf time.Time
	// AgeLimits are the boundaries between age buckets of open queries, in ascending order; empty
	// means 7, 14, 30, 60 and 90 days.
	AgeLimits []time.Duration
	// Answered reports whether a later comment answers the query that the opening comment raised.
	// The default rule fits every study: a comment is an answer if another user wrote it and it
	// does not close the query. Status texts differ from study to study and cannot be relied on.
	Answered func(opening, later imednet.QueryComment) bool
}

// Metrics reports how the queries of a study are being resolved, as of one moment.
type Metrics struct {
	StudyKey   string    `json:"studyKey"`
	AsOf       time.Time `json:"asOf"`
	Read       int64     `json:"read"`       // queries listed by the server: Total.States.Total() + NotYet
	NotYet     int64     `json:"notYet"`     // raised after AsOf, in no group
	Total      Group     `json:"total"`      // all queries raised by AsOf
	BySite     []Group   `json:"bySite"`     // by name of the subject's or record's site
	ByForm     []Group   `json:"byForm"`     // by form key; "" if the form is not known or has none
	ByVariable []Group   `json:"byVariable"` // by form key and variable
	ByType     []Group   `json:"byType"`     // by annotationType, which the study defines
	// Contradictions counts, by kind, the queries about a record whose form was not found or was
	// found despite a contradiction ([imednet.FormIndex]).
	Contradictions map[imednet.ContradictionKind]int64 `json:"contradictions,omitempty"`
}

// String returns one line, such as "as of 2024-03-01 00:00:00: 311 open, 358 closed, 29 unknown". It
// also counts contradictions, if there are any.
func (m Metrics) String() string {
	text := "as of " + imednet.NewTime(m.AsOf).String() + ": " + m.Total.States.String()
	contradicting := int64(0)
	for _, n := range m.Contradictions {
		contradicting += n
	}
	if contradicting > 0 {
		text += fmt.Sprintf("; %d about records that contradict the study's forms", contradicting)
	}
	return text
}

// Group holds the figures of a group of queries. The groups of one list add up to the total.
type Group struct {
	FormKey      string          `json:"formKey,omitempty"` // set in ByVariable only
	Name         string          `json:"name"`              // "" for queries without one
	States       StateCounts     `json:"states"`
	Ages         []AgeBucket     `json:"ages"`         // of open queries, since they were raised
	Undated      int64           `json:"undated"`      // open queries of unknown age, in no bucket
	Answered     int64           `json:"answered"`     // queries that received an answer
	Reopened     int64           `json:"reopened"`     // queries that were reopened after being closed
	Cycles       int64           `json:"cycles"`       // number of times that queries were opened, including the first
	MaxCycles    int64           `json:"maxCycles"`    // highest number of cycles of one query
	TimeToAnswer DurationSummary `json:"timeToAnswer"` // from raising to the first answer
	TimeToClose  DurationSummary `json:"timeToClose"`  // from raising to the final close
}

// AgeBucket counts the open queries with From <= age < To. A To of 0 means no upper limit.
type AgeBucket struct {
	From  time.Duration `json:"fromNanoseconds"`
	To    time.Duration `json:"toNanoseconds"`
	Count int64         `json:"count"`
}

// DurationSummary summarises times, to the second. Approximate means that Median and P90 are
// approximate because the group has more than 2,000 different times.
type DurationSummary struct {
	Count       int64         `json:"count"`
	Min         time.Duration `json:"minNanoseconds"`
	Median      time.Duration `json:"medianNanoseconds"`
	Mean        time.Duration `json:"meanNanoseconds"`
	P90         time.Duration `json:"p90Nanoseconds"`
	Max         time.Duration `json:"maxNanoseconds"`
	Approximate bool          `json:"approximate"`
}

// QueryMetrics measures the age, the time to answer and to close, and the cycles of the study's
// queries, in one pass over them.
//
// A query names its subject and record but neither site nor form. Sites come from one listing of
// subjects, in which [imednet.SubjectIndex] finds the subject of a query, or else from the record.
// The form is that of the record, as [imednet.FormIndex.OfRecord] finds it, so that a query is
// counted where tables have the record. The records are looked up: one by one for up to 20 records,
// otherwise in one pass from the first to the last of them. With [WithRecords] the mirror can serve
// these lookups. A query about no record, or about one that is not listed, is of the only form that
// has a variable with its name ([imednet.FormIndex.WithVariable]), or of none.
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

	contradictions map[imednet.ContradictionKind]int64
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
		c.answered = querythread.AnsweredByAnother
	}
	return c, nil
}

func (c *queryCollector) add(q measuredQuery) {
	c.total.add(q, c.limits)
	tallyOf(c.bySite, queryGroupKey{name: q.site}).add(q, c.limits)
	tallyOf(c.byForm, queryGroupKey{name: q.formKey()}).add(q, c.limits)
	tallyOf(c.byVar, queryGroupKey{q.formKey(), q.variable}).add(q, c.limits)
	tallyOf(c.byType, queryGroupKey{name: q.kind}).add(q, c.limits)
	if q.contradiction.IsZero() {
		return
	}
	if c.contradictions == nil {
		c.contradictions = map[imednet.ContradictionKind]int64{}
	}
	c.contradictions[q.contradiction.Kind]++
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
		Contradictions: c.contradictions,
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
