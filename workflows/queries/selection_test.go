package queries_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/queries"
)

// clinic is a study whose subjects were renamed and whose keys were used again.
type clinic struct {
	queries.Client
	subjects []imednet.Subject
	queries  []imednet.Query
	asked    []string
	refuses  string // an attribute that the server does not filter by
}

func (c *clinic) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return studytest.RowsOf(c.subjects)
}

func (c *clinic) Sites(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return studytest.RowsOf([]imednet.Site{{SiteID: 10, SiteName: imednet.Some("North")}, {SiteID: 11, SiteName: imednet.Some("South")}, {SiteID: 12, SiteName: imednet.Some("Empty")}})
}

func (c *clinic) Queries(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	filter, err := opts.Filter.Encode(imednet.Queries)
	c.asked = append(c.asked, filter)
	var rows []imednet.Query
	for _, q := range c.queries {
		if opts.Filter.Match(func(attribute string) (imednet.Value, bool) { return attributeOf(&q, attribute) }) {
			rows = append(rows, q)
		}
	}
	for _, condition := range opts.Filter.Conditions() {
		if condition.Attribute == c.refuses {
			err = imednet.ErrBadRequest
		}
	}
	return func(yield func(imednet.Query, error) bool) {
		if err != nil {
			yield(imednet.Query{}, err)
			return
		}
		studytest.RowsOf(rows)(yield)
	}
}

func attributeOf(q *imednet.Query, name string) (imednet.Value, bool) {
	text := map[string]string{"subjectId": q.SubjectID.String(), "subjectKey": `"` + q.SubjectKey.String() + `"`, "variable": `"` + q.Variable.String() + `"`}[name]
	return imednet.NewValue([]byte(text)), text != "" && text != `""`
}

func person(id int64, key string, site int64, siteName string) imednet.Subject {
	s := imednet.Subject{SubjectID: id, SubjectKey: imednet.Some(key), SiteName: imednet.Some(siteName)}
	if site != 0 {
		s.SiteID = imednet.Some(site)
	}
	return s
}

func about(id, subject int64, key string, closed bool, raised string) imednet.Query {
	q := imednet.Query{AnnotationID: id, QueryComments: []imednet.QueryComment{comment(1, closed)}}
	if subject != 0 {
		q.SubjectID = imednet.Some(subject)
	}
	if key != "" {
		q.SubjectKey = imednet.Some(key)
	}
	if raised != "" {
		q.DateCreated = studytest.OptTime(raised)
	}
	return q
}

// anOddClinic has subject 1, once OLD and now NEW, subject 2, who got the key OLD then, two
// subjects under the key TWIN, and a subject whose siteId and siteName name two sites.
func anOddClinic() *clinic {
	return &clinic{
		subjects: []imednet.Subject{person(1, "NEW", 10, "North"), person(2, "OLD", 11, "South"), person(3, "TWIN", 10, "North"), person(4, "TWIN", 11, "South"),
			person(5, "MOVED", 10, "South"), person(6, "NO SITE ID", 0, "North")},
		queries: []imednet.Query{
			about(100, 1, "OLD", false, "2024-01-01 00:00:00"), about(101, 1, "NEW", true, "2024-01-01 00:00:00"), about(102, 2, "OLD", false, "2024-02-20 00:00:00"),
			about(103, 0, "NEW", false, ""), about(104, 0, "TWIN", false, "2024-01-01 00:00:00"), about(105, 3, "TWIN", false, "2024-01-30 23:59:59"),
			about(106, 5, "MOVED", false, "2024-01-31 00:00:00"), about(107, 6, "", false, "2024-01-01 00:00:00"), about(108, 99, "NEW", false, "2024-01-01 00:00:00"),
			{AnnotationID: 109}, about(110, 4, "TWIN", true, "2024-01-01 00:00:00"),
			about(111, 98, "TWIN", false, "2024-01-01 00:00:00"),
		},
	}
}

func managementAt(t *testing.T, client queries.Client, now string) *queries.QueryManagement {
	t.Helper()
	m, err := queries.NewQueryManagement(client, queries.WithClock(imednettest.NewClock(studytest.At(now))))
	require.NoError(t, err)
	return m
}

