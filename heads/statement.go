package heads

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
)

// Format begins every statement.
const Format = "imednet-heads/1"

// meaning is that of the signatures of heads: one of a review or an approval is none.
const meaning = "heads"

// Statement is the first line of a file: which heads the stores had at a time.
type Statement struct {
	Format    string       `json:"format"` // [Format]
	WrittenAt time.Time    `json:"written_at"`
	Stores    []StoreHeads `json:"stores"`
	// Previous are the hashes of the statements that no file of the place named until then.
	Previous []string `json:"previous"`
}

// StoreHeads is what a [Statement] says of one store.
type StoreHeads struct {
	Kind  string   `json:"kind"`
	Name  string   `json:"name"`
	Heads []string `json:"heads"`
}

// kept is a file that was read: its statement, and that statement's hash.
type kept struct {
	Statement
	name, hash string
	signature  imednet.Signature
}

// seal returns the file of a statement: the statement, and its signature, a line each.
func (s *Statement) seal(key ed25519.PrivateKey, signer imednet.Identity) (name, hash string, text []byte, err error) {
	line, err := encode(s)
	if err != nil {
		return "", "", nil, err
	}
	hash = sum(line)
	signature, err := imednet.Sign(key, imednet.Identity{ID: signer.ID, DisplayName: signer.DisplayName}, meaning, s.WrittenAt, hash)
	if err != nil {
		return "", "", nil, err
	}
	signed, err := encode(signature)
	return fileName(s.WrittenAt, hash), hash, append(line, signed...), err
}

// encode writes a value as one line of JSON.
func encode(v any) ([]byte, error) {
	line, err := json.Marshal(v)
	return append(line, '\n'), err
}

// sum is the SHA-256 of a line without its line break.
func sum(line []byte) string {
	hash := sha256.Sum256(bytes.TrimSuffix(line, []byte{'\n'}))
	return hex.EncodeToString(hash[:])
}

// suffix ends the names of the files.
const suffix = ".heads"

// fileName sorts as time does, and tells the statement.
func fileName(at time.Time, hash string) string {
	return at.UTC().Format("20060102T150405.000000Z") + "-" + hash[:16] + suffix
}

var errUnreadable = errors.New("is not a file of heads, or was altered")

// parse reads a file. It must be, byte by byte, what seal writes.
func parse(name string, text []byte) (k kept, err error) {
	lines := bytes.SplitAfter(text, []byte{'\n'})
	if len(lines) != 3 || len(lines[2]) != 0 {
		return kept{}, errUnreadable
	}
	k.name, k.hash = name, sum(lines[0])
	if !same(lines[0], &k.Statement) || !same(lines[1], &k.signature) || k.Format != Format {
		return kept{}, errUnreadable
	}
	switch signed := &k.signature; {
	case name != fileName(k.WrittenAt, k.hash):
		return kept{}, errors.New("is not what was written under its name")
	case signed.Hash != k.hash || signed.Meaning != meaning || !signed.SignedAt.Equal(k.WrittenAt) ||
		len(signed.Signer.Roles) > 0 || signed.Signer.Authenticated != "":
		return kept{}, errors.New("its signature is of something else")
	}
	return k, nil
}

// same decodes a line into v and reports whether v is written as that line.
func same(line []byte, v any) bool {
	if json.Unmarshal(line, v) != nil {
		return false
	}
	again, err := encode(v)
	return err == nil && bytes.Equal(again, line)
}

// signedBy reports whether one of the keys made the signature.
func (k *kept) signedBy(keys []ed25519.PublicKey) error {
	for _, key := range keys {
		if k.signature.Verify(key) == nil {
			return nil
		}
	}
	return fmt.Errorf("its signature was made by none of the keys: it claims the key %s", k.signature.KeyID)
}
