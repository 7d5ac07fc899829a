package queries_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/queries"
)

func comment(sequence int64, closed bool) imednet.QueryComment {
	return imednet.QueryComment{Sequence: imednet.Some(sequence), Closed: imednet.Some(closed)}
}

func TestStateOf(t *testing.T) {
	unnumbered := imednet.QueryComment{Closed: imednet.Some(true)}
	silent := imednet.QueryComment{Sequence: imednet.Some(int64(9)), Closed: imednet.NullOf[bool]()}
	for name, c := range map[string]struct {
		comments []imednet.QueryComment
		want     queries.State
	}{
		"no comments":                        {nil, queries.Unknown},
		"one open":                           {[]imednet.QueryComment{comment(1, false)}, queries.Open},
		"opened, then closed":                {[]imednet.QueryComment{comment(1, false), comment(2, true)}, queries.Closed},
		"sequence decides, not the order":    {[]imednet.QueryComment{comment(2, true), comment(1, false)}, queries.Closed},
		"reopened":                           {[]imednet.QueryComment{comment(3, false), comment(2, true), comment(1, false)}, queries.Open},
		"the first of a tie":                 {[]imednet.QueryComment{comment(1, true), comment(1, false)}, queries.Closed},
		"negative sequences":                 {[]imednet.QueryComment{comment(-2, false), comment(-1, true)}, queries.Closed},
		"the only comment needs no sequence": {[]imednet.QueryComment{unnumbered}, queries.Closed},
		"comments without any sequence":      {[]imednet.QueryComment{unnumbered, unnumbered}, queries.Unknown},
		"a number beside none":               {[]imednet.QueryComment{unnumbered, comment(1, false)}, queries.Open},
		"the deciding comment does not say":  {[]imednet.QueryComment{comment(1, true), silent}, queries.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, queries.StateOf(imednet.Query{QueryComments: c.comments}))
		})
	}
}

// rawQuery is a query as the test reads it from the file.
type rawQuery struct {
	AnnotationID  int64  `json:"annotationId"`
	SubjectID     int64  `json:"subjectId"`
	SubjectKey    string `json:"subjectKey"`
	DateCreated   string `json:"dateCreated"`
	RecordID      int64  `json:"recordId"`
	Variable      string `json:"variable"`
	QueryComments []struct {
		Sequence int64
		Closed   bool
		User     string
		Date     string
	} `json:"queryComments"`
}

func (q rawQuery) state() string {
	state, highest := "unknown", int64(-1)
	for _, c := range q.QueryComments {
		if c.Sequence > highest {
			highest = c.Sequence
			state = map[bool]string{true: "closed", false: "open"}[c.Closed]
		}
	}
	return state
}

type rawSubject struct {
	SubjectID  int64  `json:"subjectId"`
	SubjectKey string `json:"subjectKey"`
	SiteID     int64  `json:"siteId"`
	SiteName   string `json:"siteName"`
	Deleted    bool   `json:"deleted"`
}

func ids(queries []imednet.Query) []int64 {
	list := []int64{}
	for _, q := range queries {
		list = append(list, q.AnnotationID)
	}
	return list
}

func management(t *testing.T, client queries.Client) *queries.QueryManagement {
	t.Helper()
	m, err := queries.NewQueryManagement(client)
	require.NoError(t, err)
	return m
}

func TestPilotQueryCounts(t *testing.T) {
	m := management(t, studytest.PilotServer(t).Client())
	counts, err := m.QueryStateCounts(t.Context(), studytest.PilotKey, queries.Options{})
	require.NoError(t, err)
	assert.Equal(t, queries.StateCounts{Open: 311, Closed: 358, Unknown: 29}, counts)
	assert.EqualValues(t, 698, counts.Total())
	var want []int64
	for _, q := range studytest.NDJSON[rawQuery](t, "queries.ndjson") {
		if q.state() == "open" {
			want = append(want, q.AnnotationID)
		}
	}
	slices.Sort(want)
	assert.Equal(t, want, ids(studytest.All(t, m.OpenQueries(t.Context(), studytest.PilotKey, queries.Options{}))))
}

func TestPilotQueriesOfEverySubjectAndSite(t *testing.T) {
	server := studytest.PilotServer(t)
	m := management(t, server.Client())
	bySubject, bySite, siteOf, subjects := map[string][]int64{}, map[string][]int64{}, map[int64]string{}, studytest.NDJSON[rawSubject](t, "subjects.ndjson")
	for _, s := range subjects {
		siteOf[s.SubjectID] = s.SiteName
		bySubject[s.SubjectKey], bySite[s.SiteName] = []int64{}, []int64{}
	}
	rows := studytest.NDJSON[rawQuery](t, "queries.ndjson")
	slices.SortFunc(rows, func(a, b rawQuery) int { return int(a.AnnotationID - b.AnnotationID) })
	for _, q := range rows {
		bySubject[q.SubjectKey] = append(bySubject[q.SubjectKey], q.AnnotationID)
		bySite[siteOf[q.SubjectID]] = append(bySite[siteOf[q.SubjectID]], q.AnnotationID)
	}
	require.Len(t, bySubject, 306)
	require.Len(t, bySite, 17)
	for key, want := range bySubject {
		assert.Equal(t, want, ids(studytest.All(t, m.QueriesForSubject(t.Context(), studytest.PilotKey, key, queries.Options{}))), "subject %s", key)
	}
	total := 0
	for site, want := range bySite {
		got := ids(studytest.All(t, m.QueriesBySite(t.Context(), studytest.PilotKey, site, queries.Options{})))
		assert.Equal(t, want, got, "site %s", site)
		total += len(got)
	}
	assert.Equal(t, 698, total, "the sites add up to the study")
}

