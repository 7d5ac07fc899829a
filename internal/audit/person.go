package audit

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/imednetgo/imednet"
)

// SamePerson reports whether two ids may be of one person: also if only the case or the form of letters
// differs, because nobody becomes a second person by spelling.
func SamePerson(a, b string) bool {
	return strings.EqualFold(norm.NFKC.String(a), norm.NFKC.String(b))
}

// Proven reports whether it was proven who acted, rather than claimed.
func Proven(actor *imednet.Identity) bool { return actor != nil && actor.Authenticated != "" }
