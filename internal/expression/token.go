package expression

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind says what a token of an expression is.
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

func refuse(pos place, format string, args ...any) error {
	return &Error{Line: pos.line, Column: pos.col, Reason: fmt.Sprintf(format, args...)}
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
