package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
)

// Hash returns the lower-case hexadecimal SHA-256 over a domain and fields. Each is preceded by
// its length in eight bytes, so that no two lists of fields are hashed alike.
func Hash(domain string, fields ...string) string {
	h := sha256.New()
	write := func(s string) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(s)))
		h.Write(length[:])
		io.WriteString(h, s)
	}
	write(domain)
	for _, f := range fields {
		write(f)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// IsHash reports whether s has the form of a Hash.
func IsHash(s string) bool {
	if len(s) != 2*sha256.Size {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
