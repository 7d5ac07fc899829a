package policy

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// challengeDomain begins what a key signs to prove who acts, so that it is never a signature of content.
const challengeDomain = "imednet/identity/v1"

// byKey says that an identity was proven by a key.
func byKey(key ed25519.PublicKey) string { return audit.ByKey(imednet.SigningKeyID(key)) }

// byToken says that an identity was proven by a token of the subject.
func (p Provider) byToken(subject string) string { return audit.BySubject(p.Issuer, subject) }

var (
	// errUnknownKey means that a key proves nobody.
	errUnknownKey = errors.New("the policy has no user with this key")
	// errUnknownSubject means that a token, although valid, is of nobody.
	errUnknownSubject = errors.New("the policy has no user with the subject of this token")
)

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
				return p.identity(id, "", byKey(u.key)), nil
			}
		}
		return imednet.Identity{}, errUnknownKey
	})
}

// identity is a user who was identified by a proof, with the others that the policy has.
func (p *Policy) identity(id, name, proof string) imednet.Identity {
	u := p.users[id]
	who := imednet.Identity{ID: id, DisplayName: name, Roles: u.roles, Authenticated: proof}
	var all []string
	if u.key != nil {
		all = append(all, byKey(u.key))
	}
	if u.subject != "" && p.provider != nil {
		all = append(all, p.provider.byToken(u.subject))
	}
	for _, other := range all {
		if other != proof {
			who.AlsoBy = append(who.AlsoBy, other)
		}
	}
	return who
}

// ByToken identifies the user of the policy who has the subject of a token that verify has found to be valid.
// The name in the token, if there is one, is the printed name.
func (p *Policy) ByToken(verify func(context.Context) (subject, name string, err error)) imednet.Identifier {
	return imednet.IdentifierFunc(func(ctx context.Context) (imednet.Identity, error) {
		subject, name, err := verify(ctx)
		if err != nil {
			return imednet.Identity{}, err
		}
		if name = strings.TrimSpace(name); !isName(name) {
			name = ""
		}
		for id, u := range p.users {
			if u.subject != "" && u.subject == subject && p.provider != nil {
				return p.identity(id, name, p.provider.byToken(subject)), nil
			}
		}
		return imednet.Identity{}, errUnknownSubject
	})
}

// At notes with who is identified by a key or a token at which account of the operating system they sat, if the policy
// takes that account's own word for who acts: whoever sits there is no second person beside it. An account that the
// operating system cannot name proves nothing either.
func (p *Policy) At(i imednet.Identifier, account func() (string, error)) imednet.Identifier {
	return imednet.IdentifierFunc(func(ctx context.Context) (imednet.Identity, error) {
		who, err := i.Identify(ctx)
		if err != nil {
			return who, err
		}
		name, err := account()
		if u, known := p.users[name]; err == nil && known && u.key == nil && u.subject == "" {
			who.AlsoBy = append(who.AlsoBy, audit.FromAccount(name))
		}
		return who, nil
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
