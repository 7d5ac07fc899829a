package answers

import (
	"bytes"
	"strconv"
	"unicode"
)

// Absence says in which way an answer is missing, or that it is not.
type Absence uint8

// The ways. All but Answered are missing.
const (
	Answered   Absence = iota
	Absent             // no member at all
	Null               // JSON null
	Empty              // ""
	WhiteSpace         // text of white space only, escaped or not
)

// AbsenceOf looks at one JSON value; no bytes at all are Absent. Zero, false, [] and {} are
// answers. It allocates nothing.
func AbsenceOf(raw []byte) Absence {
	if len(raw) > 2 && raw[0] == '"' && raw[1] != '"' && raw[1] != '\\' && isVisible(raw[1]) {
		return Answered // as nearly every answer
	}
	switch raw = trimJSON(raw); {
	case len(raw) == 0:
		return Absent
	case raw[0] == 'n':
		return Null
	case raw[0] != '"':
		return Answered
	case len(raw) <= 2:
		return Empty
	case blankString(raw[1 : len(raw)-1]):
		return WhiteSpace
	}
	return Answered
}

// Missing reports whether a JSON value is no answer: absent, null, or text of white space only.
func Missing(raw []byte) bool { return AbsenceOf(raw) != Answered }

// Populated reports whether a JSON value holds anything that could be lost: it is neither absent
// nor null nor the empty string. White space is text that somebody entered, though no answer.
func Populated(raw []byte) bool {
	a := AbsenceOf(raw)
	return a == Answered || a == WhiteSpace
}

// blankString reports whether the inside of a JSON string is white space only.
func blankString(inner []byte) bool {
	for {
		i := bytes.IndexByte(inner, '\\')
		if i < 0 {
			return Blank(inner)
		}
		n := escapedSpace(inner[i:])
		if n == 0 || !Blank(inner[:i]) {
			return false
		}
		inner = inner[i+n:]
	}
}

// escapedSpace returns the length of an escape that stands for white space, or 0.
func escapedSpace(escape []byte) int {
	if len(escape) < 2 {
		return 0
	}
	switch escape[1] {
	case 't', 'n', 'r', 'f':
		return 2
	case 'u':
		if len(escape) < 6 {
			return 0
		}
		code, err := strconv.ParseUint(string(escape[2:6]), 16, 16)
		if err == nil && unicode.IsSpace(rune(code)) {
			return 6
		}
	}
	return 0
}
