package warehouse_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
)

func reconciles(t testing.TB, r warehouse.Run) {
	t.Helper()
	require.Equal(t, r.Read, r.Inserted+r.Unchanged+r.Rejected, "%+v", r)
}

func TestRevisionsAreTakenOverOnce(t *testing.T) {
	d := open(t)
	src := &trail{rows: []imednet.RecordRevision{revision(1, 10, 1, "ann", 1), revision(2, 10, 2, "bob", 2)}}
	first, err := d.IngestRevisions(t.Context(), src, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	reconciles(t, first)
	require.EqualValues(t, 2, first.Inserted)

	src.rows = append(src.rows, revision(3, 11, 1, "eve", 3))
	second, err := d.IngestRevisions(t.Context(), src, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	reconciles(t, second)
	require.EqualValues(t, 1, second.Inserted)
	require.EqualValues(t, 3, second.Position)

	require.Equal(t, []string{"S1|10|∅|||1|2024-01-02|ann", "S1|10|∅|||2|2024-01-03|bob", "S1|11|∅|||1|2024-01-04|eve"},
		table(t, d, `SELECT study_key, record_id, form_id, variable_name, value, revision_number, date_modified, modified_by FROM bronze_revisions ORDER BY record_revision_id`))
	require.Equal(t, []string{"append|2|2|0|0", "append|3|1|2|0"},
		table(t, d, `SELECT mode, rows_read, rows_inserted, rows_unchanged, rows_rejected FROM imednet_runs ORDER BY started_at`))
}

func TestOnlyTheTailIsReadAgain(t *testing.T) {
	d := open(t)
	_, err := d.IngestRevisions(t.Context(), &trail{rows: []imednet.RecordRevision{revision(9000, 1, 1, "ann", 1)}}, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	src := &trail{}
	_, err = d.IngestRevisions(t.Context(), src, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	filter, err := src.asked[0].Filter.Encode(imednet.RecordRevisions)
	require.NoError(t, err)
	require.Equal(t, "recordRevisionId>8600", filter, "late commits are read again, and nothing before them")
}

func TestReplaceConcernsOneStudy(t *testing.T) {
	d := open(t)
	src := &trail{rows: []imednet.RecordRevision{revision(1, 10, 1, "ann", 1), revision(2, 10, 2, "bob", 2)}}
	for _, study := range []string{"S1", "S2"} {
		_, err := d.IngestRevisions(t.Context(), src, study, warehouse.RevisionOptions{})
		require.NoError(t, err)
	}
	run, err := d.IngestRevisions(t.Context(), &trail{rows: []imednet.RecordRevision{revision(7, 12, 1, "zoe", 9)}}, "S1", warehouse.RevisionOptions{Mode: warehouse.Replace})
	require.NoError(t, err)
	require.EqualValues(t, 7, run.Position)
	require.Equal(t, []string{"S1|7", "S2|1", "S2|2"}, table(t, d, `SELECT study_key, record_revision_id FROM bronze_revisions ORDER BY ALL`))
}

func TestAFailedReplaceLeavesTheOldRows(t *testing.T) {
	d := open(t)
	_, err := d.IngestRevisions(t.Context(), &trail{rows: []imednet.RecordRevision{revision(1, 10, 1, "ann", 1)}}, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	broken := errors.New("connection lost")
	_, err = d.IngestRevisions(t.Context(), &trail{rows: []imednet.RecordRevision{revision(2, 10, 2, "bob", 2)}, fail: broken}, "S1", warehouse.RevisionOptions{Mode: warehouse.Replace})
	require.ErrorIs(t, err, broken)
	var typed *imednet.Error
	require.ErrorAs(t, err, &typed)
	require.Equal(t, []string{"warehouse", "ingest", "S1", "stream recordRevisions"}, []string{typed.Package, typed.Op, typed.StudyKey, typed.Place})
	require.Equal(t, []string{"1"}, table(t, d, `SELECT record_revision_id FROM bronze_revisions`))
	require.Equal(t, []string{"1"}, table(t, d, `SELECT count(*) FROM imednet_runs`))
}

func TestBoundsSelectByDateAndLeaveTheMark(t *testing.T) {
	d := open(t)
	src := &trail{rows: []imednet.RecordRevision{revision(1, 10, 1, "ann", 1), revision(2, 10, 2, "bob", 2), revision(3, 10, 3, "eve", 3)}}
	run, err := d.IngestRevisions(t.Context(), src, "S1", warehouse.RevisionOptions{Start: at(2).Time, End: at(3).Time})
	require.NoError(t, err)
	require.EqualValues(t, 1, run.Inserted)
	require.Zero(t, run.Position)
	require.Equal(t, []string{"2"}, table(t, d, `SELECT record_revision_id FROM bronze_revisions`))
	_, err = d.IngestRevisions(t.Context(), src, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"3"}, table(t, d, `SELECT count(*) FROM bronze_revisions`))
}

func TestRowsThatDoNotFitAreKeptAside(t *testing.T) {
	d := open(t)
	misfit, err := imednet.Decode[imednet.RecordRevision]([]byte(`{"recordRevisionId":5,"recordId":"ten","reasonForChange":"x"}`))
	require.NoError(t, err)
	homeless := imednet.RecordRevision{RecordRevisionID: 6}
	for range 2 {
		run, err := d.IngestRevisions(t.Context(), &trail{rows: []imednet.RecordRevision{misfit, homeless, revision(7, 1, 1, "ann", 1)}}, "S1", warehouse.RevisionOptions{})
		require.NoError(t, err)
		reconciles(t, run)
		require.EqualValues(t, 2, run.Rejected)
	}
	require.Equal(t, []string{"5|members do not have their documented type: [recordId]", "6|the revision names no record"},
		table(t, d, `SELECT row_id, reason FROM bronze_rejects ORDER BY row_id`))
	require.Equal(t, []string{`{"recordRevisionId":5,"recordId":"ten","reasonForChange":"x"}`},
		table(t, d, `SELECT decode(payload) FROM bronze_rejects WHERE row_id = 5`))
}

func TestFallingIdsAreRefused(t *testing.T) {
	d := open(t)
	_, err := d.IngestRevisions(t.Context(), &trail{rows: []imednet.RecordRevision{revision(2, 1, 1, "a", 1), revision(1, 1, 1, "a", 1)}}, "S1", warehouse.RevisionOptions{})
	require.ErrorIs(t, err, imednet.ErrProtocol)
	require.Equal(t, []string{"0"}, table(t, d, `SELECT count(*) FROM bronze_revisions`))
}

func TestBadArgumentsAreNamed(t *testing.T) {
	d := open(t)
	_, err := d.IngestRevisions(t.Context(), &trail{}, "S1", warehouse.RevisionOptions{Mode: "merge"})
	require.ErrorContains(t, err, "must be one of: 'append', 'replace'")
	_, err = d.IngestRevisions(t.Context(), &trail{}, " ", warehouse.RevisionOptions{})
	require.ErrorContains(t, err, "studyKey: is blank")
}

func TestACanceledRunChangesNothing(t *testing.T) {
	d := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	src := &trail{}
	for i := range int64(10_000) {
		src.rows = append(src.rows, revision(i+1, i, 1, "ann", 1))
	}
	src.fail = errors.New("never reached")
	cancel()
	_, err := d.IngestRevisions(ctx, src, "S1", warehouse.RevisionOptions{})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"0|0"}, table(t, d, `SELECT (SELECT count(*) FROM bronze_revisions), (SELECT coalesce(max(position), 0) FROM imednet_marks)`))
}

type ledger struct {
	marks   []imednet.Watermark
	streams []string
}

func (l *ledger) Advance(_ context.Context, _, stream string, m imednet.Watermark) error {
	l.marks, l.streams = append(l.marks, m), append(l.streams, stream)
	return nil
}

func TestTheLedgerIsToldAfterwards(t *testing.T) {
	l := &ledger{}
	d := open(t, warehouse.WithLedger(l))
	src := &trail{rows: []imednet.RecordRevision{revision(1, 10, 1, "ann", 4)}, fail: errors.New("lost")}
	_, err := d.IngestRevisions(t.Context(), src, "S1", warehouse.RevisionOptions{})
	require.Error(t, err)
	require.Empty(t, l.marks)
	src.fail = nil
	_, err = d.IngestRevisions(t.Context(), src, "S1", warehouse.RevisionOptions{})
	require.NoError(t, err)
	require.Equal(t, []imednet.Watermark{{Time: at(4).Time, Records: 1}}, l.marks)
	require.Equal(t, []string{"warehouse.recordRevisions"}, l.streams, "no stream of the mirror's")
}
