package audit

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// A key that is one person's signs in no other name, although it is among those that may sign.
func TestAKeySignsInItsHoldersName(t *testing.T) {
	var keys []ed25519.PublicKey
	sign := func(seed byte, name string) imednet.Signature {
		private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
		keys = append(keys, private.Public().(ed25519.PublicKey))
		s, err := imednet.Sign(private, imednet.Identity{ID: name}, "approval", time.Unix(0, 0), "00")
		require.NoError(t, err)
		return s
	}
	annas, bertsInAnnasName := sign(1, "anna"), sign(2, "anna")
	names := map[string][]string{imednet.SigningKeyID(keys[0]): {"anna"}, imednet.SigningKeyID(keys[1]): {"bert", "bert.b"}}
	for want, c := range map[string]struct {
		s  imednet.Signature
		by Signers
	}{
		"": {annas, Signers{keys, names}},
		"its signature is in the name of another than the one whose key made it": {bertsInAnnasName, Signers{keys, names}},
		"its signature was made by none of the keys, or is of something else":    {annas, Signers{keys[1:], names}},
	} {
		found := &Findings{}
		CheckSignature(found, "entries/1", &c.s, c.by)
		if want == "" {
			require.Empty(t, found.Problems)
			continue
		}
		require.Equal(t, []imednet.Problem{{Path: "entries/1", Message: want}}, found.Problems)
	}
	for _, by := range []Signers{{Keys: keys}, {}} {
		found := &Findings{}
		CheckSignature(found, "entries/1", &bertsInAnnasName, by)
		require.Empty(t, found.Problems, "nothing tells whose key it is")
	}
}
