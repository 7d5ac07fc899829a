package subjects_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/subjects"
)

func subjectData(t *testing.T, client subjects.Client) *subjects.SubjectData {
	t.Helper()
	s, err := subjects.NewSubjectData(client)
	require.NoError(t, err)
	return s
}

func TestPilotSubjectData(t *testing.T) {
	type row struct {
		SubjectKey string `json:"subjectKey"`
		Deleted    bool   `json:"deleted"`
		VisitID    int64  `json:"visitId"`
		RecordID   int64  `json:"recordId"`
		CodingID   int64  `json:"codingId"`
		RevisionID int64  `json:"recordRevisionId"`
		QueryID    int64  `json:"annotationId"`
	}
	const key = "1024"
	want := func(file string, id func(row) int64, deleted bool) []int64 {
		list := []int64{}
		for _, r := range studytest.NDJSON[row](t, file) {
			if r.SubjectKey == key && (deleted || !r.Deleted) {
				list = append(list, id(r))
			}
		}
		slices.Sort(list)
		return list
	}
	s := subjectData(t, studytest.PilotServer(t).Client())
	for _, deleted := range []bool{false, true} {
		got, err := s.AllSubjectData(t.Context(), studytest.PilotKey, key, subjects.Options{Codings: true, Revisions: true, IncludeDeleted: deleted})
		require.NoError(t, err)
		assert.Equal(t, key, got.Subject.SubjectKey.Or(""))
		assert.Equal(t, want("visits.ndjson", func(r row) int64 { return r.VisitID }, deleted), idsOf(got.Visits, func(v imednet.Visit) int64 { return v.VisitID }))
		assert.Equal(t, want("records.ndjson", func(r row) int64 { return r.RecordID }, deleted), idsOf(got.Records, func(v imednet.Record) int64 { return v.RecordID }))
		assert.Equal(t, want("queries.ndjson", func(r row) int64 { return r.QueryID }, true), idsOf(got.Queries, func(v imednet.Query) int64 { return v.AnnotationID }))
		assert.Equal(t, want("codings.ndjson", func(r row) int64 { return r.CodingID }, true), idsOf(got.Codings, func(v imednet.Coding) int64 { return v.CodingID }))
		assert.Equal(t, want("recordRevisions.ndjson", func(r row) int64 { return r.RevisionID }, true), idsOf(got.Revisions, func(v imednet.RecordRevision) int64 { return v.RecordRevisionID }))
		if !deleted {
			all := len(want("records.ndjson", func(r row) int64 { return r.RecordID }, true))
			assert.Equal(t, all, len(got.Records)+got.DeletedRecords, "what is left out is counted")
		}
	}
	_, err := s.AllSubjectData(t.Context(), studytest.PilotKey, "1129", subjects.Options{})
	require.ErrorIs(t, err, subjects.ErrNoSuchSubject, "a deleted subject")
	got, err := s.AllSubjectData(t.Context(), studytest.PilotKey, "1129", subjects.Options{IncludeDeleted: true})
	require.NoError(t, err)
	assert.True(t, got.Subject.Deleted.Or(false))
	assert.NotEmpty(t, got.Records)
}

func idsOf[T any](rows []T, id func(T) int64) []int64 {
	list := []int64{}
	for _, r := range rows {
		list = append(list, id(r))
	}
	return list
}

func someSubject(t *testing.T, server *imednettest.Server) imednet.Subject {
	t.Helper()
	for s, err := range server.Client().Subjects(t.Context(), "DEMO", imednet.ListOptions{}) {
		require.NoError(t, err)
		if !s.Deleted.Or(false) {
			return s
		}
	}
	require.Fail(t, "the generated study has no subject")
	return imednet.Subject{}
}

