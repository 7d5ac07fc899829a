package expression

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

func (s *scanner) number(t token) (token, error) {
	end, float := 0, false
	if len(s.rest) > 1 && s.rest[0] == '0' && strings.ContainsRune("xXoObB", rune(s.rest[1])) {
		return t, refuse(t.pos, "write the number in decimal")
	}
	for end < len(s.rest) {
		c := s.rest[end]
		exponentSign := (c == '+' || c == '-') && end > 0 && (s.rest[end-1] == 'e' || s.rest[end-1] == 'E')
		if !isDigit(c) && c != '.' && c != '_' && c != 'e' && c != 'E' && !exponentSign {
			break
		}
		float = float || c == '.' || c == 'e' || c == 'E'
		end++
	}
	t.kind, t.text = tokenInt, strings.ReplaceAll(s.take(end), "_", "")
	if float {
		t.kind = tokenFloat
	}
	if !isNumeral(t.text) || s.rest != "" && (s.rest[0] == 'j' || s.rest[0] == 'J') {
		return t, refuse(t.pos, "not a number that can be used here")
	}
	if t.kind == tokenInt && len(t.text) > 1 && strings.Trim(t.text, "0") != "" && t.text[0] == '0' {
		return t, refuse(t.pos, "a whole number cannot start with 0")
	}
	return t, nil
}

// Bounds of a number in an expression, so that 1e999999999 costs nothing.
const (
	maxNumeralLength   = 400
	maxNumeralExponent = 400
)

// isNumeral reports whether the text, of digits, points, signs and e, is a number within the bounds.
func isNumeral(text string) bool {
	if text == "" || len(text) > maxNumeralLength {
		return false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent, err := strconv.Atoi(text[i+1:])
		if err != nil || exponent > maxNumeralExponent || exponent < -maxNumeralExponent {
			return false
		}
	}
	_, ok := new(big.Rat).SetString(text)
	return ok
}

// text reads a string literal; a raw one keeps its backslashes.
func (s *scanner) text(t token, raw bool) (token, error) {
	quote := s.rest[:1]
	if strings.HasPrefix(s.rest, strings.Repeat(quote, 3)) {
		quote = s.rest[:3]
	}
	s.take(len(quote))
	var b strings.Builder
	for !strings.HasPrefix(s.rest, quote) {
		switch {
		case s.rest == "" || len(quote) == 1 && s.rest[0] == '\n':
			return t, refuse(t.pos, "the text is not closed")
		case s.rest[0] == '\\' && raw && len(s.rest) > 1:
			b.WriteString(s.take(2))
		case s.rest[0] == '\\':
			if err := s.escape(&b); err != nil {
				return t, err
			}
		default:
			_, n := utf8.DecodeRuneInString(s.rest)
			b.WriteString(s.take(n))
		}
	}
	s.take(len(quote))
	t.kind, t.text = tokenString, b.String()
	return t, nil
}

// escapes are the one-letter escapes of a Python string.
var escapes = map[byte]string{
	'n': "\n", 't': "\t", 'r': "\r", '\\': "\\", '\'': "'", '"': "\"", '\n': "", 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v",
}

func (s *scanner) escape(b *strings.Builder) error {
	pos := s.pos
	s.take(1)
	if s.rest == "" {
		return refuse(pos, "the text is not closed")
	}
	c := s.rest[0]
	if text, ok := escapes[c]; ok {
		s.take(1)
		b.WriteString(text)
		return nil
	}
	width := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if width == 0 || len(s.rest) < width+1 {
		return refuse(pos, `unknown escape: write \\ for a backslash`)
	}
	s.take(1)
	var code rune
	for _, digit := range s.take(width) {
		i := strings.IndexRune("0123456789abcdef", unicode.ToLower(digit))
		if i < 0 {
			return refuse(pos, "an escape needs hexadecimal digits")
		}
		code = code<<4 | rune(i)
	}
	if !utf8.ValidRune(code) {
		return refuse(pos, "the escape names no character")
	}
	b.WriteRune(code)
	return nil
}
