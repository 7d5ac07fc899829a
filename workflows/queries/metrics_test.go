package queries_test

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/queries"
)

const day = 24 * time.Hour

// thread is a client of a few rows.
type thread struct {
	queries  []imednet.Query
	records  []imednet.Record
	asked    []string // filters of record listings
	forms    []imednet.Form
	variable []imednet.Variable
}

func (c *thread) Forms(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return studytest.RowsOf(c.forms)
}

func (c *thread) Queries(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return studytest.RowsOf(c.queries)
}

func (c *thread) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return studytest.RowsOf([]imednet.Subject{{SubjectID: 1, SiteID: imednet.Some(int64(10)), SiteName: imednet.Some("North")}})
}

func (c *thread) Sites(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return studytest.RowsOf([]imednet.Site{{SiteID: 10, SiteName: imednet.Some("North")}, {SiteID: 11, SiteName: imednet.Some("South")}})
}

func (c *thread) Variables(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return studytest.RowsOf(c.variable)
}

func (c *thread) Records(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	filter, err := opts.Filter.Encode(imednet.Records)
	c.asked = append(c.asked, filter)
	var rows []imednet.Record
	for _, r := range c.records {
		if opts.Filter.MatchRecord(&r) {
			rows = append(rows, r)
		}
	}
	return func(yield func(imednet.Record, error) bool) {
		if err != nil {
			yield(imednet.Record{}, err)
			return
		}
		studytest.RowsOf(rows)(yield)
	}
}

func said(sequence int64, user, date string, closed bool) imednet.QueryComment {
	return imednet.QueryComment{Sequence: imednet.Some(sequence), User: imednet.Some(user), Date: studytest.OptTime(date), Closed: imednet.Some(closed)}
}

func aThread(id int64, comments ...imednet.QueryComment) imednet.Query {
	return imednet.Query{
		AnnotationID: id, SubjectID: imednet.Some(int64(1)), Variable: imednet.Some("AETERM"), RecordID: imednet.Some(int64(100)),
		AnnotationType: imednet.Some("Monitor Query"), DateCreated: studytest.OptTime("2024-01-01 00:00:00"), QueryComments: comments,
	}
}

func measure(t *testing.T, c *thread, opts queries.MetricsOptions) *queries.Metrics {
	t.Helper()
	m, err := queries.NewQueryManagement(c, queries.WithClock(imednettest.NewClock(studytest.At("2024-03-01 00:00:00"))))
	require.NoError(t, err)
	metrics, err := m.QueryMetrics(t.Context(), "S", opts)
	require.NoError(t, err)
	return metrics
}

