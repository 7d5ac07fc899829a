package idtoken

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// members that say who is meant, for whom, and until when. The parser takes a member whose name differs only in
// case for one of them, and the last of several.
var members = []string{"alg", "typ", "kid", "crit", "iss", "aud", "sub", "exp", "nbf", "iat", "azp", "name"}

// unambiguous reports whether header and claims of a token have one meaning for every reader: each is one JSON
// object in valid UTF-8, no member is there twice, in whatever spelling, and times are numbers.
func unambiguous(token string) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	return !slices.ContainsFunc(parts[:2], func(part string) bool { return !plain(part) })
}

func plain(part string) bool {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return false
	}
	var object map[string]jsontext.Value
	if json.Unmarshal(text, &object) != nil || object == nil {
		return false
	}
	for name, value := range object {
		if slices.ContainsFunc(members, func(m string) bool { return m != name && strings.EqualFold(m, name) }) {
			return false
		}
		if slices.Contains([]string{"exp", "nbf", "iat"}, name) && value.Kind() != '0' && value.Kind() != 'n' {
			return false
		}
	}
	return true
}

// isIDToken reports whether the type in a header can be that of an ID token. Access tokens (RFC 9068) and others
// that say what they are can be for the same program, and are no proof of who acts (RFC 8725, 3.11).
func isIDToken(typ any) bool {
	text, isText := typ.(string)
	return typ == nil || isText && slices.Contains([]string{"jwt", "application/jwt"}, strings.ToLower(text))
}
