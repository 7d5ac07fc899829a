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

// threads are queries whose state is hard to tell.
type threads struct{ *imednettest.Client }

func (c threads) Queries(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return func(yield func(imednet.Query, error) bool) {
		for i, comments := range []string{
			`[]`, `null`, `[{"closed":false}]`, `[{"closed":true}]`, `[{"sequence":1,"closed":false},{"sequence":2,"closed":true}]`,
			`[{"sequence":2,"closed":false},{"sequence":1,"closed":true}]`, `[{"sequence":1,"closed":false},{"sequence":1,"closed":true}]`,
			`[{"sequence":3,"closed":null},{"sequence":1,"closed":false}]`, `[{"closed":false},{"closed":false}]`, `[{"closed":true},{"sequence":1,"closed":false}]`,
			`[{"sequence":"x","closed":false},{"sequence":1,"closed":true}]`, `[{"sequence":1,"closed":"perhaps","date":"soon"}]`,
		} {
			q, err := imednet.Decode[imednet.Query](fmt.Appendf(nil, `{"annotationId":%d,"queryComments":%s}`, i+1, comments))
			if !yield(q, err) {
				return
			}
		}
	}
}

func TestOpenQueriesWithOddThreads(t *testing.T) {
	client := threads{generated(10)}
	d := open(t)
	_, err := d.IngestMetadata(t.Context(), client, "DEMO", warehouse.MetadataOptions{})
	require.NoError(t, err)
	m, err := queries.NewQueryManagement(client)
	require.NoError(t, err)
	want := []string{}
	for q, err := range m.OpenQueries(t.Context(), "DEMO", queries.Options{}) {
		require.NoError(t, err)
		want = append(want, fmt.Sprint(q.AnnotationID))
	}
	require.Equal(t, []string{"3", "6", "7", "10"}, want)
	require.Equal(t, want, table(t, d, `SELECT query_id FROM imednet_open_queries ORDER BY 1`))
	require.NotEmpty(t, table(t, d, `SELECT * FROM bronze_query_comments`), "a comment with other types leaves the others readable")
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
