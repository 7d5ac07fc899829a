package warehouse_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/queries"
)

// TestOpenQueriesAreThoseOfTheWorkflow compares the view with what package queries says of the same
// study, query by query.
func TestOpenQueriesAreThoseOfTheWorkflow(t *testing.T) {
	client := generated(2000)
	now := imednettest.NewClock(time.Date(2024, 12, 31, 12, 0, 0, 0, time.UTC))
	d := open(t, warehouse.WithClock(now))
	_, err := d.IngestStudy(t.Context(), client, "DEMO", warehouse.StudyOptions{})
	require.NoError(t, err)
	m, err := queries.NewQueryManagement(client, queries.WithClock(now))
	require.NoError(t, err)
	sites := map[int64]string{}
	for s, err := range client.Subjects(t.Context(), "DEMO", imednet.ListOptions{}) {
		require.NoError(t, err)
		sites[s.SubjectID] = s.SiteName.Or("∅")
	}
	want := []string{}
	for q, err := range m.OpenQueries(t.Context(), "DEMO", queries.Options{}) {
		require.NoError(t, err)
		last := slices.MaxFunc(q.QueryComments, func(a, b imednet.QueryComment) int { return int(a.Sequence.Or(0) - b.Sequence.Or(0)) })
		age := int64(now.Now().Sub(q.DateCreated.Or(imednet.Time{}).Time) / (24 * time.Hour))
		want = append(want, fmt.Sprintf("%d|%s|%d|%s", q.AnnotationID, sites[q.SubjectID.Or(0)], age, last.Comment.Or("")))
	}
	require.Greater(t, len(want), 10)
	require.Equal(t, want, table(t, d, `SELECT query_id, site_name, age_days, last_comment FROM imednet_open_queries ORDER BY query_id`))
}

// wire is a client whose queries are these texts of JSON.
type wire struct {
	*imednettest.Client
	queries []string
}

func (c wire) Queries(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return func(yield func(imednet.Query, error) bool) {
		for _, row := range c.queries {
			if q, err := imednet.Decode[imednet.Query]([]byte(row)); !yield(q, err) {
				return
			}
		}
	}
}

// openOf is what package queries says of the open ones, in the words of the view.
func openOf(t *testing.T, client imednet.Client, now imednet.Clock) []string {
	t.Helper()
	m, err := queries.NewQueryManagement(client, queries.WithClock(now))
	require.NoError(t, err)
	entries, err := m.Overview(t.Context(), "DEMO", queries.Options{State: queries.Open})
	require.NoError(t, err)
	text := func(at imednet.Opt[imednet.Time]) string {
		if v, ok := at.Get(); ok {
			return v.Truncate(time.Microsecond).Format("2006-01-02 15:04:05.999999")
		}
		return "∅"
	}
	want := []string{}
	for _, e := range entries {
		age := "∅"
		if e.Raised.IsSet() {
			age = fmt.Sprint(int64(e.Age / (24 * time.Hour)))
		}
		want = append(want, fmt.Sprintf("%d|%s|%s|%s|%s", e.QueryID, text(e.Raised), age, e.LastUser, text(e.LastAt)))
	}
	return want
}

