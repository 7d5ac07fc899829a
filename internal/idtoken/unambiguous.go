package idtoken

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// members that say who is meant, for whom, and until when. The parser takes a member whose name differs only in
// case for one of them, and the last of several.
var members = []string{"alg", "typ", "kid", "crit", "iss", "aud", "sub", "exp", "nbf", "iat", "azp", "name"}

// unambiguous reports whether header and claims of a token have one meaning for every reader: each is one JSON
// object in valid UTF-8, no member is there twice, in whatever spelling, and times are numbers, and within the years that there are.
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
		if slices.Contains([]string{"exp", "nbf", "iat"}, name) && !isTime(value) {
			return false
		}
	}
	return true
}

// lastSecond is the end of the year 9999.
const lastSecond = 253402300799

// isTime reports whether a claim is a time, or null. Of a number without bounds the parser makes any other time.
func isTime(value jsontext.Value) bool {
	switch value.Kind() {
	case 'n':
		return true
	case '0':
		seconds, err := strconv.ParseFloat(string(value), 64)
		return err == nil && seconds >= 0 && seconds <= lastSecond
	}
	return false
}

// isIDToken reports whether the type in a header can be that of an ID token. Access tokens (RFC 9068) and others
// that say what they are can be for the same program, and are no proof of who acts (RFC 8725, 3.11).
func isIDToken(typ any) bool {
	text, isText := typ.(string)
	return typ == nil || isText && slices.Contains([]string{"jwt", "application/jwt"}, strings.ToLower(text))
}
