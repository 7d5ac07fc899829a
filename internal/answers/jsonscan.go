package answers

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/jsonscan"
)

// Scanner walks the members of one JSON object without building anything. The text of a record
// has been checked when the record was decoded, so the scanner finds boundaries and does not
// validate values a second time; text that is not even shaped like an object ends the walk and
// Broken reports it. The zero value must be Reset. It is not safe for concurrent use.
type Scanner struct {
	// Name is the current member's name without quotes and escapes. A name that is no Unicode
	// stands as it is spelled in the JSON. Name is valid until the next Reset.
	Name []byte
	// Raw is the current member's value as it stands.
	Raw []byte
	// Mangled reports that Name has half a surrogate pair, so that it is a spelling and no name.
	Mangled bool

	text      []byte
	pos       int
	started   bool
	broken    bool
	unescaped []byte // memory for names with escapes
}

// Reset starts a walk over an object.
func (s *Scanner) Reset(object []byte) {
	*s = Scanner{text: object, unescaped: s.unescaped[:0]}
	s.skipBlanks()
	s.broken = !s.take('{')
}

// End is where in the object the current member's value ends.
func (s *Scanner) End() int { return s.pos }

// Broken reports whether the text turned out to be no JSON object.
func (s *Scanner) Broken() bool { return s.broken }

// Next moves to the next member. It returns false at the end of the object and when the text is
// broken.
func (s *Scanner) Next() bool {
	if s.broken {
		return false
	}
	s.skipBlanks()
	if s.take('}') {
		s.skipBlanks()
		s.broken = s.pos != len(s.text)
		return false
	}
	s.broken = !s.readMember()
	return !s.broken
}

func (s *Scanner) readMember() bool {
	if s.started && !s.take(',') {
		return false
	}
	s.started = true
	s.skipBlanks()
	if !s.readName() {
		return false
	}
	s.skipBlanks()
	if !s.take(':') {
		return false
	}
	s.skipBlanks()
	return s.readValue()
}

func (s *Scanner) readValue() bool {
	start := s.pos
	if !s.skipValue() || s.pos == start {
		return false
	}
	s.Raw = s.text[start:s.pos:s.pos]
	return true
}

// usualBegin is how a member with this name begins where there is no white space; "" for a name that needs escapes.
func usualBegin(name string) string {
	if strings.ContainsAny(name, `"\`) {
		return ""
	}
	return `"` + name + `":`
}

// nextUsual moves to the next member if it begins with just this text, which [usualBegin] made, and leaves Name and
// Mangled as they are. Otherwise it does not move.
func (s *Scanner) nextUsual(begin string) bool {
	at := s.pos
	if s.started {
		if at == len(s.text) || s.text[at] != ',' {
			return false
		}
		at++
	}
	value := at + len(begin)
	if begin == "" || s.broken || value > len(s.text) || string(s.text[at:value]) != begin {
		return false
	}
	before := s.pos
	if s.pos = value; !s.readValue() {
		s.pos = before
		return false
	}
	s.started = true
	return true
}

func (s *Scanner) readName() bool {
	start := s.pos
	escaped, ok := s.skipString()
	if !ok {
		return false
	}
	s.Name, s.Mangled = s.text[start+1:s.pos-1:s.pos-1], false
	if !escaped {
		return true
	}
	from := len(s.unescaped)
	name, err := jsontext.AppendUnquote(s.unescaped, s.text[start:s.pos])
	if err != nil {
		s.Mangled = true
		return true
	}
	s.unescaped = name
	s.Name = name[from:len(name):len(name)]
	return true
}

func (s *Scanner) skipBlanks() {
	for s.pos < len(s.text) && jsonSpace(s.text[s.pos]) {
		s.pos++
	}
}

func (s *Scanner) take(c byte) bool {
	if s.pos < len(s.text) && s.text[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

// skipString moves behind the string at pos and reports whether it holds a backslash.
func (s *Scanner) skipString() (escaped, ok bool) {
	if !s.take('"') {
		return false, false
	}
	for {
		s.pos = jsonscan.SkipPlain(s.text, s.pos)
		if s.pos >= len(s.text) {
			return escaped, false
		}
		switch s.text[s.pos] {
		case '"':
			s.pos++
			return escaped, true
		case '\\':
			escaped = true
			s.pos++
		}
		s.pos++
	}
}

func (s *Scanner) skipValue() bool {
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
		switch c := s.text[s.pos]; {
		case c == ',' || c == '}' || c == ']' || jsonSpace(c):
			return true
		}
		s.pos++
	}
	return false
}

// skipNested moves behind an array or object, counting brackets outside strings.
func (s *Scanner) skipNested() bool {
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
