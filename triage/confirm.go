package triage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/imednetgo/imednet/internal/audit"
)

// Confirmation is the confirmation of a resolved item by a second person.
type Confirmation struct {
	ItemID  string
	Version int64  // Item.Version as the caller read it, or AnyVersion
	UserID  string // user who confirms; must differ from the one who resolved
	Comment string // reason; required
}

// ConfirmItem confirms a resolution. The person must not be the one who resolved the item;
// reopening the item revokes the confirmation. [QueueOptions.Unconfirmed] selects items that await
// confirmation. Names that differ only in the case or form of letters are one person's. Errors: [ErrSamePerson], [ErrOnlyClaimed], [ErrTransition] for an item that is not resolved or is
// already confirmed, [ErrVersionConflict] and [imednet.ErrNotFound].
func (s *TriageStore) ConfirmItem(ctx context.Context, o Confirmation) (Item, error) {
	const op = "confirm item"
	c := &audit.Checker{}
	checkItem(c, o.ItemID, o.Version)
	o.Comment = c.RequiredComment("Comment", o.Comment)
	by, err := s.user(ctx, c, op, o.UserID, "triage.confirm", o.ItemID)
	if err != nil {
		return Item{}, wrap(op, "", o.ItemID, err)
	}
	return s.mutate(ctx, op, o.ItemID, o.Version, by, func(w *logWriter, row *itemRow) (*change, error) {
		switch {
		case Status(row.Status) != StatusResolved:
			return nil, refuse(ErrTransition, "only a resolved item is confirmed")
		case row.ConfirmedBy.Valid:
			return nil, refuse(ErrTransition, "the item is confirmed already")
		}
		return &change{KindConfirmed, Change{Comment: o.Comment}}, w.checkResolver(row)
	})
}

const resolutionQuery = `SELECT change FROM triage_events WHERE item_id = ? AND kind IN ('` + string(KindStatus) + `', '` + string(KindImportedTransition) + `')
	ORDER BY sequence DESC LIMIT 1`

// checkResolver refuses whoever resolved an item: also under another name with the same key or token, or with the
// Python package before the item was imported. Where two persons decide, it demands that it was proven who resolved it.
func (w *logWriter) checkResolver(row *itemRow) error {
	var text string
	err := w.row(resolutionQuery, []any{&text}, row.ItemID)
	if errors.Is(err, sql.ErrNoRows) { // imported without a history: nobody knows
		err, text = nil, "{}"
	}
	var resolved Change
	if err == nil {
		err = json.Unmarshal([]byte(text), &resolved)
	}
	if err != nil {
		return err
	}
	resolver := row.ResolvedBy.String
	if m := resolved.Imported; m != nil && m.To == string(StatusResolved) {
		resolver = m.UserID
	}
	if audit.SameActor(resolver, resolved.Actor, w.by.id, w.by.identity) {
		return refuse(ErrSamePerson, "another person than the one who resolved the item confirms it")
	}
	if w.store.twoPersons && (resolved.To != StatusResolved || !audit.Proven(resolved.Actor)) {
		return refuse(ErrOnlyClaimed, "who resolved the item is only claimed: it must be reopened and resolved by somebody who is identified")
	}
	return nil
}
