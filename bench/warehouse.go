package main

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/warehouse"
	"github.com/imednetgo/imednet/workflows/tables"
)

var silverJobs = []job{
	{name: "DuckDB's own tables", run: ownTables},
	{name: "mapper to DuckDB", limit: "DuckDB's own tables", streams: true, run: silver},
}

var warehouseJobs = []job{
	{name: "DuckDB's own revisions", run: ownRevisions},
	{name: "warehouse, revisions", limit: "DuckDB's own revisions", streams: true, run: ingestRevisions},
	{name: "DuckDB's own records", run: ownRecords},
	{name: "warehouse, records", limit: "DuckDB's own records", streams: true, run: ingestRecords},
}

// warehouse opens an empty one.
func (w *work) warehouse() (*warehouse.DuckDBIngestion, error) {
	return warehouse.NewDuckDBIngestion(w.ctx, w.path("study.duckdb"))
}

// silver builds the typed tables of the narrow study.
func silver(w *work) error {
	d, err := w.warehouse()
	if err != nil {
		return err
	}
	defer d.Close()
	m, err := tables.NewRecordMapper(w.narrow())
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) {
		run, err := d.BuildSilverTables(w.ctx, m, studyKey, warehouse.SilverOptions{})
		return run.Inserted, err
	})
}

// inDuckDB prepares a warehouse and measures one INSERT that takes the number of rows.
func (w *work) inDuckDB(prepare, statement string) error {
	d, err := w.warehouse()
	if err != nil {
		return err
	}
	defer d.Close()
	if prepare != "" {
		if _, err := d.DB().ExecContext(w.ctx, prepare); err != nil {
			return err
		}
	}
	return w.measure(func() (int64, error) { return execute(w.ctx, d.DB(), statement, w.Rows) })
}

