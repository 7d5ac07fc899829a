package queries_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/queries"
)

// TestPilotOverviewPlacesEveryQuery compares each entry with rows that were read without this library.
func TestPilotOverviewPlacesEveryQuery(t *testing.T) {
	client := studytest.PilotServer(t).Client()
	now := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	m, err := queries.NewQueryManagement(client, queries.WithClock(imednettest.NewClock(now)))
	require.NoError(t, err)
	entries, err := m.Overview(t.Context(), studytest.PilotKey, queries.Options{})
	require.NoError(t, err)

	type rawQuery struct {
		AnnotationID int64
		RecordID     *int64
		SubjectID    int64
		SubjectKey   string
		Variable     string
		DateCreated  string
	}
	type rawRecord struct {
		RecordID int64
		FormKey  string
	}
	type rawSubject struct {
		SubjectID int64
		SiteName  string
	}
	forms, sites, byID := map[int64]string{}, map[int64]string{}, map[int64]rawQuery{}
	for _, r := range studytest.NDJSON[rawRecord](t, "records.ndjson") {
		forms[r.RecordID] = r.FormKey
	}
	for _, s := range studytest.NDJSON[rawSubject](t, "subjects.ndjson") {
		sites[s.SubjectID] = s.SiteName
	}
	for _, q := range studytest.NDJSON[rawQuery](t, "queries.ndjson") {
		byID[q.AnnotationID] = q
	}
	require.Len(t, entries, len(byID))
	for _, e := range entries {
		q := byID[e.QueryID]
		require.Equal(t, sites[q.SubjectID], e.Site, e.QueryID)
		require.Equal(t, q.SubjectKey, e.SubjectKey)
		require.Equal(t, q.Variable, e.Variable)
		if q.RecordID != nil && forms[*q.RecordID] != "" {
			require.Equal(t, forms[*q.RecordID], e.FormKey, e.QueryID)
		}
		require.Equal(t, now.Sub(studytest.At(q.DateCreated)), e.Age, e.QueryID)
	}
}

func TestOverviewOfASelection(t *testing.T) {
	client := studytest.Generated(imednettest.GenerateOptions{Records: 500}).Client()
	m, err := queries.NewQueryManagement(client)
	require.NoError(t, err)
	open, err := m.Overview(t.Context(), "DEMO", queries.Options{State: queries.Open})
	require.NoError(t, err)
	require.NotEmpty(t, open)
	var ids []int64
	for q, err := range m.OpenQueries(t.Context(), "DEMO", queries.Options{}) {
		require.NoError(t, err)
		ids = append(ids, q.AnnotationID)
	}
	for i, e := range open {
		require.Equal(t, queries.Open, e.State)
		require.Equal(t, ids[i], e.QueryID)
	}
	_, err = m.Overview(t.Context(), "DEMO", queries.Options{Site: "nowhere"})
	require.ErrorIs(t, err, queries.ErrNoSuchSite)
	var failure *imednet.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, "queries", failure.Package)
}
