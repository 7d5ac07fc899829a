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
	kind   Kind
	userID string
	Change
}

// logWriter appends events inside one transaction. All of them carry the same time.
type logWriter struct {
	store *TriageStore
	ctx   context.Context
	tx    *sql.Tx
	now   time.Time
	head  Head
}

func (s *TriageStore) newLogWriter(ctx context.Context, tx *sql.Tx) (*logWriter, error) {
	head, err := readHead(ctx, tx)
	return &logWriter{store: s, ctx: ctx, tx: tx, now: s.file.Now(), head: head}, err
}

// append writes one event to the log and what follows from it to the readable tables.
func (w *logWriter) append(row *itemRow, itemID, studyKey string, c change) error {
	id, err := w.store.file.NewID()
	if err != nil {
		return err
	}
	event := Event{
		Sequence: w.head.Sequence + 1, EventID: id, StudyKey: studyKey, ItemID: itemID, Version: row.Version + 1,
		Kind: c.kind, UserID: c.userID, Timestamp: w.now, Change: c.Change, PreviousHash: w.head.Hash,
	}
	hash, err := w.insertEvent(&event)
	if err != nil {
		return err
	}
	w.head = Head{Sequence: event.Sequence, Hash: hash}
	wrote := row.apply(&event)
	switch c.kind {
	case KindImportedAnnotation, KindImportedTransition:
		return nil // the row is where the reference put it
	case KindCreated:
		err = w.insert("triage_items", itemColumns, row.values())
	default:
		err = w.update(row)
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
	_, err := w.tx.ExecContext(w.ctx, `INSERT INTO `+table+` (`+columns+`) VALUES (?`+strings.Repeat(", ?", len(values)-1)+`)`, values...)
	return err
}

func (w *logWriter) update(row *itemRow) error {
	values := row.values()
	marks := strings.Repeat(", ?", len(values)-1)
	_, err := w.tx.ExecContext(w.ctx, `UPDATE triage_items SET (`+itemColumns+`) = (?`+marks+`) WHERE item_id = ?`, append(values, row.ItemID)...)
	return err
}
