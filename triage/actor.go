package triage

import (
	"context"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// actor is who acts: an id, and how it was proven.
type actor struct {
	id       string
	identity *imednet.Identity // nil: only claimed
}

// user ends the check of a call's arguments and returns who acts, if they may.
func (s *TriageStore) user(ctx context.Context, c *audit.Checker, op, claimed, action, itemID string) (actor, error) {
	if claimed != "" || s.gate.Names() {
		claimed = c.User("UserID", claimed)
	}
	if err := c.Err(op); err != nil {
		return actor{}, err
	}
	id, identity, err := s.gate.Admit(ctx, claimed, action, itemID)
	return actor{id, identity}, err
}
