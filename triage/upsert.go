package triage

import (
	"context"
	"database/sql"
	"errors"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// ItemUpsert is the input of [TriageStore.UpsertItem]. It has no status, which only
// [TriageStore.UpdateStatus] changes.
type ItemUpsert struct {
	ItemID   string // 1 to 200 of A-Z a-z 0-9 . _ : -
	StudyKey string
	UserID   string // user who writes
	Severity string
	Summary  string // one line of text; may be blank
	Link     Link
	Assignee *string // nil means unchanged (unassigned for a new item), blank unassigned
	Version  int64   // 0 means any version; otherwise as in StatusUpdate
}

// UpsertItem creates an item with status NEW, or replaces severity, summary, link and, if given,
// assignee of an existing one. It keeps the status, the history and the comments, never moves an
// item to another study, and writes nothing if nothing differs. Errors: [ErrOtherItem] and
// [ErrVersionConflict].
func (s *TriageStore) UpsertItem(ctx context.Context, u ItemUpsert) (item Item, err error) {
	const op = "upsert item"
	c := &audit.Checker{}
	u.StudyKey = c.Name("StudyKey", u.StudyKey)
	if u.Version < 0 && u.Version != AnyVersion {
		c.Add("Version", "must be the version of the item as it was read, or 0")
	}
	d := checkDetails(c, "", u.Severity, u.Summary, u.Link)
	if u.Assignee != nil {
		assignee := c.OptionalName("Assignee", *u.Assignee)
		u.Assignee = &assignee
	}
	by, err := s.user(ctx, c, op, u.UserID, "triage.upsert", u.ItemID)
	if err != nil {
		return Item{}, wrap(op, "", u.ItemID, err)
	}
	err = s.file.Write(ctx, func(tx *sql.Tx) error {
		w, err := s.newLogWriter(ctx, tx, by)
		if err != nil {
			return err
		}
		row, err := w.upsert(u, d)
		if err != nil {
			return err
		}
		item, err = completeItem(ctx, tx, row)
		return err
	})
	if err != nil {
		return Item{}, wrap(op, u.StudyKey, u.ItemID, err)
	}
	return item, nil
}

func (w *logWriter) upsert(u ItemUpsert, d Details) (*itemRow, error) {
	row, err := loadRow(w.ctx, w.tx, u.ItemID)
	if errors.Is(err, imednet.ErrNotFound) && u.Version <= 0 {
		return w.create(u.ItemID, u.StudyKey, change{KindCreated, Change{Details: &d, Assignee: u.Assignee}})
	}
	if err != nil {
		return nil, err
	}
	if row.StudyKey != u.StudyKey {
		return nil, refuse(ErrOtherItem, "an item never moves to another study")
	}
	if u.Version > 0 && u.Version != row.Version {
		return nil, withCurrent(w.ctx, w.tx, row, refuse(ErrVersionConflict, "read the item again and decide anew"))
	}
	if u.Assignee != nil && *u.Assignee == row.Assignee.String {
		u.Assignee = nil
	}
	if d == row.details() && u.Assignee == nil {
		return row, nil
	}
	return row, w.append(row, u.ItemID, u.StudyKey, w.updated(row, d, Change{Assignee: u.Assignee}))
}

// create writes a new item.
func (w *logWriter) create(itemID, studyKey string, c change) (*itemRow, error) {
	if !argument.ValidID(itemID) {
		check := &audit.Checker{}
		check.ID("ItemID", itemID)
		return nil, check.Err("triage item")
	}
	var orphans int64 // events of an item that the Python package's file had lost
	err := w.row(`SELECT coalesce(max(version), 0) FROM triage_events WHERE item_id = ?`, []any{&orphans}, itemID)
	if err != nil {
		return nil, err
	}
	c.DueAt = w.store.due(c.Details.Severity, w.now)
	row := &itemRow{Version: orphans}
	return row, w.append(row, itemID, studyKey, c)
}

// updated is the event that replaces an item's details. The due date follows the severity.
func (w *logWriter) updated(row *itemRow, d Details, c Change) change {
	item := row.item()
	before := row.details()
	c.DetailsBefore = &before
	if c.Assignee != nil {
		c.AssigneeBefore = &item.Assignee
	}
	c.Details, c.DueAt = &d, item.DueAt
	if d.Severity != item.Severity {
		c.DueAt = w.store.due(d.Severity, item.OpenedAt)
	}
	return change{KindUpdated, c}
}

// checkDetails checks what a finding says about an item; at is put before the names of arguments.
func checkDetails(c *audit.Checker, at, severity, summary string, link Link) Details {
	d := Details{Severity: c.Name(at+"Severity", severity), Summary: c.Comment(at+"Summary", summary), Link: link}
	d.Rule = c.OptionalName(at+"Link.Rule", d.Rule)
	d.FormKey = c.OptionalName(at+"Link.FormKey", d.FormKey)
	d.Variable = c.OptionalName(at+"Link.Variable", d.Variable)
	if d.RecordID < 0 || d.RevisionID < 0 {
		c.Add(at+"Link", "ids must not be negative")
	}
	return d
}
