package imednet_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestASignatureThatAnybodyCanMake verifies with a key of small order, for any content.
func TestASignatureThatAnybodyCanMake(t *testing.T) {
	for _, key := range []ed25519.PublicKey{append([]byte{1}, make([]byte, 31)...), make([]byte, 32), append(append([]byte{0xec}, bytes.Repeat([]byte{0xff}, 30)...), 0x7f)} {
		s := imednet.Signature{Signer: imednet.Identity{ID: "anna"}, Meaning: "approval", Hash: "ab12", KeyID: imednet.SigningKeyID(key), Value: append([]byte{1}, make([]byte, 63)...)}
		for range 64 { // of some contents a point of order four or eight needs other tries
			s.SignedAt = s.SignedAt.Add(time.Second)
			require.ErrorIs(t, s.Verify(key), imednet.ErrBadSignature)
		}
	}
}

// A signature holds for exactly what was signed: each of its parts, and no other key.
func TestSignaturesBindEveryPart(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
	public := key.Public().(ed25519.PublicKey)
	at := time.Date(2026, 3, 1, 8, 0, 0, 123456789, time.FixedZone("", 3600))
	s, err := imednet.Sign(key, imednet.Identity{ID: "anna", DisplayName: "Anna A."}, "approval", at, "ab12")
	require.NoError(t, err)
	require.NoError(t, s.Verify(public))
	require.Equal(t, time.Date(2026, 3, 1, 7, 0, 0, 123456000, time.UTC), s.SignedAt)

	text, err := json.Marshal(s)
	require.NoError(t, err)
	var back imednet.Signature
	require.NoError(t, json.Unmarshal(text, &back))
	require.NoError(t, back.Verify(public), "as JSON too")

	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32)).Public().(ed25519.PublicKey)
	require.ErrorIs(t, s.Verify(other), imednet.ErrBadSignature)
	require.ErrorIs(t, s.Verify(nil), imednet.ErrBadSignature)
	for name, forge := range map[string]func(*imednet.Signature){
		"signer":  func(s *imednet.Signature) { s.Signer.ID = "bert" },
		"name":    func(s *imednet.Signature) { s.Signer.DisplayName = "Bert" },
		"meaning": func(s *imednet.Signature) { s.Meaning = "review" },
		"time":    func(s *imednet.Signature) { s.SignedAt = s.SignedAt.Add(time.Microsecond) },
		"hash":    func(s *imednet.Signature) { s.Hash = "ab13" },
		"key":     func(s *imednet.Signature) { s.KeyID = imednet.SigningKeyID(other) },
		"value":   func(s *imednet.Signature) { s.Value = append([]byte{s.Value[0] ^ 1}, s.Value[1:]...) },
		"shift":   func(s *imednet.Signature) { s.Signer.ID, s.Signer.DisplayName = "ann", "aAnna A." },
	} {
		forged := s
		forge(&forged)
		require.ErrorIs(t, forged.Verify(public), imednet.ErrBadSignature, name)
	}
	var invalid *imednet.ValidationError
	_, err = imednet.Sign(key[:10], imednet.Identity{}, "", at, "")
	require.ErrorAs(t, err, &invalid)
}
