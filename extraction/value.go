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

// CanonicalValue is one value of a canonical row. It is comparable; two values are == when kind and
// text are, and [CanonicalValue.Same] when they mean the same.
type CanonicalValue struct {
	kind Kind
	text string
}

// TextValue returns a text.
func TextValue(s string) CanonicalValue { return CanonicalValue{KindText, s} }

// NumberValue returns an exact number, with the decimals that its text had; no number is null.
func NumberValue(n imednet.Number) CanonicalValue {
	if n.IsZero() {
		return CanonicalValue{}
	}
	return CanonicalValue{KindNumber, n.String()}
}

// FlagValue returns yes or no; Unknown is null.
func FlagValue(f imednet.YesNo) CanonicalValue {
	switch f {
	case imednet.Yes:
		return CanonicalValue{KindBool, "true"}
	case imednet.No:
		return CanonicalValue{KindBool, "false"}
	}
	return CanonicalValue{}
}

// DateValue returns a date in its canonical ISO 8601 text; no date is null.
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
func (v CanonicalValue) Number() (imednet.Number, bool) {
	if v.kind != KindNumber && v.kind != KindText {
		return imednet.Number{}, false
	}
	return imednet.ParseNumber(v.text)
}

// Date returns the date of a date or of text that is one, and whether it is one.
func (v CanonicalValue) Date() (imednet.PartialDate, bool) {
	if v.kind != KindDate && v.kind != KindText {
		return imednet.PartialDate{}, false
	}
	d, err := imednet.ParsePartialDate(v.text)
	return d, err == nil && !d.IsZero()
}

// Flag returns the flag and whether it is understood; a missing value is Unknown and understood.
func (v CanonicalValue) Flag() (flag imednet.YesNo, understood bool) {
	switch v.kind {
	case KindNull:
		return imednet.Unknown, true
	case KindText, KindBool, KindNumber:
		return imednet.ParseYesNo(v.text)
	}
	return imednet.Unknown, false
}

// Same reports whether two values mean the same: numbers by their value, so that 50 and 50.0 are
// one, dates by what they say, everything else by its text. A value is the same as no value only
// where both are missing.
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
