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

// doubles is a study in which two subjects bear one key.
type doubles struct {
	subjects.Client
	secondDeleted bool
}

func (d doubles) Subjects(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Subject, error] {
	first := imednet.Subject{SubjectID: 1, SubjectKey: imednet.Some("K")}
	second := imednet.Subject{SubjectID: 2, SubjectKey: imednet.Some("K"), Deleted: imednet.Some(d.secondDeleted)}
	other := imednet.Subject{SubjectID: 3, SubjectKey: imednet.Some("k")}
	return studytest.RowsOf([]imednet.Subject{first, second, other})
}

func (d doubles) Visits(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Visit, error] {
	return studytest.RowsOf([]imednet.Visit{{VisitID: 1, SubjectID: imednet.Some(int64(1))}, {VisitID: 2, SubjectID: imednet.Some(int64(2))}})
}

func (d doubles) Records(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return studytest.RowsOf([]imednet.Record{
		{RecordID: 1, SubjectID: imednet.Some(int64(1))}, {RecordID: 2, SubjectID: imednet.Some(int64(2))}, {RecordID: 3},
		{RecordID: 4, SubjectID: imednet.Some(int64(1)), Deleted: imednet.Some(true)},
	})
}

func (d doubles) Queries(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.Query, error] {
	return studytest.RowsOf[imednet.Query](nil)
}

func TestSubjectsUnderOneKey(t *testing.T) {
	_, err := subjectData(t, doubles{}).AllSubjectData(t.Context(), "S", "K", subjects.Options{})
	require.ErrorIs(t, err, subjects.ErrAmbiguousSubject)

	got, err := subjectData(t, doubles{secondDeleted: true}).AllSubjectData(t.Context(), "S", "K", subjects.Options{})
	require.NoError(t, err)
	assert.EqualValues(t, 1, got.Subject.SubjectID, "the living one of two")
	assert.Equal(t, []int64{1}, idsOf(got.Visits, func(v imednet.Visit) int64 { return v.VisitID }))
	assert.Equal(t, []int64{1, 3}, idsOf(got.Records, func(r imednet.Record) int64 { return r.RecordID }), "a row without an id is kept")
	assert.Equal(t, 2, got.OtherSubject)
	assert.Equal(t, 1, got.DeletedRecords)
}
