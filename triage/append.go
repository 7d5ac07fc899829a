package triage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/audit"
)

// change is an event about to be written.
type change struct {
	kind Kind
	Change
}

// logWriter appends events inside one transaction. All of them carry the same time.
type logWriter struct {
	store *TriageStore
	ctx   context.Context
	tx    *sql.Tx
	by    actor
	now   time.Time
	clock time.Time // what the clock says, where it is behind the log
	head  Head
	stmts map[string]*sql.Stmt // a batch repeats few statements; the transaction closes them
}

func (s *TriageStore) newLogWriter(ctx context.Context, tx *sql.Tx, by actor) (*logWriter, error) {
	head, newest, err := readHead(ctx, tx)
	if err != nil {
		return nil, err
	}
	at, _ := audit.ParseTime(newest)
	stamp, err := s.file.Stamp(at)
	if err != nil {
		return nil, refuse(err, "set the clock; triage.WithClockTolerance, or clockTolerance in the configuration file, accepts more, and records what the clock said")
	}
	return &logWriter{store: s, ctx: ctx, tx: tx, by: by, now: stamp.Time, clock: stamp.Clock, head: head, stmts: map[string]*sql.Stmt{}}, nil
}

// prepare returns a statement that is compiled once in the transaction.
func (w *logWriter) prepare(query string) (*sql.Stmt, error) {
	if stmt := w.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := w.tx.PrepareContext(w.ctx, query)
	if err == nil {
		w.stmts[query] = stmt
	}
	return stmt, err
}

func (w *logWriter) exec(query string, args ...any) error {
	stmt, err := w.prepare(query)
	if err == nil {
		_, err = stmt.ExecContext(w.ctx, args...)
	}
	return err
}

// row reads one row; sql.ErrNoRows when there is none.
func (w *logWriter) row(query string, dest []any, args ...any) error {
	stmt, err := w.prepare(query)
	if err == nil {
		err = stmt.QueryRowContext(w.ctx, args...).Scan(dest...)
	}
	return err
}

// append writes one event to the log and what follows from it to the readable tables.
func (w *logWriter) append(row *itemRow, itemID, studyKey string, c change) error {
	id, err := w.store.file.NewID()
	if err != nil {
		return err
	}
	c.ClockAt, c.Actor = w.clock, w.by.identity
	event := Event{
		Sequence: w.head.Sequence + 1, EventID: id, StudyKey: studyKey, ItemID: itemID, Version: row.Version + 1,
		Kind: c.kind, UserID: w.by.id, Timestamp: w.now, Change: c.Change, PreviousHash: w.head.Hash,
	}
	hash, err := w.insertEvent(&event)
	if err != nil {
		return err
	}
	w.head = Head{Sequence: event.Sequence, Hash: hash}
	before := row.values()
	wrote := row.apply(&event)
	switch c.kind {
	case KindImportedAnnotation, KindImportedTransition:
		return nil // the row is where the Python package put it
	case KindCreated:
		err = w.insert("triage_items", itemColumns, row.values())
	default:
		err = w.update(row, before)
	}
	if err == nil && wrote.annotation != nil {
		err = w.insert("triage_annotations", annotationColumns, wrote.annotation)
	}
	if err == nil && wrote.transition != nil {
		err = w.insert("triage_history", transitionColumns, wrote.transition)
	}
	return err
}

func (w *logWriter) insertEvent(e *Event) (hash string, err error) {
	body, err := json.Marshal(e.Change)
	if err != nil {
		return "", errors.New("the change cannot be written as JSON")
	}
	row := eventRow{
		Sequence: e.Sequence, EventID: e.EventID, StudyKey: e.StudyKey, ItemID: e.ItemID, Version: e.Version, Kind: string(e.Kind),
		UserID: e.UserID, Timestamp: audit.FormatTime(e.Timestamp), Change: string(body), PreviousHash: e.PreviousHash,
	}
	row.Hash = row.computeHash()
	return row.Hash, w.insert("triage_events", eventColumns, audit.Row{row.Sequence, row.EventID, row.StudyKey, row.ItemID, row.Version,
		row.Kind, row.UserID, row.Timestamp, row.Change, row.PreviousHash, row.Hash})
}

func (w *logWriter) insert(table, columns string, values audit.Row) error {
	return w.exec(`INSERT INTO `+table+` (`+columns+`) VALUES (?`+strings.Repeat(", ?", len(values)-1)+`)`, values...)
}

// update writes the columns that differ, so that only their indexes are touched.
func (w *logWriter) update(row *itemRow, before audit.Row) error {
	var set []string
	var args []any
	after := row.values()
	for i, v := range after {
		if v != before[i] {
			set = append(set, columnName(itemColumns, i)+` = ?`)
			args = append(args, v)
		}
	}
	return w.exec(`UPDATE triage_items SET `+strings.Join(set, ", ")+` WHERE item_id = ?`, append(args, row.ItemID)...)
}
