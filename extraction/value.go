package extraction

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// Kind is what a [CanonicalValue] holds.
type Kind uint8

// The kinds of a CanonicalValue. The zero value is KindNull.
const (
	KindNull   Kind = iota
	KindText        // text as it was collected
	KindNumber      // an exact decimal number
	KindBool        // yes or no
	KindDate        // a full or partial date
	KindJSON        // a JSON array or object, kept as it arrived
)

// CanonicalValue is one value of a canonical row. It is comparable; two values are equal when kind and
// text are.
type CanonicalValue struct {
	kind Kind
	text string
}

// TextValue returns a text.
func TextValue(s string) CanonicalValue { return CanonicalValue{KindText, s} }

// NumberValue returns an exact number; no number is null.
func NumberValue(n Number) CanonicalValue {
	if n.IsZero() {
		return CanonicalValue{}
	}
	return CanonicalValue{KindNumber, string(n)}
}

// FlagValue returns yes or no; Unanswered is null.
func FlagValue(t Tri) CanonicalValue {
	switch t {
	case Yes:
		return CanonicalValue{KindBool, "true"}
	case No:
		return CanonicalValue{KindBool, "false"}
	}
	return CanonicalValue{}
}

// DateValue returns a date; no date is null.
func DateValue(d PartialDate) CanonicalValue {
	if d.IsZero() {
		return CanonicalValue{}
	}
	return CanonicalValue{KindDate, d.text}
}

// valueOf takes over one answer of a record, with the exact text of its number.
func valueOf(v imednet.Value) CanonicalValue {
	switch v.Kind() {
	case '"':
		return CanonicalValue{KindText, v.Text()}
	case '0':
		return CanonicalValue{KindNumber, v.Text()}
	case 't', 'f':
		return CanonicalValue{KindBool, v.Text()}
	case '{', '[':
		return CanonicalValue{KindJSON, string(v.Raw())}
	}
	return CanonicalValue{}
}

// Kind returns what the value holds.
func (v CanonicalValue) Kind() Kind { return v.kind }

// IsNull reports whether there is no value.
func (v CanonicalValue) IsNull() bool { return v.kind == KindNull }

// Missing reports whether there is no value, or text of white space only. Zero and false are
// values.
func (v CanonicalValue) Missing() bool {
	return v.kind == KindNull || v.kind == KindText && imednet.IsMissing(v.text)
}

// String returns the text: characters, the exact digits of a number, true or false, an ISO 8601
// date, JSON; "" for null.
func (v CanonicalValue) String() string { return v.text }

// Number returns the number of a number or of numeric text, and whether it is one.
func (v CanonicalValue) Number() (Number, bool) {
	if v.kind != KindNumber && v.kind != KindText {
		return "", false
	}
	return ParseNumber(v.text)
}

// Date returns the date of a date or of text that is one, and whether it is one.
func (v CanonicalValue) Date() (PartialDate, bool) {
	if v.kind != KindDate && v.kind != KindText {
		return PartialDate{}, false
	}
	d, err := ParsePartialDate(v.text)
	return d, err == nil && !d.IsZero()
}

// Flag returns the flag and whether it is understood; a missing value is Unanswered and
// understood.
func (v CanonicalValue) Flag() (flag Tri, known bool) {
	switch v.kind {
	case KindNull:
		return Unanswered, true
	case KindText, KindBool, KindNumber:
		return ParseTri(v.text)
	}
	return Unanswered, false
}

// MarshalJSON returns null, a string, the number's own digits, a boolean, or the JSON as it came.
func (v CanonicalValue) MarshalJSON() ([]byte, error) {
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