func TestQueriesOfASiteInOneCall(t *testing.T) {
	m := managementAt(t, anOddClinic(), "2024-03-01 00:00:00") // 30 days earlier: 31 January, 00:00
	list := func(opts queries.Options) []int64 { return ids(studytest.All(t, m.Queries(t.Context(), "S", opts))) }
	month := 30 * 24 * time.Hour
	assert.Len(t, list(queries.Options{}), 12)
	assert.Equal(t, []int64{100, 101, 103, 105, 106, 107}, list(queries.Options{Site: "North"}), "a key that two subjects share is nobody's; the site's id decides before its name")
	assert.Equal(t, []int64{102, 110}, list(queries.Options{Site: "South"}))
	assert.Equal(t, []int64{100, 103, 105, 106, 107}, list(queries.Options{Site: "North", State: queries.Open}))
	assert.Equal(t, []int64{100, 105, 107}, list(queries.Options{Site: "North", State: queries.Open, OlderThan: month}), "neither 30 days to the second nor of unknown age")
	assert.Equal(t, []int64{109}, list(queries.Options{State: queries.Unknown}))
	assert.Equal(t, []int64{101, 110}, list(queries.Options{State: queries.Closed}))
	assert.Empty(t, list(queries.Options{Site: "Empty"}))
	assert.Equal(t, []int64{100, 105, 107}, ids(studytest.All(t, m.OpenQueries(t.Context(), "S", queries.Options{Site: "North", OlderThan: month}))))
	assert.Equal(t, []int64{102}, ids(studytest.All(t, m.QueriesBySite(t.Context(), "S", "South", queries.Options{State: queries.Open}))))
	counts, err := m.QueryStateCounts(t.Context(), "S", queries.Options{Site: "South"})
	require.NoError(t, err)
	assert.Equal(t, "1 open, 1 closed, 0 unknown", counts.String())
}

func TestQueriesOfASubjectFollowTheSubjectAndNotTheKey(t *testing.T) {
	c := anOddClinic()
	m := managementAt(t, c, "2024-03-01 00:00:00")
	of := func(key string, opts queries.Options) []int64 {
		return ids(studytest.All(t, m.QueriesForSubject(t.Context(), "S", key, opts)))
	}
	assert.Equal(t, []int64{100, 101, 103}, of("NEW", queries.Options{}), "also under the former key")
	assert.Equal(t, []string{"subjectKey==NEW", "subjectId==1"}, c.asked, "two narrow listings")
	assert.Equal(t, []int64{102}, of("OLD", queries.Options{}), "not what belongs to the former bearer")
	assert.Equal(t, []int64{104, 105, 110}, of("TWIN", queries.Options{}), "both bearers of the key")
	assert.Equal(t, []int64{100, 103}, of("NEW", queries.Options{State: queries.Open}))
	for _, key := range []string{"NEW", "OLD", "TWIN", "MOVED", "NO SITE ID"} {
		assert.Equal(t, of(key, queries.Options{}), ids(studytest.All(t, m.Queries(t.Context(), "S", queries.Options{Subject: key}))), key)
		assert.Equal(t, of(key, queries.Options{Site: "North"}), ids(studytest.All(t, m.Queries(t.Context(), "S", queries.Options{Subject: key, Site: "North"}))), key)
	}
	for _, opts := range []queries.Options{{}, {Site: "North"}, {State: queries.Closed}} {
		_, err := next(m.QueriesForSubject(t.Context(), "S", "nobody", opts))
		require.ErrorIs(t, err, queries.ErrNoSuchSubject)
		opts.Subject = "nobody"
		_, err = next(m.Queries(t.Context(), "S", opts))
		require.ErrorIs(t, err, queries.ErrNoSuchSubject)
		require.NotContains(t, err.Error(), "nobody")
	}
	_, err := next(m.QueriesForSubject(t.Context(), "S", "NEW", queries.Options{Subject: "NEW"}))
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	_, err = next(m.QueriesForSubject(t.Context(), "S", " ", queries.Options{}))
	require.ErrorAs(t, err, new(*imednet.ValidationError))

	c.refuses, c.asked = "subjectId", nil
	assert.Equal(t, []int64{100, 101, 103}, of("NEW", queries.Options{}), "a server that cannot filter by id is read as a whole")
	assert.Equal(t, []string{"subjectKey==NEW", "subjectId==1", ""}, c.asked)
	c.refuses, c.asked = "subjectKey", nil
	assert.Equal(t, []int64{100, 101, 103}, of("NEW", queries.Options{}))
	assert.Equal(t, []string{"subjectKey==NEW", ""}, c.asked)
	_, err = next(m.QueriesForSubject(t.Context(), "S", "NEW", queries.Options{Filter: imednet.Where("subjectId", imednet.Equal, 4)}))
	require.ErrorAs(t, err, new(*imednet.ValidationError))
}

