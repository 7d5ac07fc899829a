// Package weakkey knows the Ed25519 public keys that bind nobody.
package weakkey

import (
	"crypto/ed25519"
	"encoding/hex"
	"slices"
)

// smallOrder are the encodings of the points whose order divides eight, also those that are not reduced, without the bit
// of the sign. One of them as a public key verifies signatures that anybody can make, and one signature of many contents.
var smallOrder = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

// Is reports whether a public key is one that no private key has.
func Is(key ed25519.PublicKey) bool {
	if len(key) != ed25519.PublicKeySize {
		return true
	}
	point := slices.Clone(key)
	point[len(point)-1] &= 0x7f
	return slices.Contains(smallOrder, hex.EncodeToString(point))
}
