package audit

import (
	"crypto/ed25519"
	"slices"

	"github.com/imednetgo/imednet"
)

// Signers are those who may sign.
type Signers struct {
	Keys []ed25519.PublicKey
	// Names are, by the id of a key, those in whose name it may sign; a key that is not there may sign in any.
	Names map[string][]string
}

// CheckSignature notes a signature that none of the keys made, or one in another's name than its key is for. Without
// keys nothing can be proven, and nothing is noted.
func CheckSignature(found *Findings, at string, s *imednet.Signature, by Signers) {
	if len(by.Keys) == 0 {
		return
	}
	if !slices.ContainsFunc(by.Keys, func(key ed25519.PublicKey) bool { return s.Verify(key) == nil }) {
		found.Add(at, "its signature was made by none of the keys, or is of something else")
		return
	}
	if names, bound := by.Names[s.KeyID]; bound && !slices.Contains(names, s.Signer.ID) {
		found.Add(at, "its signature is in the name of another than the one whose key made it")
	}
}
