package idtoken

import (
	"errors"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Leeway is how far the clocks of provider and computer may differ.
const Leeway = 30 * time.Second

// Verifier accepts the tokens that one provider issues for one audience.
type Verifier struct {
	Issuer   string
	Audience string
	Keys     Keys
	Now      func() time.Time
}

// Claims is what a valid token says.
type Claims struct {
	Subject string // who is meant, for ever, among those whom the issuer knows
	Name    string // as it is printed; may be empty
}

// Why a token is refused.
var (
	ErrMalformed  = errors.New("the token is not an ID token")
	ErrAlgorithm  = errors.New("the token is signed in a way that is not accepted: only RS256, ES256 and EdDSA are")
	ErrKey        = errors.New("no key of the provider has signed the token")
	ErrExpired    = errors.New("the token has expired; get a new one")
	ErrNotYet     = errors.New("the token is not valid yet, or was issued in the future: compare the clocks")
	ErrIssuer     = errors.New("another provider issued the token")
	ErrAudience   = errors.New("the token was issued for another program")
	ErrIncomplete = errors.New("the token lacks iss, aud, sub, exp or iat, which every ID token has")
)

// algorithms that are accepted. None of them shares a secret with the provider, and none is "none".
var algorithms = []string{"RS256", "ES256", "EdDSA"}

// body is the part of a token that is read.
type body struct {
	jwt.RegisteredClaims
	AuthorizedParty string `json:"azp"`
	Name            string `json:"name"`
}

// Verify returns what a token says, in the compact form, if it is valid now.
func (v *Verifier) Verify(token string) (Claims, error) {
	if !unambiguous(token) {
		return Claims{}, ErrMalformed
	}
	var b body
	parser := jwt.NewParser(jwt.WithValidMethods(algorithms), jwt.WithIssuer(v.Issuer), jwt.WithAudience(v.Audience), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithLeeway(Leeway), jwt.WithTimeFunc(v.Now), jwt.WithStrictDecoding())
	switch parsed, err := parser.ParseWithClaims(token, &b, v.key); {
	case err != nil && parsed != nil && parsed.Method != nil && !slices.Contains(algorithms, parsed.Method.Alg()):
		return Claims{}, ErrAlgorithm
	case err != nil:
		return Claims{}, refusal(err)
	}
	switch {
	case b.Subject == "" || b.IssuedAt == nil:
		return Claims{}, ErrIncomplete
	case b.AuthorizedParty != "" && b.AuthorizedParty != v.Audience, b.AuthorizedParty == "" && len(b.Audience) > 1:
		return Claims{}, ErrAudience // OpenID Connect Core 3.1.3.7, 3 to 5
	}
	return Claims{Subject: b.Subject, Name: b.Name}, nil
}

// key finds the key that a token names. A token that names none is of the only key of its kind.
func (v *Verifier) key(token *jwt.Token) (any, error) {
	if _, critical := token.Header["crit"]; critical {
		return nil, ErrMalformed // an extension that must be understood
	}
	if !isIDToken(token.Header["typ"]) {
		return nil, ErrMalformed
	}
	id, named := token.Header["kid"]
	text, isText := id.(string)
	if named && !isText {
		return nil, ErrMalformed
	}
	var found []any
	for _, k := range v.Keys {
		if k.algorithm == token.Method.Alg() && (!named || k.id == text) {
			found = append(found, k.public)
		}
	}
	if len(found) != 1 {
		return nil, ErrKey
	}
	return found[0], nil
}

// refusal says why the parser refused, in words of its own: the parser's may quote the token.
func refusal(err error) error {
	for _, known := range []struct{ is, means error }{
		{ErrMalformed, ErrMalformed}, {ErrKey, ErrKey},
		{jwt.ErrTokenMalformed, ErrMalformed},
		{jwt.ErrTokenUnverifiable, ErrAlgorithm},
		{jwt.ErrTokenRequiredClaimMissing, ErrIncomplete},
		{jwt.ErrTokenInvalidIssuer, ErrIssuer},
		{jwt.ErrTokenInvalidAudience, ErrAudience},
		{jwt.ErrTokenExpired, ErrExpired},
		{jwt.ErrTokenNotValidYet, ErrNotYet}, {jwt.ErrTokenUsedBeforeIssued, ErrNotYet},
	} {
		if errors.Is(err, known.is) {
			return known.means
		}
	}
	return ErrKey
}
