package triage

import (
	"context"
	"database/sql"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// AnyVersion, passed as a version, writes regardless of how the item has changed meanwhile.
const AnyVersion int64 = -1

// StatusUpdate is the input of [TriageStore.UpdateStatus].
type StatusUpdate struct {
	ItemID  string
	Version int64  // Item.Version as the caller read it, or AnyVersion
	To      Status // see UpdateStatus
	UserID  string // user who decides
	Comment string // reason; required for RESOLVED and to reopen a resolved item
}

// UpdateStatus moves an item along NEW → UNDER_REVIEW → RESOLVED, or reopens it, RESOLVED →
// UNDER_REVIEW. Resolving and reopening require a comment. Resolving ends the claim on the item;
// reopening resets its due date. Errors: [ErrTransition], [ErrVersionConflict], [ErrClaimed] and
// [imednet.ErrNotFound].
func (s *TriageStore) UpdateStatus(ctx context.Context, u StatusUpdate) (Item, error) {
	const op = "update status"
	c := &audit.Checker{}
	checkItem(c, u.ItemID, u.Version)
	u.Comment = c.Comment("Comment", u.Comment)
	if !known(u.To) {
		c.Add("To", "must be NEW, UNDER_REVIEW or RESOLVED")
	}
	by, err := s.user(ctx, c, op, u.UserID, u.action(), u.ItemID)
	if err != nil {
		return Item{}, wrap(op, "", u.ItemID, err)
	}
	return s.mutate(ctx, op, u.ItemID, u.Version, by, func(w *logWriter, row *itemRow) (*change, error) {
		from := Status(row.Status)
		if err := checkTransition(from, u.To, u.Comment); err != nil {
			return nil, err
		}
		if err := checkClaim(row, by.id, w); err != nil {
			return nil, err
		}
		ch := &change{KindStatus, Change{From: from, To: u.To, Comment: u.Comment}}
		if from == StatusResolved {
			ch.DueAt = s.due(row.Severity, w.now)
		}
		return ch, nil
	})
}

// action is what an authorizer is asked for.
func (u *StatusUpdate) action() string {
	switch u.To {
	case StatusResolved:
		return "triage.resolve"
	case StatusUnderReview:
		return "triage.review"
	}
	return "triage.reopen"
}

// checkTransition allows the ways of a review. A decision says why: resolving and reopening need a
// comment. From a status that an older file made up, every way leads out, with a comment.
func checkTransition(from, to Status, comment string) error {
	hint := ""
	switch {
	case from == StatusNew && to == StatusUnderReview:
		return nil
	case from == StatusUnderReview && to == StatusResolved:
		if comment != "" {
			return nil
		}
		hint = "resolving needs a comment"
	case from == StatusResolved && to == StatusUnderReview, !known(from):
		if comment != "" {
			return nil
		}
		hint = "reopening needs a comment"
	default:
		hint = "from " + string(from) + " to " + string(to) + "; a review goes NEW, UNDER_REVIEW, RESOLVED, and back to UNDER_REVIEW with a comment"
	}
	return refuse(ErrTransition, hint)
}

// checkClaim refuses a user while another one holds the item.
func checkClaim(row *itemRow, userID string, w *logWriter) error {
	item := row.item()
	if holder := item.ClaimedAt(w.now); holder != "" && holder != userID {
		return refuse(ErrClaimed, "wait until the claim is over or released")
	}
	return nil
}

// Assignment assigns an item to a user.
type Assignment struct {
	ItemID   string
	Version  int64  // Item.Version as the caller read it, or AnyVersion
	Assignee string // blank means unassigned
	UserID   string // user who assigns
	Comment  string // reason; may be blank
}

// AssignItem sets the assignee of an item. It writes nothing if the assignee is unchanged. Errors:
// [ErrVersionConflict] and [imednet.ErrNotFound].
func (s *TriageStore) AssignItem(ctx context.Context, a Assignment) (Item, error) {
	const op = "assign item"
	c := &audit.Checker{}
	checkItem(c, a.ItemID, a.Version)
	a.Assignee = c.OptionalName("Assignee", a.Assignee)
	a.Comment = c.Comment("Comment", a.Comment)
	by, err := s.user(ctx, c, op, a.UserID, "triage.assign", a.ItemID)
	if err != nil {
		return Item{}, wrap(op, "", a.ItemID, err)
	}
	return s.mutate(ctx, op, a.ItemID, a.Version, by, func(_ *logWriter, row *itemRow) (*change, error) {
		if row.Assignee.String == a.Assignee {
			return nil, nil
		}
		before := row.Assignee.String
		return &change{KindAssigned, Change{Assignee: &a.Assignee, AssigneeBefore: &before, Comment: a.Comment}}, nil
	})
}

// Comment is an annotation to be added.
type Comment struct {
	ItemID string
	UserID string
	Text   string
}

// AddAnnotation adds a comment to an item. Comments never change, so no version is needed. Errors:
// [imednet.ErrNotFound].
func (s *TriageStore) AddAnnotation(ctx context.Context, a Comment) (Item, error) {
	const op = "add annotation"
	c := &audit.Checker{}
	checkItem(c, a.ItemID, AnyVersion)
	a.Text = c.RequiredComment("Text", a.Text)
	by, err := s.user(ctx, c, op, a.UserID, "triage.annotate", a.ItemID)
	if err != nil {
		return Item{}, wrap(op, "", a.ItemID, err)
	}
	return s.mutate(ctx, op, a.ItemID, AnyVersion, by, func(*logWriter, *itemRow) (*change, error) {
		return &change{KindAnnotated, Change{Comment: a.Text}}, nil
	})
}

// checkItem demands what every update of an item must name. Items taken over from an older file
// may have any id.
func checkItem(c *audit.Checker, itemID string, version int64) {
	if strings.TrimSpace(itemID) == "" {
		c.Add("ItemID", "must not be blank")
	}
	if version < 1 && version != AnyVersion {
		c.Add("Version", "must be the version of the item as it was read, or AnyVersion")
	}
}

// mutate writes the event that decide returns, if any, and returns the item as it is then.
func (s *TriageStore) mutate(ctx context.Context, op, itemID string, version int64, by actor, decide func(*logWriter, *itemRow) (*change, error)) (item Item, err error) {
	err = s.file.Write(ctx, func(tx *sql.Tx) error {
		row, err := loadRow(ctx, tx, itemID)
		if err != nil {
			return err
		}
		w, err := s.newLogWriter(ctx, tx, by)
		if err != nil {
			return err
		}
		if version != AnyVersion && version != row.Version {
			err = refuse(ErrVersionConflict, "read the item again and decide anew")
		}
		var c *change
		if err == nil {
			c, err = decide(w, row)
		}
		if err != nil {
			return withCurrent(ctx, tx, row, err)
		}
		if c != nil {
			if err := w.append(row, itemID, row.StudyKey, *c); err != nil {
				return err
			}
		}
		item, err = completeItem(ctx, tx, row)
		return err
	})
	if err != nil {
		return Item{}, wrap(op, "", itemID, err)
	}
	return item, nil
}

// withCurrent adds the item as it is to a refusal.
func withCurrent(ctx context.Context, tx *sql.Tx, row *itemRow, err error) error {
	refusal, ok := err.(*imednet.Error)
	if !ok {
		return err
	}
	item, err := completeItem(ctx, tx, row)
	if err != nil {
		return err
	}
	refusal.StudyKey = row.StudyKey
	refusal.Err = &ItemError{ItemID: row.ItemID, Current: &item, Err: refusal.Err}
	return refusal
}
