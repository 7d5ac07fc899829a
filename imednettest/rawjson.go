package imednettest

import (
	"bytes"
	"iter"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/imednetgo/imednet"
)

// Rows are kept and changed as JSON text, so that whatever is not touched stays byte for byte.
// The functions here read valid JSON: rows are checked when they are loaded.

const wireLayout = "2006-01-02 15:04:05"

// member is one member of a JSON object; start and end are the place of its value.
type member struct {
	name       []byte // between the quotes, escapes kept
	start, end int
}

// is reports whether the member has this name.
func (m member) is(name string) bool {
	if bytes.IndexByte(m.name, '\\') < 0 {
		return string(m.name) == name
	}
	return m.text() == name
}

// text is the member's name without escapes.
func (m member) text() string {
	if bytes.IndexByte(m.name, '\\') < 0 {
		return string(m.name)
	}
	return unquote([]byte(`"` + string(m.name) + `"`))
}

// members yields the members of an object in order; of anything else, none.
func members(raw []byte) iter.Seq[member] {
	return func(yield func(member) bool) {
		i := skipBlank(raw, 0)
		if i >= len(raw) || raw[i] != '{' {
			return
		}
		for i = skipBlank(raw, i+1); i < len(raw) && raw[i] == '"'; i = skipBlank(raw, i+1) {
			nameEnd := skipString(raw, i)
			start := skipBlank(raw, skipBlank(raw, nameEnd)+1)
			end := skipValue(raw, start)
			if !yield(member{name: raw[i+1 : nameEnd-1], start: start, end: end}) {
				return
			}
			i = skipBlank(raw, end)
			if i >= len(raw) || raw[i] != ',' {
				return
			}
		}
	}
}

// elements yields the elements of a JSON array, nothing for other JSON.
func elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i := skipBlank(raw, 0)
		if i >= len(raw) || raw[i] != '[' {
			return
		}
		for i = skipBlank(raw, i+1); i < len(raw) && raw[i] != ']'; {
			end := skipValue(raw, i)
			if !yield(raw[i:end]) {
				return
			}
			if i = skipBlank(raw, end); i < len(raw) && raw[i] == ',' {
				i = skipBlank(raw, i+1)
			}
		}
	}
}

func skipBlank(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\t' || raw[i] == '\n' || raw[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index after the string that starts at i.
func skipString(raw []byte, i int) int {
	for i++; i < len(raw); i++ {
		switch raw[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(raw)
}

// skipValue returns the index after the value that starts at i.
func skipValue(raw []byte, i int) int {
	depth := 0
	for i < len(raw) {
		switch raw[i] {
		case '"':
			i = skipString(raw, i)
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\t', '\n', '\r':
			i++
			continue
		default:
			for i < len(raw) && bytes.IndexByte([]byte(",:]} \t\n\r"), raw[i]) < 0 {
				i++
			}
		}
		if depth <= 0 {
			return i
		}
	}
	return i
}

// valueOf returns the raw value of a member, nil when it is absent. Of a repeated name the last counts.
func valueOf(raw []byte, name string) []byte {
	var found []byte
	for m := range members(raw) {
		if m.is(name) {
			found = raw[m.start:m.end]
		}
	}
	return found
}

// withMember returns a copy of the object in which the member has this value; everything else
// stays byte for byte. Of a repeated name the last is changed; an absent one is appended.
func withMember(raw []byte, name string, value []byte) []byte {
	at, last := member{}, -1
	for m := range members(raw) {
		last = m.end
		if m.is(name) {
			at = m
		}
	}
	out := make([]byte, 0, len(raw)+len(name)+len(value)+4)
	if at.end > 0 {
		out = append(out, raw[:at.start]...)
		out = append(out, value...)
		return append(out, raw[at.end:]...)
	}
	if last < 0 {
		out = append(out, '{')
		out = appendMemberName(out, name)
		out = append(out, value...)
		return append(out, '}')
	}
	out = append(out, raw[:last]...)
	out = append(out, ',')
	out = appendMemberName(out, name)
	out = append(out, value...)
	return append(out, raw[last:]...)
}

func appendMemberName(dst []byte, name string) []byte {
	return append(appendString(dst, name), ':')
}

// appendString appends s as a JSON string.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			quoted, err := jsontext.AppendQuote(dst, s)
			if err != nil { // bad UTF-8: AppendQuote has replaced it
				return quoted
			}
			return quoted
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// unquote returns the characters of a JSON string.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 && len(raw) >= 2 {
		return string(raw[1 : len(raw)-1])
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return string(text)
	}
	return string(text)
}

// textOf returns the characters of a JSON string, the literal of another scalar, "" of null or nothing.
func textOf(raw []byte) string {
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return ""
	case raw[0] == '"':
		return unquote(raw)
	}
	return string(raw)
}

// intOf returns a whole number given as number or text, 0 when there is none.
func intOf(raw []byte) int64 {
	n, err := strconv.ParseInt(textOf(raw), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// unixOf returns the seconds of an instant, 0 when there is none. The documented form is read
// digit by digit, because loading a study reads one or two for every row.
func unixOf(raw []byte) int64 {
	if unix, ok := plainWireTime(raw); ok {
		return unix
	}
	text := textOf(raw)
	if text == "" {
		return 0
	}
	t, err := imednet.ParseTime(text)
	if err != nil {
		return 0
	}
	return t.Unix()
}

// plainWireTime reads "2006-01-02 15:04:05" in quotes.
func plainWireTime(raw []byte) (unix int64, ok bool) {
	const form = `"0000-00-00 00:00:00"`
	if len(raw) != len(form) {
		return 0, false
	}
	for i := range form {
		if digit := raw[i] >= '0' && raw[i] <= '9'; digit != (form[i] == '0') || !digit && raw[i] != form[i] {
			return 0, false
		}
	}
	two := func(i int) int { return int(raw[i]-'0')*10 + int(raw[i+1]-'0') }
	year, month, day := two(1)*100+two(3), two(6), two(9)
	hour, minute, second := two(12), two(15), two(18)
	if month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		return 0, false // the end of a month, or no time at all: the slow way decides
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC).Unix(), true
}

// appendTime appends an instant in wire form as a JSON string.
func appendTime(dst []byte, unix int64) []byte {
	dst = append(dst, '"')
	dst = time.Unix(unix, 0).UTC().AppendFormat(dst, wireLayout)
	return append(dst, '"')
}

// appendDate appends the calendar date of an instant as a JSON string.
func appendDate(dst []byte, unix int64) []byte {
	dst = append(dst, '"')
	dst = time.Unix(unix, 0).UTC().AppendFormat(dst, time.DateOnly)
	return append(dst, '"')
}
