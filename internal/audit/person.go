package audit

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/imednetgo/imednet"
)

// SamePerson reports whether two ids may be of one person: also if only the case or the form of letters, or
// characters that nobody sees, differ, because nobody becomes a second person by spelling.
func SamePerson(a, b string) bool { return folded(a) == folded(b) }

// KeyFile begins how a policy says that a key identified somebody; what identifies the key follows.
const KeyFile = "key file "

// SameActor reports whether two who acted may be one person: by their ids, or because one key proved who they
// are. A policy that calls somebody otherwise makes nobody a second person.
func SameActor(a string, aProof *imednet.Identity, b string, bProof *imednet.Identity) bool {
	return SamePerson(a, b) || sameKey(aProof, bProof)
}

func sameKey(a, b *imednet.Identity) bool {
	return a != nil && b != nil && a.Authenticated == b.Authenticated && strings.HasPrefix(a.Authenticated, KeyFile)
}

// folded is a name without case, form and what nobody sees (NFKC_Casefold of Unicode, 3.13).
func folded(name string) string {
	seen := strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(name))
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(seen)))
}

// unseen reports whether a character leaves no mark of its own: joiners, directions, fillers, variations.
func unseen(r rune) bool {
	const blankBraille = '\u2800'
	return r == blankBraille || unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// blank reports whether nobody sees anything of a text.
func blank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unseen(r) && !unicode.IsSpace(r) })
}

// Proven reports whether it was proven who acted, rather than claimed.
func Proven(actor *imednet.Identity) bool { return actor != nil && actor.Authenticated != "" }
