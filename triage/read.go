package triage

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// TriageItem returns an item with its annotations and its history. The error is
// [imednet.ErrNotFound] if there is no such item.
func (s *TriageStore) TriageItem(ctx context.Context, itemID string) (item Item, err error) {
	if err := argument.Named("triage.TriageStore.TriageItem", "itemID", itemID); err != nil {
		return Item{}, err
	}
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		row, err := loadRow(ctx, tx, itemID)
		if err != nil {
			return err
		}
		item, err = completeItem(ctx, tx, row)
		return err
	})
	if err != nil {
		return Item{}, wrap("read item", "", itemID, err)
	}
	return item, nil
}

// ItemLastUpdated returns the time of the last change of an item. The error is
// [imednet.ErrNotFound] if there is no such item.
func (s *TriageStore) ItemLastUpdated(ctx context.Context, itemID string) (time.Time, error) {
	if err := argument.Named("triage.TriageStore.ItemLastUpdated", "itemID", itemID); err != nil {
		return time.Time{}, err
	}
	item := Item{}
	err := s.file.Read(ctx, func(tx *sql.Tx) error {
		row, err := loadRow(ctx, tx, itemID)
		if err == nil {
			item = row.item()
		}
		return err
	})
	return item.UpdatedAt, wrap("read item", "", itemID, err)
}

func completeItem(ctx context.Context, tx *sql.Tx, row *itemRow) (Item, error) {
	items, err := completeItems(ctx, tx, []*itemRow{row})
	if err != nil {
		return Item{}, err
	}
	return items[0], nil
}

// completeItems adds annotations, transitions and signatures to the items of a page, a query each for all.
func completeItems(ctx context.Context, tx *sql.Tx, rows []*itemRow) ([]Item, error) {
	items := make([]Item, len(rows))
	at := make(map[string]*Item, len(rows))
	ids := make([]any, len(rows))
	for i, r := range rows {
		items[i] = r.item()
		at[r.ItemID], ids[i] = &items[i], r.ItemID
	}
	if len(ids) == 0 {
		return items, nil
	}
	err := eachRow(ctx, tx, annotationsQuery(len(ids)), func(rows *sql.Rows) error {
		var a Annotation
		var itemID, timestamp string
		if err := rows.Scan(&a.AnnotationID, &itemID, &a.UserID, &a.Comment, &timestamp); err != nil {
			return err
		}
		item := at[itemID]
		a.Timestamp = item.noteTime("annotations", len(item.Annotations), a.UserID, timestamp)
		item.Annotations = append(item.Annotations, a)
		return nil
	}, ids...)
	if err != nil {
		return nil, err
	}
	if err := addSignatures(ctx, tx, at, ids); err != nil {
		return nil, err
	}
	return items, eachRow(ctx, tx, historyQuery(len(ids)), func(rows *sql.Rows) error {
		var t Transition
		var itemID, timestamp string
		var comment sql.NullString
		if err := rows.Scan(&t.TransitionID, &itemID, &t.From, &t.To, &t.UserID, &comment, &timestamp); err != nil {
			return err
		}
		item := at[itemID]
		t.Comment = comment.String
		t.Timestamp = item.noteTime("history", len(item.History), t.UserID, timestamp)
		item.History = append(item.History, t)
		return nil
	}, ids...)
}

// annotationsQuery, historyQuery and signaturesQuery read what belongs to n items.
func annotationsQuery(n int) string {
	return `SELECT ` + annotationColumns + ` FROM triage_annotations WHERE item_id IN (` + audit.Places(n) + `) ORDER BY item_id, timestamp, rowid`
}

func historyQuery(n int) string {
	return `SELECT ` + transitionColumns + ` FROM triage_history WHERE item_id IN (` + audit.Places(n) + `) ORDER BY item_id, timestamp, rowid`
}

func signaturesQuery(n int) string {
	return `SELECT ` + eventColumns + ` FROM triage_events INDEXED BY triage_events_item
		WHERE item_id IN (` + audit.Places(n) + `) AND kind = 'SIGNED' ORDER BY item_id, version`
}

// addSignatures adds the items' signatures; one that cannot be read is a problem of its item.
func addSignatures(ctx context.Context, tx *sql.Tx, at map[string]*Item, ids []any) error {
	return eachRow(ctx, tx, signaturesQuery(len(ids)), func(rows *sql.Rows) error {
		var row eventRow
		if err := rows.Scan(row.fields()...); err != nil {
			return err
		}
		item := at[row.ItemID]
		e, ok := row.event()
		if !ok || e.Change.Signature == nil {
			item.Problems = append(item.Problems, imednet.Problem{Path: "signatures", Message: "an entry has no signature that can be read"})
			return nil
		}
		item.Signatures = append(item.Signatures, *e.Change.Signature)
		return nil
	}, ids...)
}

// noteTime reads the time of an item's annotation or transition and notes what could not be
// written today.
func (i *Item) noteTime(list string, index int, userID, timestamp string) time.Time {
	c := &audit.Checker{}
	t := readTime(c, fmt.Sprintf("%s/%d/timestamp", list, index), timestamp)
	if strings.TrimSpace(userID) == "" {
		c.Add(fmt.Sprintf("%s/%d/user_id", list, index), "is blank")
	}
	i.Problems = append(i.Problems, c.Problems()...)
	return t
}

// eachRow calls fn for every row of a query.
func eachRow(ctx context.Context, tx *sql.Tx, query string, fn func(*sql.Rows) error, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// EventOptions selects entries of the log for [TriageStore.Events]. Zero fields select all.
type EventOptions struct {
	StudyKey string
	ItemID   string
	After    int64 // sequence of the last entry that the caller has
}

// eventPage is how many entries are read at a time.
const eventPage = 500

// Events yields the entries of the log in order. It reads one page at a time, so that it does not
// lock the file between entries and sees entries that are appended meanwhile. An entry that cannot
// be read is [ErrIntegrity].
func (s *TriageStore) Events(ctx context.Context, o EventOptions) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			page, err := s.eventPage(ctx, o)
			if err != nil {
				yield(Event{}, wrap("events", o.StudyKey, o.ItemID, err))
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				o.After = e.Sequence
			}
			if len(page) < eventPage {
				return
			}
		}
	}
}

func (s *TriageStore) eventPage(ctx context.Context, o EventOptions) (page []Event, err error) {
	q := o.query()
	err = s.file.Read(ctx, func(tx *sql.Tx) error {
		page = page[:0]
		return eachRow(ctx, tx, q.sql, func(rows *sql.Rows) error {
			var row eventRow
			if err := rows.Scan(row.fields()...); err != nil {
				return err
			}
			e, ok := row.event()
			if !ok {
				return fmt.Errorf("entry %d: %w", row.Sequence, ErrIntegrity)
			}
			page = append(page, e)
			return nil
		}, q.args...)
	})
	return page, err
}

func (o *EventOptions) query() query {
	where, args := `sequence > ?`, []any{o.After}
	if o.StudyKey != "" {
		where, args = where+` AND study_key = ?`, append(args, o.StudyKey)
	}
	if o.ItemID != "" {
		// By item the index yields the item's few entries; their order is that of the versions.
		return query{`SELECT ` + eventColumns + ` FROM triage_events INDEXED BY triage_events_item WHERE item_id = ? AND ` + where +
			` ORDER BY version LIMIT ?`, append(append([]any{o.ItemID}, args...), eventPage)}
	}
	return query{`SELECT ` + eventColumns + ` FROM triage_events WHERE ` + where + ` ORDER BY sequence LIMIT ?`, append(args, eventPage)}
}
