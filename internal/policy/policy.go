// Package policy is the file that says who may do what in the audited stores: which roles a user has,
// which actions a role permits, and by which key a user proves who acts.
package policy

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// Policy is an [imednet.Authorizer]. What it does not permit it refuses.
type Policy struct {
	users      map[string]user
	roles      map[string][]string // the actions of each role
	claimed    []string            // the roles of whoever is only claimed
	twoPersons map[string]bool     // the stores whose decisions need two persons
	signatures map[string]bool     // the stores of which something must be signed
	provider   *Provider           // nil: no token is accepted
}

// user is somebody whom a policy names. Without key and subject the operating system's word is enough.
type user struct {
	roles   []string
	key     ed25519.PublicKey // nil: none
	subject string            // of tokens; "": none
}

// Authorize refuses an action that no role of the acting user permits. The error names roles, and
// neither users nor items.
func (p *Policy) Authorize(_ context.Context, who imednet.Identity, action, _ string) error {
	roles := p.claimed
	if who.Authenticated != "" {
		known := p.users[who.ID]
		if demanded := p.demanded(known); len(demanded) > 0 && demanded[who.Authenticated] == "" {
			return fmt.Errorf("%w: the policy demands the %s of who acts", imednet.ErrNotAuthorized, strings.Join(slices.Sorted(maps.Values(demanded)), " or the "))
		}
		roles = known.roles
	}
	if slices.ContainsFunc(roles, func(role string) bool { return p.permits(role, action) }) {
		return nil
	}
	return fmt.Errorf("%w: %s; the policy gives it to %s", imednet.ErrNotAuthorized, heldBy(who, roles), p.holders(action))
}

// demanded are the proofs by which a user acts, and what each is to people; none if the operating system's
// word is enough.
func (p *Policy) demanded(u user) map[string]string {
	proofs := map[string]string{}
	if u.key != nil {
		proofs[byKey(u.key)] = "key file"
	}
	if u.subject != "" {
		proofs[p.provider.byToken(u.subject)] = "token"
	}
	return proofs
}

// permits reports whether a role may do an action, by its name or as any of its store.
func (p *Policy) permits(role, action string) bool {
	return slices.ContainsFunc(p.roles[role], func(listed string) bool { return grants(listed, action) })
}

func heldBy(who imednet.Identity, roles []string) string {
	whose := "who acts"
	if who.Authenticated == "" {
		whose = "who acts is only claimed and"
	}
	if len(roles) == 0 {
		return whose + " has no role"
	}
	return whose + " has the role " + strings.Join(roles, ", ")
}

// holders are the roles that permit an action.
func (p *Policy) holders(action string) string {
	var out []string
	for role := range p.roles {
		if p.permits(role, action) {
			out = append(out, role)
		}
	}
	if len(out) == 0 {
		return "no role"
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
