package audit

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/imednetgo/imednet"
)

// SamePerson reports whether two ids may be of one person: also if only the case or the form of letters, white space, or
// characters that nobody sees, differ, because nobody becomes a second person by spelling. Letters of different scripts that
// look alike are different letters: who gives out ids sees to that.
func SamePerson(a, b string) bool { return folded(a) == folded(b) }

// How a policy says by what somebody was identified begins with one of these, and what follows is one person's: what
// identifies a key, or an issuer, subjectOf, and what identifies the subject of its tokens.
const (
	keyFile   = "key file "
	token     = "oidc "
	subjectOf = " subject "
	account   = ByAccount + " "
)

// ByAccount says that the operating system said who acts, by the name of the account.
const ByAccount = "os-user"

// FromAccount says that whoever was proven otherwise sat at an account that proves who acts, too.
func FromAccount(name string) string { return account + name }

// ByKey says that a key proved who acts.
func ByKey(keyID string) string { return keyFile + keyID }

// BySubject says that a token of an issuer proved who acts. Of the subject, which may be a name or an address, only
// a hash is told.
func BySubject(issuer, subject string) string {
	const digits = 16
	return token + issuer + subjectOf + Hash("imednet/subject/v1", issuer, subject)[:digits]
}

// SameActor reports whether two who acted may be one person: by their ids, or because one key or one subject proved
// who they are, or would have, or because one sat at the account that is the other's whole proof. A policy that calls
// somebody otherwise makes nobody a second person.
func SameActor(a string, aProof *imednet.Identity, b string, bProof *imednet.Identity) bool {
	return SamePerson(a, b) || aProof != nil && bProof != nil && (sameProof(aProof, bProof) || sat(aProof, b, bProof) || sat(bProof, a, aProof))
}

func sameProof(a, b *imednet.Identity) bool {
	ofB := proofs(b)
	return slices.ContainsFunc(proofs(a), func(proof string) bool { return isOnes(proof) && slices.Contains(ofB, proof) })
}

// sat reports whether somebody sat at the account by which alone the other one was identified. Two who sat at one account,
// each with a key of their own, are two: it may be there for that.
func sat(i *imednet.Identity, other string, proof *imednet.Identity) bool {
	return proof.Authenticated == ByAccount && slices.Contains(i.AlsoBy, FromAccount(other))
}

// proofs are all by which somebody is recognised.
func proofs(i *imednet.Identity) []string { return append(slices.Clone(i.AlsoBy), i.Authenticated) }

// isOnes reports whether a proof is one person's. That of a token is not where its subject was not yet recorded.
func isOnes(proof string) bool {
	return strings.HasPrefix(proof, keyFile) || strings.HasPrefix(proof, token) && strings.Contains(proof, subjectOf)
}

// folded is a name without case, form and what nobody sees (NFKC_Casefold of Unicode, 3.13), without the dot that tells the
// two Turkish i apart, and with one blank for any white space inside.
func folded(name string) string {
	seen := strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(name))
	cased := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(seen)))
	return strings.Join(strings.Fields(oneI.Replace(cased)), " ")
}

// oneI maps the letters that Unicode's folding for Turkic languages (CaseFolding.txt, status T) has beside i.
var oneI = strings.NewReplacer("ı", "i", "i\u0307", "i")

// unseen reports whether a character leaves no mark of its own: joiners, directions, fillers, variations.
func unseen(r rune) bool {
	const blankBraille = '\u2800'
	return r == blankBraille || unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Blank reports whether nobody sees anything of a text.
func Blank(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unseen(r) && !unicode.IsSpace(r) })
}

// Proven reports whether it was proven who acted, rather than claimed.
func Proven(actor *imednet.Identity) bool { return actor != nil && actor.Authenticated != "" }