func TestQueriesBySiteAsksAsLittleAsPossible(t *testing.T) {
	server := studytest.Generated(imednettest.GenerateOptions{Records: 2000, Subjects: 60, Sites: 4})
	m := management(t, server.Client())
	counts := map[string][]string{}
	for s := range server.Client().Subjects(t.Context(), "DEMO", imednet.ListOptions{}) {
		counts[s.SiteName.Or("")] = append(counts[s.SiteName.Or("")], s.SubjectKey.Or(""))
	}
	site := slices.MaxFunc(studytest.KeysOf(counts), func(a, b string) int { return len(counts[a]) - len(counts[b]) })
	require.Greater(t, len(counts[site]), 3)

	server.ResetRequests()
	found := studytest.All(t, m.QueriesBySite(t.Context(), "DEMO", site, queries.Options{}))
	require.NotEmpty(t, found)
	for _, filter := range studytest.FiltersOf(server, "/queries") {
		assert.Empty(t, filter, "a large site is one unfiltered pass")
	}
	for _, q := range found {
		assert.Contains(t, counts[site], q.SubjectKey.Or(""))
	}
	var one int
	for range studytest.All(t, m.OpenQueries(t.Context(), "DEMO", queries.Options{})) {
		one++
	}
	require.Positive(t, one)
}

func TestPilotSmallSiteIsOnePass(t *testing.T) {
	server := studytest.PilotServer(t)
	m := management(t, server.Client())
	studytest.All(t, m.QueriesBySite(t.Context(), studytest.PilotKey, "706", queries.Options{Filter: imednet.Where("annotationType", imednet.Equal, "Monitor Query")}))
	assert.Equal(t, []string{""}, studytest.FiltersOf(server, "/subjects"), "whose a query is shows only beside all subjects")
	for _, filter := range studytest.FiltersOf(server, "/queries") {
		assert.Regexp(t, `^annotationType=="Monitor Query"(;annotationId>\d+)?$`, filter, "all of them, and the look behind the last")
	}
}

func TestExtraFiltersOfQueriesCannotWiden(t *testing.T) {
	server := studytest.Generated(imednettest.GenerateOptions{})
	m := management(t, server.Client())
	var some imednet.Query
	for q := range server.Client().Queries(t.Context(), "DEMO", imednet.ListOptions{}) {
		some = q
		break
	}
	subject := some.SubjectKey.Or("")
	own := studytest.All(t, m.QueriesForSubject(t.Context(), "DEMO", subject, queries.Options{}))
	require.NotEmpty(t, own)

	for _, err := range m.QueriesForSubject(t.Context(), "DEMO", subject, queries.Options{Filter: imednet.Where("subjectKey", imednet.Equal, "other")}) {
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid)
		assert.NotContains(t, err.Error(), "other", "an error repeats no value")
	}
	server.ResetRequests()
	either := imednet.Where("annotationId", imednet.Greater, int64(0)).Or("variable", imednet.Equal, "X")
	assert.Equal(t, ids(own), ids(studytest.All(t, m.QueriesForSubject(t.Context(), "DEMO", subject, queries.Options{Filter: either}))),
		"a filter joined by OR is sent as it is and the subject sorted out locally")
	assert.Equal(t, "annotationId>0,variable==X", studytest.FiltersOf(server, "/queries")[0])
	_, err := next(m.QueriesForSubject(t.Context(), "DEMO", `no "such" subject`, queries.Options{}))
	require.ErrorIs(t, err, queries.ErrNoSuchSubject)
}

func TestQueriesBySiteTellsWrongNamesFromEmptySites(t *testing.T) {
	server := studytest.Generated(imednettest.GenerateOptions{})
	m := management(t, server.Client())
	var got error
	for _, err := range m.QueriesBySite(t.Context(), "DEMO", "no such site", queries.Options{}) {
		got = err
	}
	require.ErrorIs(t, got, queries.ErrNoSuchSite)
	require.ErrorIs(t, got, imednet.ErrNotFound)
}

func TestQueryFailuresEndTheListingOnce(t *testing.T) {
	server := studytest.Generated(imednettest.GenerateOptions{})
	m := management(t, server.Client())
	server.Inject(imednettest.Fault{Path: "/queries", Status: 500, Times: -1})
	n := 0
	for q, err := range m.OpenQueries(t.Context(), "DEMO", queries.Options{}) {
		n++
		assert.Zero(t, q.AnnotationID)
		require.ErrorIs(t, err, imednet.ErrServer)
		assert.True(t, imednet.Retryable(err))
		assert.EqualError(t, err, "queries: open queries: study DEMO: imednet: GET "+server.Requests()[0].Path+": status 500 (server error), code 9000")
	}
	assert.Equal(t, 1, n)
	_, err := m.QueryStateCounts(t.Context(), "DEMO", queries.Options{})
	require.ErrorIs(t, err, imednet.ErrServer)
	_, err = m.QueryMetrics(t.Context(), "DEMO", queries.MetricsOptions{})
	require.ErrorIs(t, err, imednet.ErrServer)
}

func TestNewQueryManagementRefusesNil(t *testing.T) {
	_, err := queries.NewQueryManagement(nil)
	assert.Error(t, err)
	client := imednettest.NewServer().Client()
	_, err = queries.NewQueryManagement(client, queries.WithClock(nil))
	assert.Error(t, err)
	_, err = queries.NewQueryManagement(client, queries.WithRecords(nil))
	assert.Error(t, err)
}
