package answers

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Text is what is read as text: a string, or bytes of one.
type Text interface{ ~string | ~[]byte }

// TrimSpace cuts surrounding white space as strings.TrimSpace does, no-break spaces included.
func TrimSpace[T Text](text T) T {
	if n := len(text); n > 0 && isVisible(text[0]) && isVisible(text[n-1]) {
		return text
	}
	for len(text) > 0 {
		n := leadingSpace(text)
		if n == 0 {
			break
		}
		text = text[n:]
	}
	for len(text) > 0 {
		n := trailingSpace(text)
		if n == 0 {
			break
		}
		text = text[:len(text)-n]
	}
	return text
}

// isVisible reports whether a byte certainly is no part of white space.
func isVisible(c byte) bool { return c > ' ' && c < utf8.RuneSelf }

// Blank reports whether text is empty or white space only.
func Blank[T Text](text T) bool {
	for len(text) > 0 {
		n := leadingSpace(text)
		if n == 0 {
			return false
		}
		text = text[n:]
	}
	return true
}

// leadingSpace returns the length of the white space character that text starts with, or 0.
func leadingSpace[T Text](text T) int {
	if c := text[0]; c < utf8.RuneSelf {
		return asciiSpace(c)
	}
	var buf [utf8.UTFMax]byte
	r, n := utf8.DecodeRune(buf[:copy(buf[:], text)])
	return spaceLength(r, n)
}

func trailingSpace[T Text](text T) int {
	if c := text[len(text)-1]; c < utf8.RuneSelf {
		return asciiSpace(c)
	}
	var buf [utf8.UTFMax]byte
	r, n := utf8.DecodeLastRune(buf[:copy(buf[:], text[max(0, len(text)-utf8.UTFMax):])])
	return spaceLength(r, n)
}

func asciiSpace(c byte) int {
	if c == ' ' || c >= '\t' && c <= '\r' {
		return 1
	}
	return 0
}

func spaceLength(r rune, n int) int {
	if unicode.IsSpace(r) {
		return n
	}
	return 0
}

// Bool reads the ten words that are flags, in any case of the Latin letters and with white space
// around: true 1 yes y t, false 0 no n f.
func Bool[T Text](text T) (value, known bool) {
	var word [5]byte
	text = TrimSpace(text)
	if len(text) > len(word) {
		return false, false
	}
	for i := range len(text) {
		word[i] = text[i]
		if c := text[i]; c >= 'A' && c <= 'Z' {
			word[i] += 'a' - 'A'
		}
	}
	switch string(word[:len(text)]) {
	case "true", "1", "yes", "y", "t":
		return true, true
	case "false", "0", "no", "n", "f":
		return false, true
	}
	return false, false
}

// Unquote returns the text of one JSON value: the characters of a string, the JSON of anything
// else. It shares raw's memory where it can; where it cannot it appends to buf, which may be nil.
// isUnicode is false when raw has bytes that are no UTF-8 or half a surrogate pair: text then has
// U+FFFD in their place and is not what arrived.
func Unquote(raw, buf []byte) (text []byte, isUnicode bool) {
	raw = trimJSON(raw)
	if len(raw) < 2 || raw[0] != '"' {
		return raw, utf8.Valid(raw)
	}
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return inner, true
	}
	text, err := jsontext.AppendUnquote(buf, raw)
	return text[len(buf):], err == nil
}

// IsUnicode reports whether the text of one JSON value is valid Unicode.
func IsUnicode(raw []byte) bool {
	if raw = trimJSON(raw); bytes.IndexByte(raw, '\\') < 0 {
		return utf8.Valid(raw)
	}
	_, isUnicode := Unquote(raw, nil)
	return isUnicode
}

// trimJSON cuts the white space of JSON, which is not that of text.
func trimJSON(raw []byte) []byte {
	for len(raw) > 0 && jsonSpace(raw[0]) {
		raw = raw[1:]
	}
	for len(raw) > 0 && jsonSpace(raw[len(raw)-1]) {
		raw = raw[:len(raw)-1]
	}
	return raw
}

func jsonSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
