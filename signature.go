package imednet

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/imednetgo/imednet/internal/weakkey"
)

// Signature binds an identity, a meaning and a time to the hash of the signed content (21 CFR 11.50
// and 11.70). [Signature.Verify] needs only the public key.
type Signature struct {
	Signer   Identity  `json:"signer"`
	Meaning  string    `json:"meaning"` // such as "review", "approval" or "responsibility"
	SignedAt time.Time `json:"signed_at"`
	Hash     string    `json:"hash"`   // of the signed content, in lower-case hexadecimal
	KeyID    string    `json:"key_id"` // of the public key; see SigningKeyID
	Value    []byte    `json:"value"`  // Ed25519
}

// ErrBadSignature means that a signature does not match the signed content or the key.
var ErrBadSignature = errors.New("the signature does not match")

// Sign signs a hash with a private key, which the caller should request for each signature. The
// time is kept to the microsecond.
func Sign(key ed25519.PrivateKey, signer Identity, meaning string, at time.Time, hash string) (Signature, error) {
	if len(key) != ed25519.PrivateKeySize {
		return Signature{}, &ValidationError{What: "signing key", Problems: []Problem{{Path: "key", Message: "is no Ed25519 private key"}}}
	}
	public := ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
	s := Signature{Signer: signer, Meaning: meaning, SignedAt: at.UTC().Truncate(time.Microsecond), Hash: hash, KeyID: SigningKeyID(public)}
	s.Value = ed25519.Sign(key, s.message())
	return s, nil
}

// Verify checks the signature with the public key of its signer, which must not be one for which anybody can sign (a point
// of small order). The error is [ErrBadSignature].
func (s *Signature) Verify(key ed25519.PublicKey) error {
	if weakkey.Is(key) || SigningKeyID(key) != s.KeyID || !ed25519.Verify(key, s.message(), s.Value) {
		return ErrBadSignature
	}
	return nil
}

// SigningKeyID returns the name of a public key: the first 16 hexadecimal digits of its SHA-256.
func SigningKeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// message is what is signed: each text preceded by its length as an unsigned 64-bit big-endian
// number.
func (s *Signature) message() []byte {
	h := sha256.New()
	texts := []string{"imednet/signature/v1", s.Signer.ID, s.Signer.DisplayName, s.Meaning, s.SignedAt.UTC().Format("2006-01-02T15:04:05.000000+00:00"), s.Hash}
	for _, text := range texts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(text)))
		h.Write(length[:])
		_, _ = io.WriteString(h, text) // writing to a hash cannot fail
	}
	return h.Sum(nil)
}