// TestOpenQueriesWithOddThreads, whose state, dates and deciding comments are hard to tell.
func TestOpenQueriesWithOddThreads(t *testing.T) {
	client := wire{Client: generated(10)}
	for i, thread := range []string{
		`[]`, `null`, `[{"closed":false}]`, `[{"closed":true}]`, `[{"sequence":1,"closed":false},{"sequence":2,"closed":true}]`,
		`[{"sequence":2,"closed":false},{"sequence":1,"closed":true}]`, `[{"sequence":1,"closed":false},{"sequence":1,"closed":true}]`,
		`[{"sequence":3,"closed":null},{"sequence":1,"closed":false}]`, `[{"closed":false},{"closed":false}]`, `[{"closed":true},{"sequence":1,"closed":false}]`,
		`[{"sequence":"x","closed":false},{"sequence":1,"closed":true}]`, `[{"sequence":1,"closed":"perhaps","date":"soon"}]`,
		`[{"sequence":"7","closed":"False"},{"sequence":1.0,"closed":true}]`, `[{"sequence":1.5,"closed":true},{"sequence":1,"closed":false,"user":"5","date":"2024-02-30 00:00:00"}]`,
		`[{"sequence":9223372036854775808,"closed":true},{"sequence":-1e2,"closed":false,"date":"2024-02-29T23:30:00.25-01:00"}]`, `[{"sequence":1e400,"closed":true},{"sequence":1,"closed":false}]`,
		`[{"closed":false,"date":"2024-01-01 00:00:00"}]`, `[{"sequence":2,"closed":false,"date":"2024-01-02 00:00:00"},{"sequence":1,"closed":true,"date":"2024-01-03 00:00:00"}]`,
		`[{"sequence":3,"closed":false},{"sequence":1,"closed":true,"date":"2024-01-04 00:00:00"},{"sequence":1,"closed":true,"date":"2024-01-05 00:00:00"},{"date":"2024-01-06 00:00:00"}]`,
		`[{"sequence":1,"date":"12024-01-08 00:00:00"},{"sequence":2,"closed":false}]`, `[{"sequence":1,"closed":false,"date":"2026-03-03 18:00:00.5"}]`,
		`[{"sequence":1,"closed":false,"date":"2024-01-01 2:00:00.1234567"}]`, `[{"sequence":1,"closed":false,"date":"2024-01-01T00:00:00,5+16:30"}]`,
		`[{"sequence":1,"closed":false,"date":"2024-01-01 24:00:00"}]`, `[{"sequence":1,"closed":false,"date":"infinity"}]`, `[{"sequence":1,"closed":false,"date":"2024-01-01"}]`,
		`[{"sequence":1,"closed":false,"date":"2024-01-01 00:00:00+0100"}]`, `[{"sequence":1,"closed":false,"date":"2024-01-01 00:00:00-01:00"}]`, `[{"sequence":" 1","closed":true},{"sequence":0,"closed":false}]`,
		`[{"sequence":"0.","closed":true},{"sequence":"+1","closed":false}]`, `[{"sequence":1,"closed":1}]`, `[{"sequence":1,"closed":"no"}]`, `[{"sequence":1,"closed":false,"comment":"a\u0000b","user":"a\u0000b"}]`, `[{"sequence":1,"closed":false,"comment":"\ud83d\ude00"}]`,
	} {
		date := []string{`"dateCreated":null,`, `"dateCreated":"2026-13-01 00:00:00",`, ``, `"dateCreated":"2024-06-01 00:00:00.5",`, `"recordId":"x","dateCreated":"2024-07-01 00:00:00",`, `"dateCreated":7,`}[i%6]
		client.queries = append(client.queries, fmt.Sprintf(`{"annotationId":%d,%s"queryComments":%s}`, i+1, date, thread))
	}
	now := imednettest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC))
	d := open(t, warehouse.WithClock(now))
	_, err := d.IngestMetadata(t.Context(), client, "DEMO", warehouse.MetadataOptions{})
	require.NoError(t, err)
	want := openOf(t, client, now)
	require.Greater(t, len(want), 15)
	require.NotEmpty(t, table(t, d, `SELECT row_id FROM bronze_rejects`), "queries that do not fit their table are listed too")
	require.Equal(t, want, table(t, d, `SELECT query_id, raised_at::VARCHAR, age_days, coalesce(last_user, ''), last_at::VARCHAR FROM imednet_open_queries WHERE readable ORDER BY query_id`))
	require.Empty(t, table(t, d, `SELECT query_id FROM imednet_open_queries WHERE NOT readable`))
	require.NotEmpty(t, table(t, d, `SELECT * FROM bronze_query_comments`), "a comment with other types leaves the others readable")
	client.queries = client.queries[:8]
	_, err = d.IngestMetadata(t.Context(), client, "DEMO", warehouse.MetadataOptions{AllowMassDeletion: true})
	require.NoError(t, err)
	require.Len(t, table(t, d, `SELECT query_id FROM imednet_open_queries`), len(openOf(t, client, now)), "those of an earlier listing are gone, rejected or not")
}

// TestAQueryThatIsNotReadableIsListed with what its columns have, and no view fails.
func TestAQueryThatIsNotReadableIsListed(t *testing.T) {
	client := wire{Client: generated(10), queries: []string{`{"annotationId":1,"queryComments":[{"closed":false}]}`}}
	odd := []string{`"\ud800"`, `"\udc00x"`, `"\ud800\ud800"`, "\"\xff\"", "\"\xed\xa0\x80\""}
	for i, text := range odd {
		for j, row := range []string{`"queryComments":[{"closed":true,"comment":%s}]`, `"queryComments":[{"closed":true,%s:1}]`, `"description":%s`, `"unknown":%s`, `"unknown":{%s:1}`} {
			client.queries = append(client.queries, fmt.Sprintf(`{"annotationId":%d,"subjectKey":"01-001","variable":"V","dateCreated":"2024-01-01 00:00:00",`+row+`}`, 10*(i+1)+j, text))
		}
	}
	d := open(t)
	runs, err := d.IngestMetadata(t.Context(), client, "DEMO", warehouse.MetadataOptions{})
	require.NoError(t, err)
	for _, run := range runs {
		reconciles(t, run)
	}
	want := []string{"1|∅|∅|true"}
	for _, row := range client.queries[1:] {
		q, err := imednet.Decode[imednet.Query]([]byte(row))
		require.NoError(t, err)
		line := "%d|V|2024-01-01|false"
		if len(imednet.Misfits(q)) > 0 {
			line = "%d|∅|∅|false" // its columns would say what nobody wrote
		}
		want = append(want, fmt.Sprintf(line, q.AnnotationID))
	}
	require.Equal(t, want, table(t, d, `SELECT query_id, variable, raised_at, readable FROM imednet_open_queries ORDER BY 1`))
	require.Len(t, table(t, d, `SELECT * FROM bronze_query_comments WHERE NOT readable AND comment IS NULL`), len(want)-1)
	for _, view := range table(t, d, `SELECT view_name FROM duckdb_views() WHERE NOT internal`) {
		table(t, d, `SELECT * FROM `+view)
	}
}

