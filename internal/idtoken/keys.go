package idtoken

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet/internal/weakkey"
)

// Keys is the key set of a provider (RFC 7517).
type Keys []key

// key is a public key with which tokens are signed.
type key struct {
	id, algorithm string
	public        any
}

// ErrKeySet means that a key set cannot be read, or has no key with which a token could be signed.
var ErrKeySet = errors.New("the provider's key set cannot be used")

// webKey is a member of a key set as it is written.
type webKey struct {
	Type      string   `json:"kty"`
	ID        string   `json:"kid"`
	Use       string   `json:"use"`
	For       []string `json:"key_ops"`
	Algorithm string   `json:"alg"`
	Curve     string   `json:"crv"`
	N         string   `json:"n"`
	E         string   `json:"e"`
	X         string   `json:"x"`
	Y         string   `json:"y"`
}

// verifies reports whether the set gives the key for signatures, in one of two ways, or in none.
func (w *webKey) verifies() bool {
	return (w.Use == "" || w.Use == "sig") && (w.For == nil || slices.Contains(w.For, "verify"))
}

// ParseKeys reads a key set. Keys of other kinds, uses and algorithms are left out, as the standard demands;
// one of the accepted kinds that is not a safe key is an error, and so is a member that is there twice.
func ParseKeys(text []byte) (Keys, error) {
	var set struct {
		Keys []webKey `json:"keys"`
	}
	if json.Unmarshal(text, &set) != nil { // its words can quote the file
		return nil, fmt.Errorf("%w: it is not a JSON Web Key Set", ErrKeySet)
	}
	var keys Keys
	for i, w := range set.Keys {
		if !w.verifies() {
			continue
		}
		algorithm, public, err := w.public()
		if err != nil {
			return nil, fmt.Errorf("%w: key %d: %w", ErrKeySet, i+1, err)
		}
		if public != nil && (w.Algorithm == "" || w.Algorithm == algorithm) {
			keys = append(keys, key{w.ID, algorithm, public})
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: it has no key for RS256, ES256 or EdDSA", ErrKeySet)
	}
	return keys, nil
}

// public returns the key and the algorithm that it is for; nil if it is of another kind.
func (w *webKey) public() (algorithm string, public any, err error) {
	switch w.Type + " " + w.Curve {
	case "RSA ":
		public, err = w.rsa()
		return "RS256", public, err
	case "EC P-256":
		public, err = w.ecdsa()
		return "ES256", public, err
	case "OKP Ed25519":
		public, err = w.ed25519()
		return "EdDSA", public, err
	}
	return "", nil, nil
}

// An RSA key has at least minRSA bits (NIST SP 800-131A), and at most maxRSA: with a longer one a signature could take
// minutes to verify.
const minRSA, maxRSA = 2048, 16384

func (w *webKey) rsa() (any, error) {
	n, e := number(w.N), number(w.E)
	if n.BitLen() < minRSA || n.BitLen() > maxRSA {
		return nil, fmt.Errorf("an RSA key has at least %d bits, and at most %d", minRSA, maxRSA)
	}
	if !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 || e.Bit(0) == 0 {
		return nil, errors.New("an RSA exponent is odd, and from 3 to 2147483647")
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

func (w *webKey) ecdsa() (any, error) {
	x, y := octets(w.X), octets(w.Y)
	point := append(append([]byte{4}, x...), y...) // SEC 1, 2.3.3
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil || len(x) != 32 || len(y) != 32 {
		return nil, errors.New("it is not a point of P-256")
	}
	return public, nil
}

func (w *webKey) ed25519() (any, error) {
	x := octets(w.X)
	if len(x) != ed25519.PublicKeySize {
		return nil, errors.New("an Ed25519 key has 32 bytes")
	}
	if weakkey.Is(x) {
		return nil, errors.New("anybody can sign for it")
	}
	return ed25519.PublicKey(x), nil
}

// octets decodes base64url; what is none has no bytes.
func octets(text string) []byte {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}

func number(text string) *big.Int { return new(big.Int).SetBytes(octets(text)) }

const (
	fetchWait = 15 * time.Second
	maxKeys   = 1 << 20
)

// FetchKeys reads a key set from a server. It follows no redirect.
func FetchKeys(ctx context.Context, transport http.RoundTripper, url string) (Keys, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchWait)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: its address is no URL", ErrKeySet)
	}
	reply, err := transport.RoundTrip(request)
	if err != nil {
		return nil, fmt.Errorf("%w: the server does not answer: %w", ErrKeySet, err)
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: the server answers with status %d", ErrKeySet, reply.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(reply.Body, maxKeys+1))
	if err != nil || len(text) > maxKeys {
		return nil, fmt.Errorf("%w: the answer is cut short or too long", ErrKeySet)
	}
	return ParseKeys(text)
}
