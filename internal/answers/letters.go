package answers

import (
	"unicode"
	"unicode/utf8"
)

// AppendLetters appends the letters and digits of a name in lower case, which is how words and headers are compared:
// Form Key, FORM KEY, form_key and formKey are one.
func AppendLetters(to []byte, name string) []byte {
	for _, r := range name {
		if r = letter(r); r >= 0 {
			to = utf8.AppendRune(to, r)
		}
	}
	return to
}

// SameLetters reports whether [AppendLetters] appends the same for both names.
func SameLetters(a, b string) bool {
	var first, second rune
	for {
		first, a = nextLetter(a)
		second, b = nextLetter(b)
		if first != second {
			return false
		}
		if first < 0 {
			return true
		}
	}
}

// nextLetter takes the first letter or digit off a name; it is negative if there is none.
func nextLetter(name string) (r rune, rest string) {
	for len(name) > 0 {
		r, size := utf8.DecodeRuneInString(name)
		name = name[size:]
		if r = letter(r); r >= 0 {
			return r, name
		}
	}
	return -1, ""
}

// letter is a letter or digit in lower case, and negative for whatever else.
func letter(r rune) rune {
	switch {
	case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
		return r
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A'
	case r < utf8.RuneSelf:
		return -1
	case unicode.IsLetter(r), unicode.IsDigit(r):
		return unicode.ToLower(r)
	}
	return -1
}
