package answers

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold returns a text that is equal for two names exactly when they differ at most in case, by the
// rule of strings.EqualFold. A name that is no Unicode is its own fold, so that it equals itself
// alone.
func Fold(name string) string {
	if !utf8.ValidString(name) {
		return name
	}
	return strings.Map(foldRune, name)
}

// AppendFold appends the fold of a name, for whoever looks names up without making strings.
func AppendFold(to []byte, name string) []byte {
	if !utf8.ValidString(name) {
		return append(to, name...)
	}
	for _, r := range name {
		to = utf8.AppendRune(to, foldRune(r))
	}
	return to
}

// foldRune returns the least of the characters that differ from r in case only.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		return upperLatin(r)
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}

// upperLatin returns the capital of an ASCII letter, which is the least of all its relatives.
func upperLatin(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r - ('a' - 'A')
	}
	return r
}

// Same reports whether two names differ at most in case.
func Same(a, b string) bool {
	return a == b || strings.EqualFold(a, b) && utf8.ValidString(a) && utf8.ValidString(b)
}
