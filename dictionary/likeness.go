package dictionary

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// looksAlike reports whether two names differ at most in case, accents, width and marks, or in the characters that write
// these.
func looksAlike(a, b string) bool { return bareName(a) == bareName(b) }

func bareName(name string) string {
	return cases.Fold().String(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, norm.NFKD.String(name)))
}
