package subjects_test

import (
	"context"
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/subjects"
)

// doubles is a study in which two subjects bear one key. It lists every row, whatever the filter.
type doubles struct {
	subjects.Client
	secondDeleted bool
	alone         bool // no second subject
}

func (d doubles) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	first := imednet.Subject{SubjectID: 1, SubjectKey: imednet.Some("K")}
	second := imednet.Subject{SubjectID: 2, SubjectKey: imednet.Some("K"), Deleted: imednet.Some(d.secondDeleted)}
	other := imednet.Subject{SubjectID: 3, SubjectKey: imednet.Some("k")}
	if d.alone {
		return studytest.RowsOf([]imednet.Subject{first, other})
	}
	return studytest.RowsOf([]imednet.Subject{first, second, other})
}

func (d doubles) Visits(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return studytest.RowsOf([]imednet.Visit{{VisitID: 1, SubjectID: imednet.Some(int64(1))}, {VisitID: 2, SubjectID: imednet.Some(int64(2)), SubjectKey: imednet.Some("K")}})
}

func (d doubles) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return studytest.RowsOf([]imednet.Record{
		{RecordID: 1, SubjectID: imednet.Some(int64(1)), SubjectKey: imednet.Some("FORMER")}, {RecordID: 2, SubjectID: imednet.Some(int64(2))},
		{RecordID: 3, SubjectKey: imednet.Some("K")}, {RecordID: 4, SubjectID: imednet.Some(int64(1)), Deleted: imednet.Some(true)},
		{RecordID: 5, SubjectID: imednet.Some(int64(9)), SubjectKey: imednet.Some("K")}, {RecordID: 6}, {RecordID: 7, SubjectKey: imednet.Some("k")},
		{RecordID: 8, SubjectID: imednet.Some(int64(3)), SubjectKey: imednet.Some("k")},
	})
}

func (d doubles) Queries(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return studytest.RowsOf[imednet.Query](nil)
}

func TestSubjectsUnderOneKey(t *testing.T) {
	_, err := subjectData(t, doubles{}).AllSubjectData(t.Context(), "S", "K", subjects.Options{})
	require.ErrorIs(t, err, subjects.ErrAmbiguousSubject)
	records := func(d *subjects.SubjectComprehensiveData) []int64 {
		return idsOf(d.Records, func(r imednet.Record) int64 { return r.RecordID })
	}
	kinds := func(d *subjects.SubjectComprehensiveData) map[int64]imednet.ContradictionKind {
		found := map[int64]imednet.ContradictionKind{}
		for _, c := range d.Contradictions {
			found[c.RowID] = c.Kind
		}
		return found
	}

	got, err := subjectData(t, doubles{secondDeleted: true}).AllSubjectData(t.Context(), "S", "K", subjects.Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 1, got.Subject.SubjectID, "the living one of two")
	assert.Equal(t, []int64{1}, idsOf(got.Visits, func(v imednet.Visit) int64 { return v.VisitID }))
	assert.Equal(t, []int64{1}, records(got), "the id decides, and a key that two subjects share does not")
	assert.Equal(t, 4, got.OtherSubject, "visit 2, records 2, 3 and 5")
	assert.Equal(t, 1, got.DeletedRecords)
	assert.Equal(t, map[int64]imednet.ContradictionKind{1: imednet.KeyUnknown, 3: imednet.KeyAmbiguous, 5: imednet.KeyAmbiguous}, kinds(got))
	assert.Equal(t, "1 visits, 1 records, 0 queries, 0 codings, 0 revisions; left out as deleted: 0 visits, 1 records", got.String())

	got, err = subjectData(t, doubles{alone: true}).AllSubjectData(t.Context(), "S", "K", subjects.Options{})
	require.NoError(t, err)
	assert.Equal(t, []int64{1, 3}, records(got), "a row with the key alone is the only bearer's")
	assert.Equal(t, 2, got.OtherSubject, "visit 2 and record 5 bear the key and another's id")
}
