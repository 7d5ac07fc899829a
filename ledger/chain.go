package ledger

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/go-json-experiment/json"
)

// chain completes runs as the next of a history, of which the oldest run that stays has a number, and returns their
// lines. Times never fall: where the clock is behind the run before, its time is the run's, and the clock's reading stands
// beside it. A run that follows already, as those of a copied history do, stays as it is.
func chain(last tail, oldest int64, runs []Run) (chained []Run, lines [][]byte, err error) {
	for _, r := range runs {
		last.number++
		if !r.follows(last.hash) {
			r.Previous, r.Number, r.Oldest = last.hash, last.number, oldest
			if r.EndedAt.Before(last.ended) {
				r.Clock, r.EndedAt = r.EndedAt, last.ended
			}
			if r.Hash, err = r.computeHash(); err != nil {
				return nil, nil, err
			}
		}
		line, err := json.Marshal(r, json.Deterministic(true))
		if err != nil {
			return nil, nil, err
		}
		last.hash, last.ended, last.number = r.Hash, r.EndedAt, max(last.number, r.Number)
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
