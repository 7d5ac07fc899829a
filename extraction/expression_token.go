package extraction

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind tells what a token of an expression is.
type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenInt
	tokenFloat
	tokenString
	tokenOperator
)

type token struct {
	kind tokenKind
	text string // name, operator, number as written, or the characters of a string
	pos  place
}

// place is a position in an expression, counted from 1 in characters.
type place struct{ line, col int }

// sourceError is a mistake in an expression, found before any record is read.
type sourceError struct {
	pos    place
	reason string
}

func (e *sourceError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.pos.line, e.pos.col, e.reason)
}

func refuse(pos place, format string, args ...any) error {
	return &sourceError{pos, fmt.Sprintf(format, args...)}
}

// operators are Python's, longest first.
var operators = []string{
	"**=", "//=", ">>=", "<<=", "...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", ":=", "->",
	"+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=",
	"+", "-", "*", "/", "%", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":", ".", "=", "&", "|", "^", "~", "@", ";",
}

// scanner cuts an expression into tokens.
type scanner struct {
	rest string
	pos  place
}

func scan(source string) ([]token, error) {
	s := scanner{rest: source, pos: place{1, 1}}
	var tokens []token
	for {
		s.skipBlank()
		t, err := s.next()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		if t.kind == tokenEnd {
			return tokens, nil
		}
	}
}

// take consumes n bytes and returns them.
func (s *scanner) take(n int) string {
	text := s.rest[:n]
	s.rest = s.rest[n:]
	for _, r := range text {
		s.pos.col++
		if r == '\n' {
			s.pos = place{s.pos.line + 1, 1}
		}
	}
	return text
}

func (s *scanner) skipBlank() {
	for s.rest != "" {
		switch s.rest[0] {
		case ' ', '\t', '\r', '\n', '\f':
			s.take(1)
		case '#':
			end := strings.IndexByte(s.rest, '\n')
			if end < 0 {
				end = len(s.rest)
			}
			s.take(end)
		default:
			return
		}
	}
}

func (s *scanner) next() (token, error) {
	t := token{pos: s.pos}
	if s.rest == "" {
		return t, nil
	}
	c := s.rest[0]
	switch {
	case c >= '0' && c <= '9' || c == '.' && len(s.rest) > 1 && isDigit(s.rest[1]):
		return s.number(t)
	case c == '"' || c == '\'':
		return s.text(t, false)
	case c == '_' || c >= utf8.RuneSelf || unicode.IsLetter(rune(c)):
		return s.nameOrPrefixedText(t)
	}
	for _, op := range operators {
		if strings.HasPrefix(s.rest, op) {
			t.kind, t.text = tokenOperator, s.take(len(op))
			return t, nil
		}
	}
	if c == '!' {
		return t, refuse(t.pos, "no such operator: write not or !=")
	}
	return t, refuse(t.pos, "this character cannot stand here")
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (s *scanner) nameOrPrefixedText(t token) (token, error) {
	end := strings.IndexFunc(s.rest, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if end < 0 {
		end = len(s.rest)
	}
	if end == 0 {
		return t, refuse(t.pos, "this character cannot stand here")
	}
	name := s.rest[:end]
	if end < len(s.rest) && (s.rest[end] == '"' || s.rest[end] == '\'') {
		switch strings.ToLower(name) {
		case "r":
			s.take(1)
			return s.text(t, true)
		case "u":
			s.take(1)
			return s.text(t, false)
		case "f", "fr", "rf":
			return t, refuse(t.pos, `f-strings are not supported: write "text " + str(value)`)
		case "b", "br", "rb":
			return t, refuse(t.pos, `bytes are not supported: write the text without b`)
		}
	}
	t.kind, t.text = tokenName, s.take(end)
	return t, nil
}

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
	number, ok := ParseNumber(t.text)
	if !ok || s.rest != "" && (s.rest[0] == 'j' || s.rest[0] == 'J') {
		return t, refuse(t.pos, "not a number that can be used here")
	}
	if t.kind == tokenInt && len(number) > 1 && strings.Trim(t.text, "0") != "" && t.text[0] == '0' {
		return t, refuse(t.pos, "a whole number cannot start with 0")
	}
	return t, nil
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