func TestQueryMetricsFollowOneThreadThroughTime(t *testing.T) {
	c := &thread{
		variable: []imednet.Variable{{VariableID: 1, VariableName: imednet.Some("aeterm"), FormKey: imednet.Some("AE")}},
		queries: []imednet.Query{aThread(7,
			said(4, "monitor", "2024-01-21 00:00:00", true), // out of order, as the API sends them
			said(1, "monitor", "2024-01-01 00:00:00", false),
			said(2, "site", "2024-01-05 00:00:00", false),
			said(3, "monitor", "2024-01-11 00:00:00", true),
			said(5, "monitor", "2024-01-31 00:00:00", false),
		)},
	}
	for _, step := range []struct {
		asOf              string
		open, closed      int64
		bucket            int
		answered, cycles  int64
		toAnswer, toClose time.Duration
	}{
		{"2024-01-03 00:00:00", 1, 0, 0, 0, 1, 0, 0},
		{"2024-01-10 00:00:00", 1, 0, 1, 1, 1, 4 * day, 0},
		{"2024-01-11 00:00:00", 0, 1, -1, 1, 1, 4 * day, 10 * day},
		{"2024-01-25 00:00:00", 0, 1, -1, 1, 1, 4 * day, 10 * day},
		{"2024-02-28 00:00:00", 1, 0, 3, 1, 2, 4 * day, 0},
	} {
		got := measure(t, c, queries.MetricsOptions{AsOf: studytest.At(step.asOf)})
		g := got.Total
		assert.Equal(t, queries.StateCounts{Open: step.open, Closed: step.closed}, g.States, step.asOf)
		for i, bucket := range g.Ages {
			assert.Equal(t, i == step.bucket, bucket.Count == 1, "%s bucket %d", step.asOf, i)
		}
		assert.Equal(t, step.answered, g.Answered, step.asOf)
		assert.Equal(t, step.cycles, g.Cycles, step.asOf)
		assert.Equal(t, step.toAnswer, g.TimeToAnswer.Median, step.asOf)
		assert.Equal(t, step.toClose, g.TimeToClose.Median, step.asOf)
		assert.Equal(t, "North", got.BySite[0].Name)
		assert.Equal(t, "AE", got.ByForm[0].Name)
		assert.Equal(t, "AETERM", got.ByVariable[0].Name)
	}
	early := measure(t, c, queries.MetricsOptions{AsOf: studytest.At("2023-12-31 00:00:00")})
	assert.EqualValues(t, 1, early.NotYet)
	assert.EqualValues(t, 1, early.Read)
	assert.Zero(t, early.Total.States.Total())
	now := measure(t, c, queries.MetricsOptions{AgeLimits: []time.Duration{day, 60 * day}})
	assert.Equal(t, studytest.At("2024-03-01 00:00:00"), now.AsOf, "zero is the clock's present")
	assert.Equal(t, []queries.AgeBucket{{0, day, 0}, {day, 60 * day, 0}, {60 * day, 0, 1}}, now.Total.Ages, "60 days old is in the bucket from 60")
	assert.Equal(t, "recordId==100", c.asked[0], "the record decides on the form")
	assert.Equal(t, "AE", now.ByForm[0].Name, "a record that is not listed leaves the only form that has the variable")
	c.queries[0].RecordID, c.asked = imednet.Opt[int64]{}, nil
	assert.Equal(t, "AE", measure(t, c, queries.MetricsOptions{}).ByForm[0].Name)
	assert.Empty(t, c.asked, "a query about no record needs none")
}

func TestQueryMetricsSurviveGaps(t *testing.T) {
	undated := aThread(1, imednet.QueryComment{Sequence: imednet.Some(int64(1)), Closed: imednet.Some(false)})
	undated.DateCreated = imednet.NullOf[imednet.Time]()
	noState := aThread(2, imednet.QueryComment{Sequence: imednet.Some(int64(1))})
	got := measure(t, &thread{queries: []imednet.Query{undated, noState, aThread(3)}, records: []imednet.Record{}}, queries.MetricsOptions{})
	assert.Equal(t, queries.StateCounts{Open: 1, Unknown: 2}, got.Total.States)
	assert.EqualValues(t, 1, got.Total.Undated, "an open query of unknown age is in no bucket")
	assert.Zero(t, got.Total.TimeToClose)
}

func TestQueryMetricsLookUpWhatOnlyRecordsTell(t *testing.T) {
	c := &thread{variable: []imednet.Variable{
		{VariableID: 1, VariableName: imednet.Some("DATE"), FormKey: imednet.Some("AE")},
		{VariableID: 2, VariableName: imednet.Some("DATE"), FormKey: imednet.Some("CM")},
	}}
	for i := range int64(30) {
		q := aThread(i + 1)
		q.Variable, q.RecordID, q.SubjectID = imednet.Some("DATE"), imednet.Some(500+i), imednet.Opt[int64]{}
		c.queries = append(c.queries, q)
		c.records = append(c.records, imednet.Record{RecordID: 500 + i, FormKey: imednet.Some("CM"), SiteID: imednet.Some(int64(11))})
	}
	got := measure(t, c, queries.MetricsOptions{})
	assert.Equal(t, []string{"recordId>=500"}, c.asked, "many records are one pass from the first of them")
	require.Len(t, got.ByForm, 1)
	assert.Equal(t, "CM", got.ByForm[0].Name)
	require.Len(t, got.BySite, 1)
	assert.Equal(t, "South", got.BySite[0].Name)

	c.queries, c.asked = c.queries[:2], nil
	measure(t, c, queries.MetricsOptions{})
	assert.Equal(t, []string{"recordId==500", "recordId==501"}, c.asked, "few records are asked for one by one")
}

func TestQueryMetricsRefuseLimitsThatDoNotAscend(t *testing.T) {
	m := management(t, imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{})).Client())
	for _, limits := range [][]time.Duration{{0}, {day, day}, {2 * day, day}, {-day}} {
		_, err := m.QueryMetrics(t.Context(), "DEMO", queries.MetricsOptions{AgeLimits: limits})
		var invalid *imednet.ValidationError
		assert.ErrorAs(t, err, &invalid)
	}
}

