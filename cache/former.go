package cache

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"github.com/imednetgo/imednet/internal/audit"
)

// The server tells only what is so now: nothing but its digest shows that a former state is as it was kept.

// digestOfRecord covers a former state of a record, as a row of historyTable, with the keys by which it is found.
func digestOfRecord(studyKey string, row []any) string {
	return digestOf("imednet/former record/v1", []string{studyKey}, historyTable, row, "record_id", "version", "state", "replaced",
		"form_id", "form_key", "site_id", "interval_id", "visit_id", "subject_id", "subject_key", "modified", "payload", "doubtful")
}

// digestOfRow covers a former state of a row of another resource, as a row of rowHistoryTable.
func digestOfRow(studyKey, resource string, row []any) string {
	return digestOf("imednet/former row/v1", []string{studyKey, resource}, rowHistoryTable, row, "row_id", "version", "state", "replaced", "record_id", "payload")
}

func digestOf(domain string, fields []string, of table, row []any, names ...string) string {
	for _, name := range names {
		value := row[of.place(name)]
		fields = append(fields, fmt.Sprint(value != nil), textOf(value))
	}
	return audit.Hash(domain, fields...)
}

// textOf writes a value that a table's scan returned, the same for every database: one keeps 18.0 as a number with a
// fraction, another as 18.
func textOf(value any) string {
	if n, ok := value.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return fmt.Sprint(value)
}

// place is the number of a column.
func (t table) place(name string) int {
	for i, c := range t.columns {
		if c.name == name {
			return i
		}
	}
	panic("cache: the table " + t.name + " has no column " + name)
}

// keepHistory copies the current states of records into the history, as replaced by the version
// that st has reached.
func keepHistory(ctx context.Context, db dialect, tx *sql.Tx, st *study, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT r.study, r.record_id, r.version, r.state, 0, r.form_id, r.form_key, r.site_id, r.interval_id, r.visit_id, r.subject_id, r.subject_key, r.modified, `+
		heldPayload+`, r.doubtful, NULL`+heldFrom+` AND `+heldPayload+` IS NOT NULL ORDER BY r.record_id`, st.key, st.id, idList(ids))
	return keepFormer(ctx, db, tx, historyTable, rows, err, int64(st.version), func(row []any) string { return digestOfRecord(st.key, row) })
}

// keepFormer adds what a query returned to a table of former states, with the version that replaced them and a digest.
func keepFormer(ctx context.Context, db dialect, tx *sql.Tx, to table, rows *sql.Rows, err error, replaced int64, digest func([]any) string) error {
	if err != nil {
		return err
	}
	former, err := to.scanAll(db, rows)
	if err != nil {
		return err
	}
	for _, row := range former {
		row[to.place("replaced")] = replaced
		row[to.place("digest")] = digest(row)
	}
	return addRows(ctx, db, tx, to, former, func(args []any, row []any) []any { return append(args, to.stored(db, row)...) })
}

func (t table) scanAll(db dialect, rows *sql.Rows) (all [][]any, err error) {
	defer rows.Close()
	for rows.Next() {
		row, err := t.scan(db, rows)
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, rows.Err()
}
