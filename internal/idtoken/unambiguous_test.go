package idtoken_test

import (
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/idtoken"
)

// signedText is a token whose header and claims are these texts, signed by the provider.
func signedText(header, claims string) string {
	token := b64([]byte(header)) + "." + b64([]byte(claims))
	return token + "." + b64(ed25519.Sign(provider().ed, []byte(token)))
}

// A provider may let people choose members of their tokens. None of these may be taken for those that say who acts, for
// whom, and until when; and a token of another type is no proof, whoever signed it.
func TestATokenOfTwoMeaningsIsRefused(t *testing.T) {
	const header = `{"alg":"EdDSA","kid":"d"}`
	claims := fmt.Sprintf(`{"iss":"https://login.example.org","aud":"imednet","sub":"248289761001","iat":%d,"exp":%d}`, noon.Unix(), noon.Unix()+600)
	with := func(more string) string { return strings.TrimSuffix(claims, "}") + "," + more + "}" }
	without := func(member string) string { return strings.Replace(claims, `"`+member+`"`, `"x-`+member+`"`, 1) }
	for name, c := range map[string]struct {
		header, claims string
		want           error
	}{
		"as the provider writes it":    {header, claims, nil},
		"a type":                       {`{"alg":"EdDSA","kid":"d","typ":"JWT"}`, claims, nil},
		"a type in other letters":      {`{"alg":"EdDSA","kid":"d","typ":"application/jwt"}`, claims, nil},
		"members of the provider":      {header, with(`"sub_jwk":{},"Subject":"x","preferred":"é"`), nil},
		"parts of a second":            {header, strings.Replace(claims, "}", ".5}", 1), nil},
		"a second subject":             {header, with(`"sub":"1"`), idtoken.ErrMalformed},
		"a second subject before":      {header, `{"sub":"1",` + claims[1:], idtoken.ErrMalformed},
		"the subject twice":            {header, with(`"sub":"248289761001"`), idtoken.ErrMalformed},
		"a second subject, escaped":    {header, with(`"\u0073ub":"1"`), idtoken.ErrMalformed},
		"a subject in other letters":   {header, with(`"Sub":"1"`), idtoken.ErrMalformed},
		"only one in other letters":    {header, strings.Replace(without("sub"), "x-sub", "SUB", 1), idtoken.ErrMalformed},
		"a second end":                 {header, with(`"exp":99999999999`), idtoken.ErrMalformed},
		"an end in other letters":      {header, with(`"EXP":99999999999`), idtoken.ErrMalformed},
		"an audience in other letters": {header, with(`"Aud":"payroll"`), idtoken.ErrMalformed},
		"a party in other letters":     {header, with(`"AZP":"imednet"`), idtoken.ErrMalformed},
		"a long s":                     {header, with(`"ſub":"1"`), idtoken.ErrMalformed},
		"the same within a member":     {header, with(`"x":{"a":1,"a":2}`), idtoken.ErrMalformed},
		"text that is no UTF-8":        {header, with("\"x\":\"\xff\""), idtoken.ErrMalformed},
		"an end in quotes":             {header, strings.Replace(claims, fmt.Sprint(noon.Unix()+600), fmt.Sprintf("%q", fmt.Sprint(noon.Unix()+600)), 1), idtoken.ErrMalformed},
		"no time before which":         {header, with(`"nbf":null`), nil},
		"valid from the year 9999":     {header, with(`"nbf":253402300799`), idtoken.ErrNotYet},
		"valid from a year later":      {header, with(`"nbf":253402300800`), idtoken.ErrMalformed},
		"valid from 2^63":              {header, with(`"nbf":9223372036854775808`), idtoken.ErrMalformed},
		"valid from 1e300":             {header, with(`"nbf":1e300`), idtoken.ErrMalformed},
		"valid from infinity":          {header, with(`"nbf":1e999`), idtoken.ErrMalformed},
		"valid from -2^63":             {header, with(`"nbf":-9223372036854775808`), idtoken.ErrMalformed},
		"issued at 2^63":               {header, strings.Replace(claims, fmt.Sprintf(`"iat":%d`, noon.Unix()), `"iat":9223372036854775808`, 1), idtoken.ErrMalformed},
		"an end at 1e30":               {header, strings.Replace(claims, fmt.Sprint(noon.Unix()+600), "1e30", 1), idtoken.ErrMalformed},
		"a second algorithm":           {`{"alg":"none","alg":"EdDSA","kid":"d"}`, claims, idtoken.ErrMalformed},
		"a second key":                 {`{"alg":"EdDSA","kid":"e","kid":"d"}`, claims, idtoken.ErrMalformed},
		"a key in other letters":       {`{"alg":"EdDSA","Kid":"d"}`, claims, idtoken.ErrMalformed},
		"an access token":              {`{"alg":"EdDSA","kid":"d","typ":"at+jwt"}`, claims, idtoken.ErrMalformed},
		"a logout token":               {`{"alg":"EdDSA","kid":"d","typ":"logout+jwt"}`, claims, idtoken.ErrMalformed},
		"a type that is no text":       {`{"alg":"EdDSA","kid":"d","typ":1}`, claims, idtoken.ErrMalformed},
		"a list":                       {header, "[" + claims + "]", idtoken.ErrMalformed},
		"null":                         {header, "null", idtoken.ErrMalformed},
		"something behind":             {header, claims + "{}", idtoken.ErrMalformed},
	} {
		got, err := verifier(t, noon).Verify(signedText(c.header, c.claims))
		require.ErrorIs(t, err, c.want, name)
		require.Equal(t, c.want == nil, got.Subject == "248289761001", name)
	}
}