func TestChangesNameWhoAndWhat(t *testing.T) {
	d := open(t)
	src := &chronicle{versions: []imednet.RecordVersion{
		version(1, imednet.RecordActive, record(t, 10, 1, `{"SEV":"mild","NOTE":"x"}`)), version(2, imednet.RecordActive, record(t, 10, 2, `{"SEV":"severe","NOTE":"x"}`)),
		version(3, imednet.RecordActive, record(t, 10, 3, `{"SEV":"severe"}`)),
	}}
	trail := &trail{rows: []imednet.RecordRevision{revision(1, 10, 1, "ann", 1), revision(2, 10, 2, "bob", 2)}}
	_, err := d.IngestRevisions(t.Context(), trail, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	_, err = d.IngestRecords(t.Context(), src, "S1", warehouse.RecordOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"AE|10|SEV|changed|mild|severe|bob|reason bob|revision", "AE|10|NOTE|removed|x|∅|∅|∅|none"},
		table(t, d, `SELECT form_key, record_id, variable_name, change, old_value, new_value, changed_by, reason_for_change, attribution FROM imednet_changes ORDER BY version`))
}

func TestVisitsOfSubjects(t *testing.T) {
	client := generated(500)
	d := open(t)
	_, err := d.IngestMetadata(t.Context(), client, "DEMO", warehouse.MetadataOptions{})
	require.NoError(t, err)
	deleted, want := map[int64]bool{}, 0
	for s, err := range client.Subjects(t.Context(), "DEMO", imednet.ListOptions{}) {
		require.NoError(t, err)
		deleted[s.SubjectID] = s.IsDeleted()
	}
	for v, err := range client.Visits(t.Context(), "DEMO", imednet.ListOptions{}) {
		require.NoError(t, err)
		if !v.Deleted.Or(false) && !deleted[v.SubjectID.Or(0)] {
			want++
		}
	}
	require.Equal(t, []string{fmt.Sprint(want)}, table(t, d, `SELECT count(*) FROM imednet_visits WHERE site_name IS NOT NULL`))
	require.Equal(t, []string{"0"}, table(t, d, `SELECT count(*) FROM imednet_visits WHERE in_window <> (visit_date >= window_start AND visit_date <= window_end) OR days_from_due <> visit_date - due_date`))
}

// strangeVisits are visits of which one is fine and the others do not fit their table.
type strangeVisits struct{ *imednettest.Client }

func (c strangeVisits) Visits(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return func(yield func(imednet.Visit, error) bool) {
		for i, members := range []string{
			`"dueDate":"2024-01-05","visitDate":"2024-01-07"`, `"dueDate":"2024-01-05","visitDate":"2024-02-30"`, `"deleted":true,"visitDate":"x"`,
			`"deleted":"perhaps","visitDate":"2024-01-07"`, `"intervalName":"\ud800"`, "\"intervalName\":\"\xff\"", `"subjectId":"x","startDate":"12024-01-01","dueDate":"infinity"`,
		} {
			v, err := imednet.Decode[imednet.Visit](fmt.Appendf(nil, `{"visitId":%d,"subjectKey":"K",%s}`, i+1, members))
			if !yield(v, err) {
				return
			}
		}
	}
}

// TestAVisitThatDoesNotFitIsListed with what is readable of it, unless it is deleted.
func TestAVisitThatDoesNotFitIsListed(t *testing.T) {
	d := open(t)
	_, err := d.IngestMetadata(t.Context(), strangeVisits{generated(10)}, "DEMO", warehouse.MetadataOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"1|K|2024-01-05|2024-01-07|2|true", "2|K|2024-01-05|∅|∅|true", "4|K|∅|2024-01-07|∅|true", "5|∅|∅|∅|∅|false", "6|∅|∅|∅|∅|false", "7|K|∅|∅|∅|true"},
		table(t, d, `SELECT visit_id, subject_key, due_date, visit_date, days_from_due, readable FROM imednet_visits ORDER BY 1`))
}
