package audit

import (
	"context"
	"fmt"

	"github.com/imednetgo/imednet"
)

// Gate decides who acts and whether they may. The zero Gate takes a user's word, and permits
// everything.
type Gate struct {
	Identifier imednet.Identifier
	Authorizer imednet.Authorizer
}

// Admit returns who acts: with an Identifier what it says, which must be the user that the call
// names, if it names one; otherwise the claim itself. actor is what to store with the entry, nil
// for a mere claim.
func (g *Gate) Admit(ctx context.Context, claimed, action, item string) (user string, actor *imednet.Identity, err error) {
	who := imednet.Identity{ID: claimed}
	if g.Identifier != nil {
		if who, err = g.Identifier.Identify(ctx); err != nil {
			return "", nil, &unidentified{err}
		}
		if claimed != "" && claimed != who.ID {
			return "", nil, imednet.ErrNotIdentified
		}
		c := &Checker{}
		who.ID = c.User("identity", who.ID)
		if err := c.Err("identity"); err != nil {
			return "", nil, err
		}
		actor = &who
	}
	if g.Authorizer != nil {
		if err := g.Authorizer.Authorize(ctx, who, action, item); err != nil {
			return "", nil, fmt.Errorf("%s: %w", action, err)
		}
	}
	return who.ID, actor, nil
}

// unidentified is the reason why it is not known who acts.
type unidentified struct{ err error }

func (u *unidentified) Error() string { return "it is not known who acts: " + u.err.Error() }

func (u *unidentified) Unwrap() []error { return []error{imednet.ErrNotIdentified, u.err} }

// Names reports whether a call must name its user, because nothing else does.
func (g *Gate) Names() bool { return g.Identifier == nil }
