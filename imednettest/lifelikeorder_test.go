package imednettest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// A server hands out ids as rows are made: later rows have greater ids. An edit is dated like its
// revision, and a coding shows the answer that it codes.
func TestLifelikeRowsAgreeWithOneAnother(t *testing.T) {
	study := imednettest.GenerateLifelike(imednettest.LifelikeOptions{Subjects: 30, Seed: 4})
	c, key := imednettest.NewServer(study).Client(), study.Key()
	records, before := map[int64]imednet.Record{}, imednet.Record{}
	for rec, err := range c.Records(t.Context(), key, imednet.ListOptions{}) {
		require.NoError(t, err)
		require.False(t, rec.DateCreated.Or(zeroTime()).Before(before.DateCreated.Or(zeroTime()).Time), "record %d", rec.RecordID)
		records[rec.RecordID], before = rec, rec
	}
	last, earlier := map[int64]imednet.RecordRevision{}, imednet.RecordRevision{}
	for rev, err := range c.RecordRevisions(t.Context(), key, imednet.ListOptions{}) {
		require.NoError(t, err)
		require.False(t, rev.DateCreated.Or(zeroTime()).Before(earlier.DateCreated.Or(zeroTime()).Time), "revision %d", rev.RecordRevisionID)
		id := rev.RecordID.Or(0)
		require.Equal(t, last[id].RecordRevision.Or(0)+1, rev.RecordRevision.Or(0), "revision %d", rev.RecordRevisionID)
		last[id], earlier = rev, rev
	}
	require.Len(t, last, len(records))
	for id, rec := range records {
		if !rec.IsDeleted() && rec.RecordStatus.Or("") != "Record Locked" {
			require.Equal(t, rec.DateModified, last[id].DateCreated, "record %d", id)
		}
		if parent := rec.ParentRecordID.Or(0); parent != 0 {
			require.Less(t, parent, id)
			require.Equal(t, records[parent].SubjectID, rec.SubjectID)
		}
	}
	coded := 0
	for coding, err := range c.Codings(t.Context(), key, imednet.ListOptions{}) {
		require.NoError(t, err)
		answer, _ := records[coding.RecordID.Or(0)].RecordData.Lookup(coding.Variable.Or(""))
		require.Equal(t, answer.Text(), coding.Value.Or(""), "coding %d", coding.CodingID)
		if answer.Text() != "" {
			coded++
		}
	}
	require.Positive(t, coded)
}
