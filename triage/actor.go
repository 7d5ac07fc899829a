package triage

import (
	"context"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// actor is who acts: an id, and how it was proven.
type actor struct {
	id       string
	identity *imednet.Identity // nil: only claimed
}

// decisions are the actions of which WithTwoPersons demands two persons.
var decisions = []string{"triage.resolve", "triage.confirm"}

// user ends the check of a call's arguments and returns who acts, if they may.
func (s *TriageStore) user(ctx context.Context, c *audit.Checker, op, claimed, action, itemID string) (actor, error) {
	if claimed != "" || s.gate.Names() {
		claimed = c.User("UserID", claimed)
	}
	if err := c.Err(op); err != nil {
		return actor{}, err
	}
	id, identity, err := s.gate.Admit(ctx, claimed, action, itemID)
	if err == nil && s.twoPersons && slices.Contains(decisions, action) && !audit.Proven(identity) {
		err = refuse(ErrOnlyClaimed, "who acts is only claimed here; WithIdentity, or the command without --user, identifies them")
	}
	return actor{id, identity}, err
}
