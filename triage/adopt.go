//go:build cgo

package triage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet/internal/audit"
)

// adopt creates the Python package's tables, or completes those of an old file: version 0 lacks two
// columns, which are filled with the present time, as the Python package does.
func (s *TriageStore) adopt(ctx context.Context, tx *sql.Tx) error {
	var version int
	if err := tx.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	if version > 1 {
		return fmt.Errorf("user_version %d: %w", version, ErrNewerSchema)
	}
	columns, err := columnsOf(ctx, tx, "triage_items")
	if err != nil {
		return err
	}
	for _, column := range []string{"created_at", "updated_at"} {
		if len(columns) == 0 || slices.Contains(columns, column) {
			continue
		}
		if _, err := tx.ExecContext(ctx, `ALTER TABLE triage_items ADD COLUMN `+column+` TEXT NOT NULL DEFAULT ''`); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE triage_items SET `+column+` = ?`, audit.FormatTime(s.clock.Now())); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, pythonSchema)
	return err
}

func columnsOf(ctx context.Context, tx *sql.Tx, table string) ([]string, error) {
	return texts(ctx, tx, `SELECT name FROM pragma_table_info(?)`, table)
}

// texts returns the first column of a query.
func texts(ctx context.Context, tx *sql.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// importItems writes the events of what the Python package's file held, in the transaction that
// makes the file ours: the guards let no row in afterwards that the log does not have.
func (s *TriageStore) importItems(ctx context.Context, file *audit.Store, tx *sql.Tx) error {
	opening := &TriageStore{settings: s.settings, file: file}
	by, err := opening.user(ctx, &audit.Checker{}, "import", s.importer, "triage.import", "")
	if err != nil {
		return err
	}
	w, err := opening.newLogWriter(ctx, tx, by)
	if err != nil {
		return err
	}
	return w.importAll()
}

// importBatch is how many item ids are held in memory while a file is taken over.
const importBatch = 1000

func (w *logWriter) importAll() error {
	const next = `SELECT item_id FROM (SELECT item_id FROM triage_items UNION SELECT item_id FROM triage_annotations
		UNION SELECT item_id FROM triage_history) WHERE item_id > ? OR ? ORDER BY item_id LIMIT ?`
	for last, first := "", true; ; first = false {
		ids, err := texts(w.ctx, w.tx, next, last, first, importBatch)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if err := w.importItem(id); err != nil {
				return err
			}
		}
		last = ids[len(ids)-1]
	}
}

// importItem writes the events of one item: the item, if there is one, its annotations, its
// transitions, each in the order in which the Python package stored them.
func (w *logWriter) importItem(id string) error {
	row := &itemRow{ItemID: id}
	var assignee sql.NullString
	item := Imported{}
	err := w.tx.QueryRowContext(w.ctx, `SELECT study_key, status, assignee, severity, created_at, updated_at FROM triage_items WHERE item_id = ?`, id).
		Scan(&row.StudyKey, &item.Status, &assignee, &item.Severity, &item.CreatedAt, &item.UpdatedAt)
	exists := err == nil
	switch {
	case errors.Is(err, sql.ErrNoRows): // annotations of an item that is gone: kept, under its id
	case err != nil:
		return err
	default:
		item.Assignee = pointer(assignee)
		if err := w.append(row, id, row.StudyKey, change{KindImported, Change{Imported: &item}}); err != nil {
			return err
		}
	}
	study, stored := row.StudyKey, row.values()
	annotations, err := w.imported(`SELECT annotation_id, '', '', user_id, comment, timestamp FROM triage_annotations WHERE item_id = ? ORDER BY rowid`, id)
	if err != nil {
		return err
	}
	transitions, err := w.imported(`SELECT transition_id, from_status, to_status, user_id, comment, timestamp FROM triage_history WHERE item_id = ? ORDER BY rowid`, id)
	if err != nil {
		return err
	}
	for _, a := range annotations {
		if err := w.append(row, id, study, change{KindImportedAnnotation, Change{Imported: &a}}); err != nil {
			return err
		}
	}
	for _, t := range transitions {
		if err := w.append(row, id, study, change{KindImportedTransition, Change{Imported: &t}}); err != nil {
			return err
		}
	}
	if exists && len(annotations)+len(transitions) > 0 {
		return w.update(row, stored)
	}
	return nil
}

func (w *logWriter) imported(query, id string) ([]Imported, error) {
	rows, err := w.tx.QueryContext(w.ctx, query, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Imported
	for rows.Next() {
		var m Imported
		var comment sql.NullString
		if err := rows.Scan(&m.ID, &m.From, &m.To, &m.UserID, &comment, &m.Timestamp); err != nil {
			return nil, err
		}
		m.Comment = pointer(comment)
		out = append(out, m)
	}
	return out, rows.Err()
}

func pointer(s sql.NullString) *string {
	if !s.Valid {
		return nil
	}
	return &s.String
}
