package idtoken_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/idtoken"
)

// noon is when the tests verify.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// issuer has a key of each kind.
type issuer struct {
	rsa     *rsa.PrivateKey
	ec      *ecdsa.PrivateKey
	ed      ed25519.PrivateKey
	another *ecdsa.PrivateKey
}

var provider = sync.OnceValue(func() *issuer {
	var p issuer
	var err error
	for _, make := range []func(){
		func() { p.rsa, err = rsa.GenerateKey(rand.Reader, 2048) },
		func() { p.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		func() { _, p.ed, err = ed25519.GenerateKey(rand.Reader) },
		func() { p.another, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
	} {
		if make(); err != nil {
			panic(err)
		}
	}
	return &p
})

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func ecKey(id string, k *ecdsa.PrivateKey) map[string]string {
	point, err := k.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	return map[string]string{"kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "x": b64(point[1:33]), "y": b64(point[33:])}
}

func rsaKey(id string, k *rsa.PublicKey) map[string]string {
	return map[string]string{"kty": "RSA", "kid": id, "alg": "RS256", "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes())}
}

func keySet(t *testing.T, keys ...map[string]string) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"keys": keys})
	require.NoError(t, err)
	return text
}

// published is the provider's key set, with keys that are for something else.
func published(t *testing.T) idtoken.Keys {
	p := provider()
	keys, err := idtoken.ParseKeys(keySet(t, rsaKey("r", &p.rsa.PublicKey), ecKey("e", p.ec),
		map[string]string{"kty": "OKP", "crv": "Ed25519", "kid": "d", "x": b64(p.ed.Public().(ed25519.PublicKey))},
		map[string]string{"kty": "oct", "kid": "h", "k": b64([]byte("a secret that everybody knows"))},
		map[string]string{"kty": "RSA", "kid": "x", "use": "enc", "n": "AQAB", "e": "AQAB"},
		map[string]string{"kty": "EC", "crv": "P-384", "kid": "p", "x": "AA", "y": "AA"}))
	require.NoError(t, err)
	return keys
}

// says is what a valid token says, with some of it replaced; nil leaves a member out.
func says(change map[string]any) jwt.MapClaims {
	c := jwt.MapClaims{"iss": "https://login.example.org", "aud": "imednet", "sub": "248289761001", "name": "Jane Doe",
		"iat": noon.Add(-time.Minute).Unix(), "exp": noon.Add(time.Hour).Unix()}
	for name, value := range change {
		if c[name] = value; value == nil {
			delete(c, name)
		}
	}
	return c
}

func signed(t *testing.T, method jwt.SigningMethod, kid any, key crypto.PrivateKey, claims jwt.Claims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	if kid != nil {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(key)
	require.NoError(t, err)
	return text
}

func verifier(t *testing.T, at time.Time) *idtoken.Verifier {
	return &idtoken.Verifier{Issuer: "https://login.example.org", Audience: "imednet", Keys: published(t), Now: func() time.Time { return at }}
}

func TestATokenOfTheProvider(t *testing.T) {
	p := provider()
	want := idtoken.Claims{Subject: "248289761001", Name: "Jane Doe"}
	for name, token := range map[string]string{
		"RS256":              signed(t, jwt.SigningMethodRS256, "r", p.rsa, says(nil)),
		"ES256":              signed(t, jwt.SigningMethodES256, "e", p.ec, says(nil)),
		"EdDSA":              signed(t, jwt.SigningMethodEdDSA, "d", p.ed, says(nil)),
		"no key named":       signed(t, jwt.SigningMethodES256, nil, p.ec, says(nil)),
		"several audiences":  signed(t, jwt.SigningMethodES256, "e", p.ec, says(map[string]any{"aud": []string{"other", "imednet"}, "azp": "imednet"})),
		"expired just now":   signed(t, jwt.SigningMethodES256, "e", p.ec, says(map[string]any{"exp": noon.Add(-idtoken.Leeway + time.Second).Unix()})),
		"a clock that leads": signed(t, jwt.SigningMethodES256, "e", p.ec, says(map[string]any{"iat": noon.Add(idtoken.Leeway).Unix(), "nbf": noon.Add(idtoken.Leeway).Unix()})),
	} {
		got, err := verifier(t, noon).Verify(token)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
}

func TestAForgedOrForeignTokenIsRefused(t *testing.T) {
	p := provider()
	es := func(change map[string]any) string { return signed(t, jwt.SigningMethodES256, "e", p.ec, says(change)) }
	valid := es(nil)
	parts := strings.Split(valid, ".")
	body := func(text string) string { return parts[0] + "." + b64([]byte(text)) + "." + parts[2] }
	header := func(text string) string { return b64([]byte(text)) + "." + parts[1] + "." + parts[2] }
	publicPoint, err := p.ec.PublicKey.Bytes()
	require.NoError(t, err)
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"nothing":                           {"", idtoken.ErrMalformed},
		"no token":                          {"secret-248289761001", idtoken.ErrMalformed},
		"two parts":                         {parts[0] + "." + parts[1], idtoken.ErrMalformed},
		"none":                              {signed(t, jwt.SigningMethodNone, "e", jwt.UnsafeAllowNoneSignatureType, says(nil)), idtoken.ErrAlgorithm},
		"none in capitals":                  {header(`{"alg":"NONE","kid":"e"}`), idtoken.ErrAlgorithm},
		"no algorithm":                      {header(`{"kid":"e"}`), idtoken.ErrAlgorithm},
		"HMAC with the set's secret":        {signed(t, jwt.SigningMethodHS256, "h", []byte("a secret that everybody knows"), says(nil)), idtoken.ErrAlgorithm},
		"HMAC with the public key":          {signed(t, jwt.SigningMethodHS256, "e", publicPoint, says(nil)), idtoken.ErrAlgorithm},
		"RS512":                             {signed(t, jwt.SigningMethodRS512, "r", p.rsa, says(nil)), idtoken.ErrAlgorithm},
		"PS256":                             {signed(t, jwt.SigningMethodPS256, "r", p.rsa, says(nil)), idtoken.ErrAlgorithm},
		"another key under the same name":   {signed(t, jwt.SigningMethodES256, "e", p.another, says(nil)), idtoken.ErrKey},
		"another key under its own name":    {signed(t, jwt.SigningMethodES256, "f", p.another, says(nil)), idtoken.ErrKey},
		"the name of a key of another kind": {signed(t, jwt.SigningMethodES256, "r", p.ec, says(nil)), idtoken.ErrKey},
		"a key that the token brings":       {header(`{"alg":"ES256","jwk":{"kty":"EC"},"jku":"https://evil.example.org"}`), idtoken.ErrKey},
		"a name of a key that is no text":   {signed(t, jwt.SigningMethodES256, 7, p.ec, says(nil)), idtoken.ErrMalformed},
		"an extension":                      {header(`{"alg":"ES256","kid":"e","crit":["b64"],"b64":false}`), idtoken.ErrMalformed},
		"a changed subject":                 {body(`{"iss":"https://login.example.org","aud":"imednet","sub":"1","iat":1772366340,"exp":1772370000}`), idtoken.ErrKey},
		"no signature":                      {parts[0] + "." + parts[1] + ".", idtoken.ErrKey},
		"expired":                           {es(map[string]any{"exp": noon.Add(-idtoken.Leeway).Unix()}), idtoken.ErrExpired},
		"no end":                            {es(map[string]any{"exp": nil}), idtoken.ErrIncomplete},
		"not yet valid":                     {es(map[string]any{"nbf": noon.Add(idtoken.Leeway + time.Second).Unix()}), idtoken.ErrNotYet},
		"issued in the future":              {es(map[string]any{"iat": noon.Add(idtoken.Leeway + time.Second).Unix()}), idtoken.ErrNotYet},
		"no time of issue":                  {es(map[string]any{"iat": nil}), idtoken.ErrIncomplete},
		"an end that is a text":             {es(map[string]any{"exp": "tomorrow"}), idtoken.ErrMalformed},
		"another issuer":                    {es(map[string]any{"iss": "https://login.example.com"}), idtoken.ErrIssuer},
		"an issuer with a slash":            {es(map[string]any{"iss": "https://login.example.org/"}), idtoken.ErrIssuer},
		"no issuer":                         {es(map[string]any{"iss": nil}), idtoken.ErrIncomplete},
		"another audience":                  {es(map[string]any{"aud": "payroll"}), idtoken.ErrAudience},
		"an audience in capitals":           {es(map[string]any{"aud": "IMEDNET"}), idtoken.ErrAudience},
		"no audience":                       {es(map[string]any{"aud": nil}), idtoken.ErrIncomplete},
		"several audiences, no party":       {es(map[string]any{"aud": []string{"imednet", "payroll"}}), idtoken.ErrAudience},
		"issued to another party":           {es(map[string]any{"azp": "payroll"}), idtoken.ErrAudience},
		"nobody":                            {es(map[string]any{"sub": nil}), idtoken.ErrIncomplete},
		"a blank nobody":                    {es(map[string]any{"sub": ""}), idtoken.ErrIncomplete},
	} {
		got, err := verifier(t, noon).Verify(c.token)
		require.ErrorIs(t, err, c.want, name)
		require.Zero(t, got, name)
		for _, secret := range []string{"248289761001", "Jane", "payroll", "example.com", parts[1][:12]} {
			require.NotContains(t, err.Error(), secret, name)
		}
	}
	_, err = verifier(t, noon.AddDate(0, 0, 1)).Verify(valid)
	require.ErrorIs(t, err, idtoken.ErrExpired, "the clock is asked")
	_, err = verifier(t, noon.AddDate(0, 0, -1)).Verify(valid)
	require.ErrorIs(t, err, idtoken.ErrNotYet)
}

// One changed character anywhere is a token that nobody signed, or none.
func TestEveryChangedCharacterOfATokenIsFound(t *testing.T) {
	valid := signed(t, jwt.SigningMethodEdDSA, "d", provider().ed, says(nil))
	v := verifier(t, noon)
	for i := range valid {
		changed := []byte(valid)
		if changed[i]++; valid[i] == 'z' || valid[i] == 'Z' || valid[i] == '9' {
			changed[i] = 'a'
		}
		_, err := v.Verify(string(changed))
		require.Error(t, err, "character %d", i)
	}
}

// longRSA is a key with a modulus of so many bits.
func longRSA(bits uint) map[string]string {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return rsaKey("long", &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: 65537})
}

func TestKeySets(t *testing.T) {
	p := provider()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	even := rsaKey("r", &p.rsa.PublicKey)
	even["e"] = b64([]byte{4})
	offCurve := ecKey("e", p.ec)
	offCurve["y"] = offCurve["x"]
	long := ecKey("e", p.ec)
	long["x"] += "AA"
	for says, text := range map[string][]byte{
		"not a JSON Web Key Set":     []byte(`keys`),
		"it has no key":              []byte(`{}`),
		"at most 16384":              keySet(t, longRSA(16385)),
		"key 2: an RSA key has":      keySet(t, ecKey("e", p.ec), longRSA(2_000_000)),
		"anybody can sign for it":    keySet(t, map[string]string{"kty": "OKP", "crv": "Ed25519", "x": b64(append([]byte{1}, make([]byte, 31)...))}),
		"at least 2048 bits":         keySet(t, rsaKey("r", &short.PublicKey)),
		"exponent is odd":            keySet(t, even),
		"key 2: it is not a point":   keySet(t, ecKey("e", p.ec), offCurve),
		"key 1: it is not a point":   keySet(t, long),
		"32 bytes":                   keySet(t, map[string]string{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}),
		"no key for RS256, ES256 or": keySet(t, map[string]string{"kty": "oct", "k": "AAAA"}),
	} {
		_, err := idtoken.ParseKeys(text)
		require.ErrorIs(t, err, idtoken.ErrKeySet, says)
		require.ErrorContains(t, err, says)
	}
	twice, err := idtoken.ParseKeys(keySet(t, ecKey("e", p.ec), ecKey("e", p.another)))
	require.NoError(t, err)
	_, err = (&idtoken.Verifier{Issuer: "https://login.example.org", Audience: "imednet", Keys: twice, Now: func() time.Time { return noon }}).Verify(signed(t, jwt.SigningMethodES256, "e", p.ec, says(nil)))
	require.ErrorIs(t, err, idtoken.ErrKey, "one name of two keys is of neither")
}

// A set has one meaning for every reader, and a key is used for what its set says.
func TestAKeySetHasOneMeaning(t *testing.T) {
	key := ecKey("e", provider().ec)
	text := func(more string) []byte {
		set := keySet(t, key)
		return bytes.Replace(set, []byte(`{"crv"`), []byte(`{`+more+`"crv"`), 1)
	}
	for more, says := range map[string]string{
		``:                             "",
		`"key_ops":["verify"],`:        "",
		`"key_ops":["sign","verify"],`: "",
		`"X":"AAAA",`:                  "", // no member of the standard
		`"key_ops":["encrypt"],`:       "it has no key",
		`"key_ops":["sign"],`:          "it has no key",
		`"key_ops":[],`:                "it has no key",
		`"key_ops":"verify",`:          "not a JSON Web Key Set",
		`"crv":"P-256",`:               "not a JSON Web Key Set",
		`"kid":"f","kid":"f",`:         "not a JSON Web Key Set",
		`"x":"AAAA",`:                  "not a JSON Web Key Set",
		`"n":"A","n":"A",`:             "not a JSON Web Key Set",
		`"x5t":"A","x5t":"B",`:         "not a JSON Web Key Set",
		"\"kid\":\"\xff\",":            "not a JSON Web Key Set",
	} {
		_, err := idtoken.ParseKeys(text(more))
		if says == "" {
			require.NoError(t, err, more)
			continue
		}
		require.ErrorIs(t, err, idtoken.ErrKeySet, more)
		require.ErrorContains(t, err, says, more)
	}
	set := string(keySet(t, key))
	for _, two := range []string{`{"keys":[],` + set[1:], set[:len(set)-1] + `,"keys":[]}`, strings.Replace(set, `"keys"`, `"Keys"`, 1), set + set} {
		_, err := idtoken.ParseKeys([]byte(two))
		require.ErrorIs(t, err, idtoken.ErrKeySet, two)
	}
}

func TestKeysOfAServer(t *testing.T) {
	var reply http.HandlerFunc
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { reply(w, r) }))
	defer server.Close()
	fetch := func(h http.HandlerFunc) (idtoken.Keys, error) {
		reply = h
		return idtoken.FetchKeys(t.Context(), http.DefaultTransport, server.URL)
	}
	set := keySet(t, ecKey("e", provider().ec))
	keys, err := fetch(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(set) })
	require.NoError(t, err)
	require.Len(t, keys, 1)
	for says, h := range map[string]http.HandlerFunc{
		"status 302": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.example.org/", http.StatusFound)
		},
		"status 500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"too long":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20+1)) },
		"cut short": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9999")
			_, _ = w.Write(set)
		},
		"not a JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
	} {
		_, err := fetch(h)
		require.ErrorIs(t, err, idtoken.ErrKeySet, says)
		require.ErrorContains(t, err, says)
	}
	server.Close()
	_, err = fetch(nil)
	require.ErrorContains(t, err, "does not answer")
}
