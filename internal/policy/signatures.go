package policy

import (
	"crypto/ed25519"
	"fmt"

	"github.com/imednetgo/imednet"
)

// RequiresSignature reports whether what is done to a store must be signed: purges of the mirror.
func (p *Policy) RequiresSignature(store string) bool { return p.signatures[store] }

func (p *Policy) readSignatures(written map[string]string) error {
	for store, rule := range written {
		switch {
		case store != "mirror":
			return at("signatures names something other than mirror", "signatures", store)
		case rule != "required":
			return at("signatures has a rule other than required; leave mirror out to let purges be unsigned", "signatures", store)
		}
		p.signatures[store] = true
	}
	return nil
}

// MaySign refuses a key by which another user proves who acts: a signature by it would be in the wrong name. The error
// names nobody.
func (p *Policy) MaySign(name string, key ed25519.PublicKey) error {
	for id, u := range p.users {
		if id != name && u.key != nil && u.key.Equal(key) {
			return fmt.Errorf("%w: the policy has the signing key as that of another user", imednet.ErrNotAuthorized)
		}
	}
	return nil
}