func TestSubjectDataAsksForTheSubjectAlone(t *testing.T) {
	server := studytest.Generated(imednettest.GenerateOptions{Records: 300})
	subject := someSubject(t, server)
	server.ResetRequests()
	got, err := subjectData(t, server.Client()).AllSubjectData(t.Context(), "DEMO", subject.SubjectKey.Or(""), subjects.Options{Codings: true})
	require.NoError(t, err)
	byKey := "subjectKey==" + subject.SubjectKey.Or("")
	byID := fmt.Sprintf("subjectId==%d", subject.SubjectID)
	assert.Equal(t, []string{byKey}, studytest.FiltersOf(server, "/subjects"))
	for _, resource := range []string{"/visits", "/records", "/queries", "/codings"} {
		for _, filter := range studytest.FiltersOf(server, resource) {
			assert.True(t, strings.Contains(filter, byKey) || strings.Contains(filter, byID), "%s %s", resource, filter)
		}
	}
	assert.Empty(t, studytest.FiltersOf(server, "/recordRevisions"))
	assert.NotEmpty(t, got.Records)
	assert.Nil(t, got.Revisions)

	text, err := json.Marshal(got)
	require.NoError(t, err)
	var doc map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &doc))
	assert.ElementsMatch(t, []string{"studyKey", "subject", "visits", "records", "queries", "codings",
		"deletedVisitsLeftOut", "deletedRecordsLeftOut", "rowsOfOtherSubjectsLeftOut", "contradictions"}, studytest.KeysOf(doc))
	assert.Contains(t, string(doc["subject"]), `"subjectKey"`, "rows are by wire names")
}

func TestSubjectDataWithoutSubject(t *testing.T) {
	server := studytest.Generated(imednettest.GenerateOptions{Records: 300})
	s := subjectData(t, server.Client())
	got, err := s.AllSubjectData(t.Context(), "DEMO", "nobody-of-this-key", subjects.Options{Codings: true, Revisions: true})
	require.ErrorIs(t, err, subjects.ErrNoSuchSubject)
	require.ErrorIs(t, err, imednet.ErrNotFound)
	assert.Nil(t, got)
	assert.NotContains(t, err.Error(), "nobody", "a key is subject data")
	assert.Empty(t, studytest.FiltersOf(server, "/codings"))

	_, err = s.AllSubjectData(t.Context(), "DEMO", `a "quoted" key`, subjects.Options{})
	require.ErrorIs(t, err, subjects.ErrNoSuchSubject, "a key that no filter can hold is matched here")
	assert.NotContains(t, err.Error(), "quoted")
	_, err = subjects.NewSubjectData(nil)
	assert.Error(t, err)
}

func TestSubjectDataReturnsWhatSucceeded(t *testing.T) {
	server := studytest.Generated(imednettest.GenerateOptions{Records: 300})
	subject := someSubject(t, server)
	server.Inject(imednettest.Fault{Path: "/visits", Status: 500, Times: -1}, imednettest.Fault{Path: "/recordRevisions", Status: 403, Times: -1})
	got, err := subjectData(t, server.Client()).AllSubjectData(t.Context(), "DEMO", subject.SubjectKey.Or(""), subjects.Options{Revisions: true})
	var parts *subjects.PartsError
	require.ErrorAs(t, err, &parts)
	require.Len(t, parts.Failed, 2)
	assert.Equal(t, subjects.Visits, parts.Failed[0].Part)
	assert.Equal(t, subjects.Revisions, parts.Failed[1].Part)
	require.ErrorIs(t, err, imednet.ErrServer)
	require.ErrorIs(t, err, imednet.ErrForbidden)
	require.NotNil(t, got)
	assert.NotEmpty(t, got.Records)
	assert.Empty(t, got.Visits)
	assert.NotContains(t, err.Error(), subject.SubjectKey.Or(""))
	var failure *imednet.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, "DEMO", failure.StudyKey)

	server.ClearFaults()
	server.Inject(imednettest.Fault{Path: "/subjects", Status: 401, Times: -1})
	got, err = subjectData(t, server.Client()).AllSubjectData(t.Context(), "DEMO", subject.SubjectKey.Or(""), subjects.Options{})
	require.ErrorIs(t, err, imednet.ErrUnauthorized)
	assert.Nil(t, got)
}
