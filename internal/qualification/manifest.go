package qualification

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// format is the first member of the documents of a bundle; a program checks only those that it knows.
const format = "imednet-qualification/1"

// Manifest lists the files of a bundle.
type Manifest struct {
	Format string `json:"format"`
	Files  []File `json:"files"` // all but the manifest and its signature, by path
	// Signer says who signed, so that a signature cannot be removed unnoticed.
	Signer *Signer `json:"signer,omitempty"`
}

// File is a file of a bundle.
type File struct {
	Path   string `json:"path"` // with slashes
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Signer is who signs a bundle, and what that means.
type Signer struct {
	Identity imednet.Identity `json:"identity"`
	Meaning  string           `json:"meaning"`
	KeyID    string           `json:"keyId"`
}

// SignatureDocument is the signature of a manifest, with the key that proves that nothing was altered.
type SignatureDocument struct {
	Format    string            `json:"format"`
	Signature imednet.Signature `json:"signature"`
	PublicKey []byte            `json:"publicKey"` // proves that nothing was altered, not who signed
}

// finish writes the manifest, and its signature if there is a key, and returns the bundle's head.
func (b *bundle) finish(key ed25519.PrivateKey, who imednet.Identity, meaning string, at time.Time) (head string, err error) {
	slices.SortFunc(b.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	m := Manifest{Format: format, Files: b.files}
	if key != nil {
		m.Signer = &Signer{Identity: who, Meaning: meaning, KeyID: imednet.SigningKeyID(publicOf(key))}
	}
	text, err := document(m)
	if err != nil {
		return "", err
	}
	if key != nil {
		signature, err := imednet.Sign(key, who, meaning, at, hashOf(text))
		if err != nil {
			return "", err
		}
		signed, err := document(SignatureDocument{format, signature, publicOf(key)})
		if err != nil {
			return "", err
		}
		if err := b.writeUnlisted(signatureFile, signed); err != nil {
			return "", err
		}
	}
	return headOf(text), b.writeUnlisted(manifestFile, text)
}

func publicOf(key ed25519.PrivateKey) ed25519.PublicKey {
	return ed25519.PublicKey(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// headOf is the line by which a bundle is recognised, to be kept elsewhere.
func headOf(manifest []byte) string { return "imednet-qualification-head/1 " + hashOf(manifest) }

// document writes JSON in the one form that a bundle has.
func document(v any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(v)
	return text.Bytes(), err
}

// sameDocument reports whether two values are the same as a bundle has them.
func sameDocument(a, b any) (bool, error) {
	one, err := document(a)
	if err != nil {
		return false, err
	}
	other, err := document(b)
	return bytes.Equal(one, other), err
}

// errForm means that a document is not in the form in which it was written.
var errForm = errors.New("is not as it was written")

// readDocument reads JSON that must be byte for byte what document writes of it.
func readDocument(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return errForm // the decoder's words can quote the file
	}
	again, err := document(reflect.ValueOf(into).Elem().Interface())
	if err != nil || !bytes.Equal(text, again) {
		return errForm
	}
	return nil
}
