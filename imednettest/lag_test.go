package imednettest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// Rows get their ids and dates at once and are listed later, out of order.
func TestCommitLag(t *testing.T) {
	server, study, _ := serve(t, 60)
	before := study.RecordIDs()
	study.SetCommitLag(2)
	var ids []int64
	for range 4 {
		ids = append(ids, study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")}))
	}
	require.True(t, slices.IsSorted(ids))
	listed := func() []int64 { return study.RecordIDs()[len(before):] }
	first := listed()
	require.Less(t, len(first), 4)
	require.NotEmpty(t, first)
	for range 3 {
		_, err := server.Client().ProbeRecords(t.Context(), "DEMO", imednet.Filter{})
		require.NoError(t, err)
	}
	require.Equal(t, ids, listed())
	revisions, records := study.Count(imednet.RecordRevisions), study.Count(imednet.Records)
	for range 2 {
		study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	}
	require.Less(t, study.Count(imednet.RecordRevisions)+study.Count(imednet.Records), revisions+records+4)
	study.SetCommitLag(0)
	require.Equal(t, []int{revisions + 2, records + 2}, []int{study.Count(imednet.RecordRevisions), study.Count(imednet.Records)})
}

func TestChangesWithoutRevisions(t *testing.T) {
	_, study, _ := serve(t, 400)
	ids := study.RecordIDs()
	revisions := study.Count(imednet.RecordRevisions)
	at := time.Date(2025, 5, 5, 5, 5, 5, 0, time.UTC)
	require.NoError(t, study.StampRecords(ids[:300], at))
	for _, id := range ids[:300] {
		rec, _ := study.Record(id)
		require.Equal(t, at, rec.DateModified.Or(zeroTime()).Time)
	}
	rec, _ := study.Record(ids[301])
	require.NoError(t, study.EditSilently(ids[301], "AGE", "7", false))
	changed, _ := study.Record(ids[301])
	require.Equal(t, rec.DateModified, changed.DateModified)
	age, _ := changed.RecordData.Get("AGE")
	require.Equal(t, "7", age.Text())
	require.NoError(t, study.EditSilently(ids[301], "AGE", "8", true))
	moved, _ := study.Record(ids[301])
	require.Equal(t, study.Now(), moved.DateModified.Or(zeroTime()).Time)

	subject := rec.SubjectID.Or(0)
	require.NoError(t, study.MoveSubject(subject, 703))
	n := 0
	for _, id := range study.RecordIDs() {
		if rec, _ := study.Record(id); rec.SubjectID.Or(0) == subject {
			require.EqualValues(t, 703, rec.SiteID.Or(0))
			n++
		}
	}
	require.Greater(t, n, 3)
	require.Equal(t, revisions, study.Count(imednet.RecordRevisions))
	require.ErrorIs(t, study.MoveSubject(subject, 1), imednettest.ErrNoSuchRow)
	require.ErrorIs(t, study.MoveSubject(1, 703), imednettest.ErrNoSuchRow)
	require.ErrorIs(t, study.StampRecords([]int64{1}, at), imednettest.ErrNoSuchRow)
	require.ErrorIs(t, study.EditSilently(1, "AGE", "7", true), imednettest.ErrNoSuchRow)
}
