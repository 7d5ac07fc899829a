package extraction

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// Kind is the kind of a [CanonicalValue].
type Kind uint8

// The kinds of a [CanonicalValue]. The zero value is [KindNull].
const (
	KindNull   Kind = iota
	KindText        // text as collected
	KindNumber      // an exact decimal number
	KindBool        // yes or no
	KindDate        // a full or partial date
	KindJSON        // a JSON array or object, kept as it arrived
)

// CanonicalValue is one value of a canonical row. It is comparable: two values are == if their
// kinds and texts are equal. [CanonicalValue.Same] compares their meaning.
type CanonicalValue struct {
	kind Kind
	text string
}

// TextValue returns a text.
func TextValue(s string) CanonicalValue { return CanonicalValue{KindText, s} }

// NumberValue returns an exact number with the decimals of its text. The zero Number becomes null.
func NumberValue(n imednet.Number) CanonicalValue {
	if n.IsZero() {
		return CanonicalValue{}
	}
	return CanonicalValue{KindNumber, n.String()}
}

// FlagValue returns yes or no. [imednet.Unknown] becomes null.
func FlagValue(f imednet.YesNo) CanonicalValue {
	switch f {
	case imednet.Yes:
		return CanonicalValue{KindBool, "true"}
	case imednet.No:
		return CanonicalValue{KindBool, "false"}
	}
	return CanonicalValue{}
}

// DateValue returns a date with its canonical ISO 8601 text. The zero PartialDate becomes null.
func DateValue(d imednet.PartialDate) CanonicalValue {
	if d.IsZero() {
		return CanonicalValue{}
	}
	return CanonicalValue{KindDate, d.String()}
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

// Kind returns the kind of the value.
func (v CanonicalValue) Kind() Kind { return v.kind }

// IsNull reports whether there is no value.
func (v CanonicalValue) IsNull() bool { return v.kind == KindNull }

// Missing reports whether there is no value or text that is only white space. Zero and false are
// values.
func (v CanonicalValue) Missing() bool {
	return v.kind == KindNull || v.kind == KindText && imednet.IsMissing(v.text)
}

// String returns the value as text: characters, the exact digits of a number, true or false, an ISO
// 8601 date, or JSON; "" for null.
func (v CanonicalValue) String() string { return v.text }

// Number returns the number of a number or of numeric text, and whether there is one.
func (v CanonicalValue) Number() (imednet.Number, bool) {
	if v.kind != KindNumber && v.kind != KindText {
		return imednet.Number{}, false
	}
	return imednet.ParseNumber(v.text)
}

// Date returns the date of a date or of text that denotes one, and whether there is one.
func (v CanonicalValue) Date() (imednet.PartialDate, bool) {
	if v.kind != KindDate && v.kind != KindText {
		return imednet.PartialDate{}, false
	}
	d, err := imednet.ParsePartialDate(v.text)
	return d, err == nil && !d.IsZero()
}

// Flag returns the flag, and whether it is understood. A missing value is [imednet.Unknown] and
// understood.
func (v CanonicalValue) Flag() (flag imednet.YesNo, understood bool) {
	switch v.kind {
	case KindNull:
		return imednet.Unknown, true
	case KindText, KindBool, KindNumber:
		return imednet.ParseYesNo(v.text)
	}
	return imednet.Unknown, false
}

// Same reports whether two values have the same meaning: numbers are compared by value, so that 50
// equals 50.0, dates by meaning, and everything else by text. A missing value is the same only as
// another missing value.
func (v CanonicalValue) Same(w CanonicalValue) bool {
	if v.Missing() || w.Missing() {
		return v.Missing() && w.Missing()
	}
	if n, ok := v.Number(); ok {
		m, both := w.Number()
		return both && n.Equal(m)
	}
	if v.kind == KindDate || w.kind == KindDate {
		d, okD := v.Date()
		e, okE := w.Date()
		return okD && okE && d == e
	}
	return v.text == w.text
}

// MarshalJSON returns null, a string, the digits of the number as written, a boolean, or the JSON
// as it arrived.
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
