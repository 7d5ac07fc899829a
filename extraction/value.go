package extraction

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// Kind tells what a Value is.
type Kind uint8

// The kinds of a Value. The zero value is KindNull.
const (
	KindNull   Kind = iota
	KindText        // text as it was collected
	KindNumber      // an exact decimal number
	KindBool        // yes or no
	KindDate        // a full or partial date
	KindJSON        // a JSON array or object, kept as it arrived
)

// Value is one value of a canonical row. It is comparable; two values are equal when kind and
// text are.
type Value struct {
	kind Kind
	text string
}

// TextValue returns a text.
func TextValue(s string) Value { return Value{KindText, s} }

// NumberValue returns an exact number; no number is null.
func NumberValue(n Number) Value {
	if n.IsZero() {
		return Value{}
	}
	return Value{KindNumber, string(n)}
}

// FlagValue returns yes or no; Unanswered is null.
func FlagValue(t Tri) Value {
	switch t {
	case Yes:
		return Value{KindBool, "true"}
	case No:
		return Value{KindBool, "false"}
	}
	return Value{}
}

// DateValue returns a date; no date is null.
func DateValue(d PartialDate) Value {
	if d.IsZero() {
		return Value{}
	}
	return Value{KindDate, d.text}
}

// valueOf takes over one answer of a record, with the exact text of its number.
func valueOf(v imednet.Value) Value {
	switch v.Kind() {
	case '"':
		return Value{KindText, v.Text()}
	case '0':
		return Value{KindNumber, v.Text()}
	case 't', 'f':
		return Value{KindBool, v.Text()}
	case '{', '[':
		return Value{KindJSON, string(v.Raw())}
	}
	return Value{}
}

// Kind tells what the value is.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether there is no value.
func (v Value) IsNull() bool { return v.kind == KindNull }

// Missing reports whether there is no value, or text of white space only. Zero and false are
// values.
func (v Value) Missing() bool {
	return v.kind == KindNull || v.kind == KindText && imednet.IsMissing(v.text)
}

// String returns the text: characters, the exact digits of a number, true or false, an ISO 8601
// date, JSON; "" for null.
func (v Value) String() string { return v.text }

// Number returns the number of a number or of numeric text, and whether it is one.
func (v Value) Number() (Number, bool) {
	if v.kind != KindNumber && v.kind != KindText {
		return "", false
	}
	return ParseNumber(v.text)
}

// Date returns the date of a date or of text that is one, and whether it is one.
func (v Value) Date() (PartialDate, bool) {
	if v.kind != KindDate && v.kind != KindText {
		return PartialDate{}, false
	}
	d, err := ParsePartialDate(v.text)
	return d, err == nil && !d.IsZero()
}

// Flag returns the flag and whether it is understood; a missing value is Unanswered and
// understood.
func (v Value) Flag() (flag Tri, known bool) {
	switch v.kind {
	case KindNull:
		return Unanswered, true
	case KindText, KindBool, KindNumber:
		return ParseTri(v.text)
	}
	return Unanswered, false
}

// MarshalJSON returns null, a string, the number's own digits, a boolean, or the JSON as it came.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case KindNull:
		return []byte("null"), nil
	case KindBool, KindJSON:
		return []byte(v.text), nil
	case KindNumber:
		if jsontext.Value(v.text).IsValid() {
			return []byte(v.text), nil
		}
	}
	return jsontext.AppendQuote(nil, v.text)
}
