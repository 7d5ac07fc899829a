package triage

import (
	"context"
	"database/sql"

	"github.com/imednetgo/imednet/internal/audit"
)

// sampleSize is how many of the newest and how many other items are compared when a store is opened.
const sampleSize = 16

// sampleQuery yields items without asking an index: those that changed last, and some from all over
// the table.
const sampleQuery = `WITH RECURSIVE size AS (SELECT max(rowid) AS n FROM triage_items),
	steps(step) AS (VALUES (0) UNION ALL SELECT step + 1 FROM steps WHERE step + 1 < ?1),
	spread AS (SELECT 1 + n * step / ?1 AS id FROM size, steps)
	SELECT ` + itemColumns + ` FROM triage_items NOT INDEXED WHERE rowid IN (SELECT id FROM spread)
	UNION SELECT ` + itemColumns + ` FROM triage_items NOT INDEXED WHERE rowid IN
		(SELECT i.rowid FROM triage_items i WHERE item_id IN (SELECT item_id FROM triage_events ORDER BY sequence DESC LIMIT ?1))`

// indexQueries ask for an item through each index that a queue uses; each must find it.
var indexQueries = []string{
	`SELECT count(*) FROM triage_items INDEXED BY idx_triage_items_study_status WHERE study_key = ?1 AND status = ?2 AND item_id = ?3`,
	`SELECT count(*) FROM triage_items INDEXED BY triage_items_updated WHERE study_key = ?1 AND status = ?2 AND updated_at = ?4 AND item_id = ?3`,
	`SELECT count(*) FROM triage_items INDEXED BY triage_items_created WHERE study_key = ?1 AND status = ?2 AND created_at = ?5 AND item_id = ?3`,
	`SELECT count(*) FROM triage_items INDEXED BY triage_items_due WHERE study_key = ?1 AND status = ?2 AND due_at IS NOT DISTINCT FROM ?6 AND item_id = ?3`,
	`SELECT count(*) FROM triage_items INDEXED BY triage_items_severity WHERE study_key = ?1 AND status = ?2 AND severity = ?7 AND updated_at = ?4 AND item_id = ?3`,
	`SELECT count(*) FROM triage_items INDEXED BY triage_items_assignee WHERE study_key = ?1 AND assignee IS NOT DISTINCT FROM ?8 AND status = ?2 AND updated_at = ?4 AND item_id = ?3`,
}

// checkSample compares some items with what the log says of them, and the indexes with both. It is
// cheap, and catches a read model that went stale as a whole; Verify compares everything.
func checkSample(ctx context.Context, tx *sql.Tx, d audit.Dialect) error {
	rows, err := queryRows(ctx, tx, query{sampleQuery, []any{sampleSize}})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if err := checkItemRow(ctx, tx, d, r); err != nil {
			return err
		}
	}
	return nil
}

func checkItemRow(ctx context.Context, tx *sql.Tx, d audit.Dialect, r *itemRow) error {
	stale := refuse(ErrIntegrity, "an item is not what the log says: `imednet triage verify` lists all that is wrong")
	events, err := itemEvents(ctx, tx, r.ItemID)
	if err != nil {
		return err
	}
	want := replay(r.ItemID, events, &audit.Findings{})
	if len(want.items) != 1 || want.items[0].Differs(r.values()) >= 0 {
		return stale
	}
	if d == audit.PostgreSQL {
		return nil // whose planner takes no orders
	}
	for _, q := range indexQueries {
		var n int
		err := tx.QueryRowContext(ctx, q, r.StudyKey, r.Status, r.ItemID, r.UpdatedAt, r.CreatedAt, value(r.DueAt), r.Severity, value(r.Assignee)).Scan(&n)
		if err != nil {
			return err
		}
		if n != 1 {
			return stale
		}
	}
	return nil
}

func itemEvents(ctx context.Context, tx *sql.Tx, itemID string) (events []audit.Row, err error) {
	const columns = 11
	err = eachRow(ctx, tx, `SELECT `+eventColumns+` FROM triage_events WHERE item_id = ? ORDER BY version`, func(rows *sql.Rows) error {
		row, err := audit.ScanRow(rows, columns)
		events = append(events, row)
		return err
	}, itemID)
	return events, err
}
