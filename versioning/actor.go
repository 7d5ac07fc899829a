package versioning

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

// author ends the check of a call's arguments and returns who acts, if they may.
func (s *ConfigVersionStore) author(ctx context.Context, c *audit.Checker, claimed, action, study string) (actor, error) {
	if claimed != "" || s.gate.Names() {
		claimed = c.User("Author", claimed)
	}
	if err := c.Err(action); err != nil {
		return actor{}, err
	}
	id, identity, err := s.gate.Admit(ctx, claimed, action, study)
	if err == nil && s.twoPersons && !audit.Proven(identity) {
		err = refuse(ErrOnlyClaimed, "who acts is only claimed here; WithIdentity, or the command without --author, identifies them")
	}
	return actor{id, identity}, err
}
