package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// maxDepth is how deep jsontext lets arrays and objects nest.
const maxDepth = 10_000

// broken stands for the end of what is no JSON.
const broken = -1

// Valid reports whether text is one JSON value, with nothing but white space around it.
func Valid(text []byte) bool {
	end := skipValue(text, skipBlanks(text, 0), 0)
	return end > 0 && skipBlanks(text, end) == len(text)
}

// skipValue returns where the value ends that begins at at. depth is that of what it stands in.
func skipValue(text []byte, at, depth int) (end int) {
	if at >= len(text) {
		return broken
	}
	switch text[at] {
	case '"':
		end, _ = skipString(text, at)
		return end
	case '{':
		return skipObject(text, at, depth+1)
	case '[':
		return skipArray(text, at, depth+1)
	case 't':
		return skipLiteral(text, at, "true")
	case 'f':
		return skipLiteral(text, at, "false")
	case 'n':
		return skipLiteral(text, at, "null")
	}
	return skipNumber(text, at)
}

func skipObject(text []byte, at, depth int) (end int) {
	if depth > maxDepth {
		return broken
	}
	if at = skipBlanks(text, at+1); at < len(text) && text[at] == '}' {
		return at + 1
	}
	for {
		if at, _ = skipName(text, at); at < 0 {
			return broken
		}
		if at = skipBlanks(text, at); at >= len(text) || text[at] != ':' {
			return broken
		}
		if at = skipValue(text, skipBlanks(text, at+1), depth); at < 0 {
			return broken
		}
		at = skipBlanks(text, at)
		switch {
		case at >= len(text):
			return broken
		case text[at] == '}':
			return at + 1
		case text[at] != ',':
			return broken
		}
		at = skipBlanks(text, at+1)
	}
}

// skipName returns where the name ends that begins at at, and whether it has escapes.
func skipName(text []byte, at int) (end int, escaped bool) {
	if at >= len(text) || text[at] != '"' {
		return broken, false
	}
	return skipString(text, at)
}

func skipArray(text []byte, at, depth int) (end int) {
	if depth > maxDepth {
		return broken
	}
	if at = skipBlanks(text, at+1); at < len(text) && text[at] == ']' {
		return at + 1
	}
	for {
		if at = skipValue(text, at, depth); at < 0 {
			return broken
		}
		at = skipBlanks(text, at)
		switch {
		case at >= len(text):
			return broken
		case text[at] == ']':
			return at + 1
		case text[at] != ',':
			return broken
		}
		at = skipBlanks(text, at+1)
	}
}

func skipLiteral(text []byte, at int, literal string) (end int) {
	if end = at + len(literal); end <= len(text) && string(text[at:end]) == literal {
		return end
	}
	return broken
}

func skipNumber(text []byte, at int) (end int) {
	if at < len(text) && text[at] == '-' {
		at++
	}
	if at < len(text) && text[at] == '0' {
		at++
	} else if at = skipDigits(text, at); at < 0 {
		return broken
	}
	if at < len(text) && text[at] == '.' {
		if at = skipDigits(text, at+1); at < 0 {
			return broken
		}
	}
	if at < len(text) && (text[at] == 'e' || text[at] == 'E') {
		if at++; at < len(text) && (text[at] == '+' || text[at] == '-') {
			at++
		}
		return skipDigits(text, at)
	}
	return at
}

// skipDigits skips digits, of which there must be one.
func skipDigits(text []byte, at int) (end int) {
	for end = at; end < len(text) && text[end]-'0' <= 9; end++ {
	}
	if end == at {
		return broken
	}
	return end
}

func skipBlanks(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t') {
		at++
	}
	return at
}

// skipString returns where the string ends that begins at at, and whether it has escapes.
func skipString(text []byte, at int) (end int, escaped bool) {
	for at++; ; {
		if at = skipPlain(text, at); at >= len(text) {
			return broken, escaped
		}
		switch text[at] {
		case '"':
			return at + 1, escaped
		case '\\':
			if at = skipEscape(text, at); at < 0 {
				return broken, true
			}
			escaped = true
		default:
			return broken, escaped // a control character
		}
	}
}

// Eight bytes at a time: a byte with its highest bit set marks one that is less than n, or equal to c.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// skipPlain skips what stands for itself in a string: all but quotes, backslashes and control characters.
func skipPlain(text []byte, at int) int {
	for ; at+8 <= len(text); at += 8 {
		eight := binary.LittleEndian.Uint64(text[at:])
		quotes, backslashes := eight^ones*'"', eight^ones*'\\'
		// A borrow reaches only the bytes above the first that is marked, so that the first is right.
		marked := ((eight-ones*' ')&^eight | (quotes-ones)&^quotes | (backslashes-ones)&^backslashes) & highs
		if marked != 0 {
			return at + bits.TrailingZeros64(marked)/8
		}
	}
	for at < len(text) && text[at] >= ' ' && text[at] != '"' && text[at] != '\\' {
		at++
	}
	return at
}

// skipASCII skips what stands for itself in a string and is ASCII.
func skipASCII(text []byte, at int) int {
	for ; at+8 <= len(text); at += 8 {
		eight := binary.LittleEndian.Uint64(text[at:])
		quotes, backslashes := eight^ones*'"', eight^ones*'\\'
		marked := ((eight - ones*' ') | eight | (quotes - ones) | (backslashes - ones)) & highs
		if marked != 0 {
			return at + bits.TrailingZeros64(marked)/8
		}
	}
	for at < len(text) && text[at] >= ' ' && text[at] < 0x80 && text[at] != '"' && text[at] != '\\' {
		at++
	}
	return at
}

// skipEscape skips a backslash and what it escapes.
func skipEscape(text []byte, at int) (end int) {
	if at+1 >= len(text) {
		return broken
	}
	switch text[at+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return at + 2
	case 'u':
		if at+6 > len(text) {
			return broken
		}
		for _, c := range text[at+2 : at+6] {
			if !isHex(c) {
				return broken
			}
		}
		return at + 6
	}
	return broken
}

func isHex(c byte) bool { return c-'0' <= 9 || c|0x20-'a' <= 5 }
