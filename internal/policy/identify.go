package policy

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"

	"github.com/imednetgo/imednet"
)

// challengeDomain begins what a key signs to prove who acts, so that it is never a signature of content.
const challengeDomain = "imednet/identity/v1"

// byKey says that an identity was proven by a key.
func byKey(key ed25519.PublicKey) string { return "key file " + imednet.SigningKeyID(key) }

// errUnknownKey means that a key proves nobody.
var errUnknownKey = errors.New("the policy has no user with this key")

// ByKey identifies the user of the policy whose public key verifies what the private key signs: a challenge
// drawn anew from random.
func (p *Policy) ByKey(private func() (ed25519.PrivateKey, error), random io.Reader) imednet.Identifier {
	return imednet.IdentifierFunc(func(context.Context) (imednet.Identity, error) {
		key, err := private()
		if err != nil {
			return imednet.Identity{}, err
		}
		challenge := make([]byte, 32)
		if _, err := io.ReadFull(random, challenge); err != nil {
			return imednet.Identity{}, err
		}
		message := append([]byte(challengeDomain), challenge...)
		proof := ed25519.Sign(key, message)
		for id, u := range p.users {
			if u.key != nil && ed25519.Verify(u.key, message, proof) {
				return imednet.Identity{ID: id, Roles: u.roles, Authenticated: byKey(u.key)}, nil
			}
		}
		return imednet.Identity{}, errUnknownKey
	})
}

// WithRoles adds the roles of the policy to who is identified otherwise.
func (p *Policy) WithRoles(i imednet.Identifier) imednet.Identifier {
	return imednet.IdentifierFunc(func(ctx context.Context) (imednet.Identity, error) {
		who, err := i.Identify(ctx)
		who.Roles = p.users[who.ID].roles
		return who, err
	})
}