func next(rows iter.Seq2[imednet.Query, error]) (imednet.Query, error) {
	for q, err := range rows {
		return q, err
	}
	return imednet.Query{}, errors.New("no row")
}

func TestQueryOptionsThatCannotBeMeant(t *testing.T) {
	m := managementAt(t, anOddClinic(), "2024-03-01 00:00:00")
	for name, rows := range map[string]iter.Seq2[imednet.Query, error]{
		"a state that is none":         m.Queries(t.Context(), "S", queries.Options{State: "OPEN"}),
		"an age below zero":            m.Queries(t.Context(), "S", queries.Options{OlderThan: -1}),
		"open queries that are closed": m.OpenQueries(t.Context(), "S", queries.Options{State: queries.Closed}),
		"two sites":                    m.QueriesBySite(t.Context(), "S", "North", queries.Options{Site: "South"}),
	} {
		_, err := next(rows)
		require.ErrorAs(t, err, new(*imednet.ValidationError), name)
		var failure *imednet.Error
		require.ErrorAs(t, err, &failure, name)
		assert.Equal(t, "S", failure.StudyKey)
	}
	for _, site := range []string{"", " "} {
		_, err := next(m.QueriesBySite(t.Context(), "S", site, queries.Options{}))
		require.ErrorAs(t, err, new(*imednet.ValidationError), "%q", site)
	}
	for _, site := range []string{"north", "North "} {
		_, err := next(m.QueriesBySite(t.Context(), "S", site, queries.Options{}))
		require.ErrorIs(t, err, queries.ErrNoSuchSite, "%q", site)
	}
}

// placedClinic is the odd clinic with a design, of which no query is about a record.
type placedClinic struct {
	*clinic
	studytest.DesignClient
	studytest.EmptySource
}

func (c placedClinic) Subjects(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	return c.clinic.Subjects(ctx, study, opts)
}

func (c placedClinic) Sites(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Site, error] {
	return c.clinic.Sites(ctx, study, opts)
}

func (c placedClinic) Queries(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return c.clinic.Queries(ctx, study, opts)
}

func (c placedClinic) Forms(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Form, error] {
	return c.DesignClient.Forms(ctx, study, opts)
}

func (c placedClinic) Variables(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Variable, error] {
	return c.DesignClient.Variables(ctx, study, opts)
}

func (c placedClinic) Records(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return c.EmptySource.Records(ctx, study, opts)
}

// TestAnOverviewNamesTheSubject, and not the key that a query carries from before a renaming.
func TestAnOverviewNamesTheSubject(t *testing.T) {
	m := managementAt(t, placedClinic{clinic: anOddClinic()}, "2024-03-01 00:00:00")
	entries, err := m.Overview(t.Context(), "S", queries.Options{})
	require.NoError(t, err)
	got := map[int64]string{}
	for _, e := range entries {
		got[e.QueryID] = e.SubjectKey
	}
	require.Equal(t, map[int64]string{100: "NEW", 101: "NEW", 102: "OLD", 103: "NEW", 104: "TWIN", 105: "TWIN", 106: "MOVED", 107: "NO SITE ID",
		108: "NEW", 109: "", 110: "TWIN", 111: "TWIN"}, got)
	entries, err = m.Overview(t.Context(), "S", queries.Options{Subject: "OLD"})
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.EqualValues(t, 102, entries[0].QueryID)
}
