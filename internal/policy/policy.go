// Package policy is the file that says who may do what in the audited stores: which roles a user has,
// which actions a role permits, and by which key a user proves who acts.
package policy

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// Policy is an [imednet.Authorizer]. What it does not permit it refuses.
type Policy struct {
	users   map[string]user
	roles   map[string][]string // the actions of each role
	claimed []string            // the roles of whoever is only claimed
}

// user is somebody whom a policy names.
type user struct {
	roles []string
	key   ed25519.PublicKey // nil: the operating system's word is enough
}

// Authorize refuses an action that no role of the acting user permits. The error names roles, and
// neither users nor items.
func (p *Policy) Authorize(_ context.Context, who imednet.Identity, action, _ string) error {
	roles := p.claimed
	if who.Authenticated != "" {
		known := p.users[who.ID]
		if known.key != nil && who.Authenticated != byKey(known.key) {
			return fmt.Errorf("%w: the policy demands the key file of who acts", imednet.ErrNotAuthorized)
		}
		roles = known.roles
	}
	if slices.ContainsFunc(roles, func(role string) bool { return p.permits(role, action) }) {
		return nil
	}
	return fmt.Errorf("%w: %s; the policy gives it to %s", imednet.ErrNotAuthorized, heldBy(who, roles), p.holders(action))
}

// permits reports whether a role may do an action, by its name or as any of its store.
func (p *Policy) permits(role, action string) bool {
	store, _, _ := strings.Cut(action, ".")
	return slices.Contains(p.roles[role], action) || slices.Contains(p.roles[role], store+".*")
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
