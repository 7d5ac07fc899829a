package triage

import (
	"context"

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
// confirmation. Errors: [ErrSamePerson], [ErrTransition] for an item that is not resolved or is
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
	return s.mutate(ctx, op, o.ItemID, o.Version, by, func(_ *logWriter, row *itemRow) (*change, error) {
		switch {
		case Status(row.Status) != StatusResolved:
			return nil, refuse(ErrTransition, "only a resolved item is confirmed")
		case row.ConfirmedBy.Valid:
			return nil, refuse(ErrTransition, "the item is confirmed already")
		case row.ResolvedBy.String == by.id:
			return nil, refuse(ErrSamePerson, "another person than the one who resolved the item confirms it")
		}
		return &change{KindConfirmed, Change{Comment: o.Comment}}, nil
	})
}