// TestPilotQueryMetrics recomputes every figure from the files.
func TestPilotQueryMetrics(t *testing.T) {
	server := studytest.PilotServer(t)
	asOf := studytest.At("2014-03-01 00:00:00")
	got, err := management(t, server.Client()).QueryMetrics(t.Context(), studytest.PilotKey, queries.MetricsOptions{AsOf: asOf})
	require.NoError(t, err)
	type record struct {
		RecordID int64  `json:"recordId"`
		FormKey  string `json:"formKey"`
	}
	formOf, siteOf := map[int64]string{}, map[int64]string{}
	for _, r := range studytest.NDJSON[record](t, "records.ndjson") {
		formOf[r.RecordID] = r.FormKey
	}
	for _, s := range studytest.NDJSON[rawSubject](t, "subjects.ndjson") {
		siteOf[s.SubjectID] = s.SiteName
	}
	site, form, variable := map[string]queries.StateCounts{}, map[string]queries.StateCounts{}, map[string]queries.StateCounts{}
	var toClose, ages []time.Duration
	notYet, reopened := int64(0), int64(0)
	for _, q := range studytest.NDJSON[rawQuery](t, "queries.ndjson") {
		raised := studytest.At(q.DateCreated)
		if raised.After(asOf) {
			notYet++
			continue
		}
		slices.SortFunc(q.QueryComments, func(a, b struct {
			Sequence int64
			Closed   bool
			User     string
			Date     string
		}) int {
			return int(a.Sequence - b.Sequence)
		})
		states, closedAt := "", time.Time{}
		for _, c := range q.QueryComments {
			if studytest.At(c.Date).After(asOf) {
				break
			}
			if c.Closed {
				if !strings.HasSuffix(states, "c") {
					closedAt = studytest.At(c.Date)
				}
				states += "c"
			} else {
				states += "o"
			}
		}
		count := func(m map[string]queries.StateCounts, key string) {
			n := m[key]
			switch {
			case states == "":
				n.Unknown++
			case strings.HasSuffix(states, "c"):
				n.Closed++
			default:
				n.Open++
			}
			m[key] = n
		}
		count(site, siteOf[q.SubjectID])
		count(form, formOf[q.RecordID])
		count(variable, formOf[q.RecordID]+"."+q.Variable)
		if strings.HasSuffix(states, "c") {
			toClose = append(toClose, closedAt.Sub(raised))
		} else if states != "" {
			ages = append(ages, asOf.Sub(raised))
		}
		if strings.Contains(states, "co") {
			reopened++
		}
	}
	flat := func(groups []queries.Group) map[string]queries.StateCounts {
		m := map[string]queries.StateCounts{}
		for _, g := range groups {
			name := g.Name
			if g.FormKey != "" {
				name = g.FormKey + "." + g.Name
			}
			m[name] = g.States
		}
		return m
	}
	assert.Equal(t, site, flat(got.BySite))
	assert.Equal(t, form, flat(got.ByForm))
	withoutForm := variable["."]
	delete(variable, ".")
	byVariable := flat(got.ByVariable)
	assert.Equal(t, withoutForm, byVariable[""])
	delete(byVariable, "")
	assert.Equal(t, variable, byVariable)
	assert.Equal(t, notYet, got.NotYet)
	assert.EqualValues(t, 698, got.Read)
	assert.Equal(t, reopened, got.Total.Reopened)
	slices.Sort(toClose)
	assert.EqualValues(t, len(toClose), got.Total.TimeToClose.Count)
	assert.Equal(t, toClose[0], got.Total.TimeToClose.Min)
	assert.Equal(t, toClose[len(toClose)-1], got.Total.TimeToClose.Max)
	median := (toClose[(len(toClose)-1)/2] + toClose[len(toClose)/2]) / 2
	assert.InDelta(t, median.Seconds(), got.Total.TimeToClose.Median.Seconds(), 1)
	for _, bucket := range got.Total.Ages {
		n := int64(0)
		for _, age := range ages {
			if age >= bucket.From && (bucket.To == 0 || age < bucket.To) {
				n++
			}
		}
		assert.Equal(t, n, bucket.Count, "ages from %s", bucket.From)
	}
}
