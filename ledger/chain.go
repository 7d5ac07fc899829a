package ledger

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/go-json-experiment/json"
)

// chain completes runs as the next of a history that ends with a hash, and returns their lines. A run
// that follows it already, as those of a copied history do, stays as it is.
func chain(last string, runs []Run) (chained []Run, lines [][]byte, err error) {
	for _, r := range runs {
		if !r.follows(last) {
			r.Previous = last
			if r.Hash, err = r.computeHash(); err != nil {
				return nil, nil, err
			}
		}
		line, err := json.Marshal(r, json.Deterministic(true))
		if err != nil {
			return nil, nil, err
		}
		last = r.Hash
		chained, lines = append(chained, r), append(lines, line)
	}
	return chained, lines, nil
}

// follows reports whether a run is intact and follows a hash. The first of a history may follow one that
// the history has no more.
func (r Run) follows(last string) bool {
	if r.Hash == "" || last != "" && r.Previous != last {
		return false
	}
	hash, err := r.computeHash()
	return err == nil && hash == r.Hash
}

// computeHash is the SHA-256 of the run's line without its member hash.
func (r Run) computeHash() (string, error) {
	r.Hash = ""
	line, err := json.Marshal(r, json.Deterministic(true))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:]), nil
}

// entryHash is the SHA-256 of an entry's JSON; empty for none.
func entryHash(e *StreamState) string {
	if e == nil {
		return ""
	}
	text, err := e.MarshalJSON()
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// lastHash is the hash of the newest line; a line that cannot be read breaks the chain, and Verify
// says so.
func lastHash(line []byte) string {
	var r Run
	if json.Unmarshal(line, &r) != nil {
		return ""
	}
	return r.Hash
}