func execute(ctx context.Context, db *sql.DB, statement string, rows int) (int64, error) {
	result, err := db.ExecContext(ctx, statement, rows)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// ownTables lets DuckDB make a table of the columns that the mapper has, out of nothing.
func ownTables(w *work) error {
	columns := []string{"i AS recordId", "'S-' || i % 300 AS subjectKey", "i % 300 AS subjectId", "i % 20 AS visitId", "'F00' AS formKey", "1::BIGINT AS formId"}
	for j := range narrowVariables {
		n := fmt.Sprintf("(i * 7 + %d)", 3*j)
		value := "'answer ' || " + n + " % 50 || ' of a question'"
		switch kindOf(j) {
		case "FLOAT":
			value = n + " % 200 + " + n + " % 10 / 10.0::DOUBLE"
		case "DATE":
			value = "DATE '2013-01-01' + (" + n + " % 336)::INTEGER"
		}
		columns = append(columns, fmt.Sprintf("%s AS v%d", value, j))
	}
	own := "SELECT " + strings.Join(columns, ", ")
	return w.inDuckDB("CREATE TABLE own AS "+own+" FROM range(0) t(i)", "INSERT INTO own "+own+" FROM range(?) t(i)")
}

// ownRevisions lets DuckDB make rows of the same shape as the audit trail's.
func ownRevisions(w *work) error {
	return w.inDuckDB(``, `INSERT INTO bronze_revisions SELECT 'BENCH', 1000000 + i // 2, NULL, '', '', i % 2 + 1, TIMESTAMP '2023-11-14' + to_seconds(i), 'coord01',
		i, 'AE|' || i // 2, i % 2 + 1, 'Record Complete', i // 100, '01-' || i // 100, (i // 100)::VARCHAR, i % 17, 'AE', i % 20,
		'Research Coordinator', 'Data entry error', false, NULL FROM range(?) t(i)`)
}

// trail is an audit trail whose revisions are repeated under new ids.
type trail struct {
	rows      int64
	different []imednet.RecordRevision
}

func newTrail(rows int) *trail {
	t := &trail{rows: int64(rows)}
	for i := range int64(differentRecords) {
		t.different = append(t.different, revision(i+1))
	}
	return t
}

// RecordRevisions yields the revisions behind the mark of the filter.
func (t *trail) RecordRevisions(context.Context, string, imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return func(yield func(imednet.RecordRevision, error) bool) {
		for i := range t.rows {
			r := t.different[i%differentRecords]
			r.RecordRevisionID, r.RecordID = i+1, imednet.Some(1_000_000+i/2)
			if !yield(r, nil) {
				return
			}
		}
	}
}

var someTexts = struct{ status, form, role, user, reason imednet.Opt[string] }{
	imednet.Some("Record Complete"), imednet.Some("AE"), imednet.Some("Research Coordinator"), imednet.Some("coord01"), imednet.Some("Data entry error"),
}

func revision(id int64) imednet.RecordRevision {
	return imednet.RecordRevision{
		RecordRevisionID: id, RecordID: imednet.Some(1_000_000 + id/2), RecordRevision: imednet.Some(id%2 + 1), DataRevision: imednet.Some(id%2 + 1),
		RecordOID: imednet.Some(fmt.Sprintf("AE|%d", id/2)), RecordStatus: someTexts.status,
		SubjectID: imednet.Some(id / 100), SubjectOID: imednet.Some(fmt.Sprintf("01-%d", id/100)), SubjectKey: imednet.Some(fmt.Sprint(id / 100)),
		SiteID: imednet.Some(id % 17), FormKey: someTexts.form, IntervalID: imednet.Some(id % 20),
		Role: someTexts.role, User: someTexts.user, ReasonForChange: someTexts.reason,
		Deleted: imednet.Some(false), DateCreated: imednet.Some(imednet.NewTime(time.Unix(1_700_000_000+id, 0))),
	}
}

func ingestRevisions(w *work) error {
	d, err := w.warehouse()
	if err != nil {
		return err
	}
	defer d.Close()
	return w.measure(func() (int64, error) {
		run, err := d.IngestRevisions(w.ctx, newTrail(w.Rows), studyKey, warehouse.RevisionOptions{})
		return run.Inserted, err
	})
}

// ownRecords lets DuckDB make as many records and answers, of the same shape, as the mirror holds.
func ownRecords(w *work) error {
	d, err := w.warehouse()
	if err != nil {
		return err
	}
	defer d.Close()
	held, err := w.contents()
	if err != nil {
		return err
	}
	return w.measure(func() (int64, error) {
		if _, err := execute(w.ctx, d.DB(), cellStatement, int(held.Answers)); err != nil {
			return 0, err
		}
		return execute(w.ctx, d.DB(), recordStatement, w.Rows)
	})
}

const recordStatement = `INSERT INTO bronze_records SELECT 'BENCH', i, i // 5000, 'active', TIMESTAMP '2024-11-14',
	i % 30, 'F' || i % 30, i % 20, i % 20, i % 20, NULL, 'F|' || i, 'SUBJECT', 'Record Complete', false,
	i // 100, '01-' || i // 100, '01-' || i // 100, TIMESTAMP '2023-11-14' + to_seconds(i), TIMESTAMP '2023-11-14' + to_seconds(i),
	encode(repeat('"VARIABLE":"' || i || '",', 30)) FROM range(?) t(i)`

const cellStatement = `INSERT INTO bronze_cell_changes SELECT 'BENCH', i // 10, i // 50000, i % 30, 'VARIABLE' || i % 300, 1, 'added',
	NULL, NULL, 'string', 'answer ' || i % 1000 FROM range(?) t(i)`

func ingestRecords(w *work) error {
	d, err := w.warehouse()
	if err != nil {
		return err
	}
	defer d.Close()
	mirror, err := w.mirror()
	if err != nil {
		return err
	}
	defer mirror.Close()
	return w.measure(func() (int64, error) {
		run, err := d.IngestRecords(w.ctx, mirror, studyKey, warehouse.RecordOptions{})
		return run.Inserted, err
	})
}
