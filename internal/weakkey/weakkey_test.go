package weakkey_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/weakkey"
)

// TestAWeakKeyIsOneThatAnybodySignsFor: R is the neutral point and S is zero, which takes no private key.
func TestAWeakKeyIsOneThatAnybodySignsFor(t *testing.T) {
	forged := make([]byte, ed25519.SignatureSize)
	forged[0] = 1
	anybody := func(key ed25519.PublicKey) (verified int) {
		for i := range 256 {
			if ed25519.Verify(key, fmt.Append(nil, "content ", i), forged) {
				verified++
			}
		}
		return verified
	}
	for _, point := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000", "0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		for _, sign := range []byte{0, 0x80} {
			key, err := hex.DecodeString(point)
			require.NoError(t, err)
			key[31] |= sign
			require.NotZero(t, anybody(key), point)
			require.True(t, weakkey.Is(key), point)
		}
	}
	for i := range 100 {
		seed := make([]byte, ed25519.SeedSize)
		seed[0] = byte(i)
		require.False(t, weakkey.Is(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)))
	}
	require.True(t, weakkey.Is(nil))
}
