package audit

import (
	"crypto/ed25519"

	"github.com/imednetgo/imednet"
)

// CheckSignature notes a signature that none of the keys made. Without keys nothing can be proven,
// and nothing is noted.
func CheckSignature(found *Findings, at string, s *imednet.Signature, keys []ed25519.PublicKey) {
	if len(keys) == 0 {
		return
	}
	for _, key := range keys {
		if s.Verify(key) == nil {
			return
		}
	}
	found.Add(at, "its signature was made by none of the keys, or is of something else")
}
