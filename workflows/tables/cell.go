package tables

import (
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// cell is one populated answer: its JSON kind, and the characters of a string or the literal of
// anything else.
type cell struct {
	kind jsontext.Kind
	text []byte
}

// newCell unquotes raw. Text that is no valid Unicode cannot stand in an Arrow string and is
// refused.
func newCell(raw []byte) (cell, Reason) {
	kind := jsontext.Value(raw).Kind()
	if kind != '"' {
		if !utf8.Valid(raw) {
			return cell{}, ReasonNotUnicode
		}
		return cell{kind, raw}, ""
	}
	text := raw[1 : len(raw)-1]
	if answers.Plain(text) {
		return cell{kind, text}, ""
	}
	return unquotedCell(raw)
}

func unquotedCell(raw []byte) (cell, Reason) {
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return cell{}, ReasonNotUnicode
	}
	return cell{'"', text}, ""
}

// numberOf reads a JSON number or a text that is a decimal number.
func numberOf(c cell) (imednet.Number, bool) {
	if c.kind != '0' && c.kind != '"' {
		return imednet.Number{}, false
	}
	return imednet.ParseNumber(c.text)
}

// padded reports whether white space stands around the text of a cell.
func (c cell) padded() bool { return c.kind == '"' && len(answers.TrimSpace(c.text)) != len(c.text) }
