package filehash

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
)

// Set is the hash of several files, from the SHA-256 of each by its name: that of the lines that
// `sha256sum` prints for them in the order of their names, so that everybody can compute it.
func Set(sums map[string]string) string {
	set := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		set.Write([]byte(sums[name] + "  " + name + "\n"))
	}
	return hex.EncodeToString(set.Sum(nil))
}
