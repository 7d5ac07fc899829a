package workflows

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// memberScanner walks the members of one JSON object without building anything. The text of a
// record has been checked when the record was decoded (imednet.RecordData), so the scanner finds
// boundaries and does not validate values a second time; text that is not even shaped like an
// object ends the walk with broken set.
type memberScanner struct {
	text []byte
	pos  int
	// name is the current member's name, unquoted; raw is its value as it stands.
	name, raw []byte
	broken    bool
}

// reset starts a walk over an object.
func (s *memberScanner) reset(object []byte) {
	*s = memberScanner{text: object}
	s.skipBlanks()
	s.broken = !s.take('{')
}

// next moves to the next member. It returns false at the end of the object and when the text is
// broken.
func (s *memberScanner) next() bool {
	if s.broken {
		return false
	}
	s.skipBlanks()
	if s.take('}') {
		s.skipBlanks()
		s.broken = s.pos != len(s.text)
		return false
	}
	if s.name != nil && !s.take(',') {
		s.broken = true
		return false
	}
	s.skipBlanks()
	if !s.readName() {
		s.broken = true
		return false
	}
	s.skipBlanks()
	if !s.take(':') {
		s.broken = true
		return false
	}
	s.skipBlanks()
	start := s.pos
	if !s.skipValue() || s.pos == start {
		s.broken = true
		return false
	}
	s.raw = s.text[start:s.pos]
	return true
}

func (s *memberScanner) readName() bool {
	start := s.pos
	escaped, ok := s.skipString()
	if !ok {
		return false
	}
	s.name = s.text[start+1 : s.pos-1]
	if escaped {
		name, err := jsontext.AppendUnquote(make([]byte, 0, len(s.name)), s.text[start:s.pos])
		s.name = name
		return err == nil
	}
	return true
}

func (s *memberScanner) skipBlanks() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

func (s *memberScanner) take(c byte) bool {
	if s.pos < len(s.text) && s.text[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// skipString moves behind the string at pos and tells whether it holds a backslash.
func (s *memberScanner) skipString() (escaped, ok bool) {
	if !s.take('"') {
		return false, false
	}
	end := bytes.IndexByte(s.text[s.pos:], '"')
	if end >= 0 && bytes.IndexByte(s.text[s.pos:s.pos+end], '\\') < 0 {
		s.pos += end + 1
		return false, true
	}
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case '\\':
			s.pos++
		case '"':
			s.pos++
			return true, true
		}
		s.pos++
	}
	return true, false
}

func (s *memberScanner) skipValue() bool {
	if s.pos == len(s.text) {
		return false
	}
	switch s.text[s.pos] {
	case '"':
		_, ok := s.skipString()
		return ok
	case '{', '[':
		return s.skipNested()
	}
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ',', '}', ']', ' ', '\t', '\n', '\r':
			return true
		}
		s.pos++
	}
	return false
}

// skipNested moves behind an array or object, counting brackets outside strings.
func (s *memberScanner) skipNested() bool {
	depth := 0
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case '"':
			if _, ok := s.skipString(); !ok {
				return false
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		s.pos++
		if depth == 0 {
			return true
		}
	}
	return false
}
