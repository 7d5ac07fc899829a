package imednet

import (
	"bytes"
	"fmt"
	"iter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/jsonscan"
)

// lenient is used for all reading: data with repeated names and invalid UTF-8 exist and must
// survive.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// RecordData holds the answers of a record by variable name, kept as the JSON that arrived. It
// preserves the text of numbers, the order of keys, keys that differ only in case, and repeated
// keys. The zero value is an absent recordData.
type RecordData struct {
	raw jsontext.Value
}

// NewRecordData checks that raw is one JSON value and keeps it without copying.
func NewRecordData(raw []byte) (RecordData, error) {
	if !jsontext.Value(raw).IsValid(lenient) {
		return RecordData{}, fmt.Errorf("imednet: recordData is not a JSON value (%d bytes)", len(raw))
	}
	return RecordData{raw: bytes.TrimSpace(raw)}, nil
}

// Raw returns the JSON as it arrived: nil if absent, otherwise null, an object, or whatever else
// the server sent. It must not be modified.
func (d RecordData) Raw() jsontext.Value { return d.raw }

// Presence returns [Absent], [Null], [Set] (an object, even an empty one) or [Misfit] (any other
// JSON).
func (d RecordData) Presence() Presence {
	switch {
	case len(d.raw) == 0:
		return Absent
	case d.raw.Kind() == 'n':
		return Null
	case d.raw.Kind() == '{':
		return Set
	}
	return Misfit
}

// IsZero reports whether recordData was absent.
func (d RecordData) IsZero() bool { return len(d.raw) == 0 }

// All yields every member in order of arrival, including repeated names. Anything but an object has
// no members. The values share the record's memory.
func (d RecordData) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if d.Presence() != Set {
			return
		}
		words := vocabularies.Get().(*vocabulary)
		defer vocabularies.Put(words)
		for members := jsonscan.WalkObject(d.raw); members.Next(); {
			name := members.Name[1 : len(members.Name)-1]
			if !members.ASCII {
				name = unquoted(members.Name)
			}
			value := members.Value()
			if value == nil || !yield(words.text(name), Value{value}) {
				return
			}
		}
	}
}

// Get returns the value under exactly this name, and whether there is one. The last occurrence of a
// repeated name counts.
func (d RecordData) Get(name string) (Value, bool) {
	var found Value
	for key, v := range d.All() {
		if key == name {
			found = v
		}
	}
	return found, len(found.raw) > 0
}

// Lookup returns the value of a variable, ignoring the case of its name, because endpoints differ
// in the case they use. An exact match takes precedence, and the last occurrence of a repeated
// spelling counts (see [RecordData.Repeated]). n is the number of spellings that match. If n > 1
// none is exact, and the value is empty because choosing one would be a guess.
func (d RecordData) Lookup(name string) (v Value, n int) {
	if d.Presence() != Set {
		return Value{}, 0
	}
	found := answers.Lookup(d.raw, name)
	return Value{found.Raw}, found.Spellings
}

// Repeated returns the names that occur more than once in exactly the same spelling, each once and
// in order of arrival. Only [RecordData.Raw] and [RecordData.All] show any but the last of their
// values.
func (d RecordData) Repeated() []string {
	seen := map[string]int{}
	var repeated []string
	for name := range d.All() {
		if seen[name]++; seen[name] == 2 {
			repeated = append(repeated, name)
		}
	}
	return repeated
}

// UnmarshalJSONFrom reads any JSON value and keeps a copy of it.
func (d *RecordData) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	v, err := dec.ReadValue()
	if err != nil {
		return err
	}
	d.raw = v.Clone()
	return nil
}

// MarshalJSONTo writes the JSON as it arrived. An absent recordData becomes null.
func (d RecordData) MarshalJSONTo(enc *jsontext.Encoder) error {
	if len(d.raw) == 0 {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteValue(d.raw)
}

// UnmarshalJSON does for encoding/json what UnmarshalJSONFrom does.
func (d *RecordData) UnmarshalJSON(raw []byte) error {
	d.raw = bytes.Clone(raw)
	return nil
}

// MarshalJSON does for encoding/json what MarshalJSONTo does.
func (d RecordData) MarshalJSON() ([]byte, error) {
	if len(d.raw) == 0 {
		return []byte("null"), nil
	}
	return d.raw, nil
}

// Value is one answer of a record as it arrived.
type Value struct {
	raw jsontext.Value
}

// NewValue wraps the JSON of one value without checking it.
func NewValue(raw jsontext.Value) Value { return Value{raw} }

// Raw returns the JSON of the value, with numbers exactly as written. It must not be modified.
func (v Value) Raw() jsontext.Value { return v.raw }

// MarshalJSON returns the value as it arrived. The zero Value becomes null.
func (v Value) MarshalJSON() ([]byte, error) { return RecordData(v).MarshalJSON() }

// UnmarshalJSON keeps a copy of the JSON of one value.
func (v *Value) UnmarshalJSON(raw []byte) error { return (*RecordData)(v).UnmarshalJSON(raw) }

// Kind returns the kind of JSON value as package jsontext defines it: 'n' null, 't' and 'f'
// booleans, '"' string, '0' number, '{' object, '[' array, and 0 for the zero Value.
func (v Value) Kind() jsontext.Kind {
	if len(v.raw) == 0 {
		return 0
	}
	return v.raw.Kind()
}

// Text returns the characters of a string, the literal of a number or boolean exactly as written,
// "" for null, and the JSON of an array or object.
func (v Value) Text() string {
	if v.Kind() == 'n' || v.Kind() == 0 {
		return ""
	}
	s, _ := scalarText(v.raw)
	return s
}

// Missing reports whether there is no answer: the value is absent, null, or text that is only white
// space. Zero, false, an empty array and an empty object are answers.
func (v Value) Missing() bool { return answers.Missing(v.raw) }

// Number returns the exact number denoted by a JSON number or by text (see [ParseNumber]), and
// whether the value is a number. Booleans, arrays and objects are not.
func (v Value) Number() (Number, bool) {
	switch v.Kind() {
	case '0':
		return ParseNumber(v.raw)
	case '"':
		text, unicode := answers.Unquote(v.raw, nil)
		if !unicode {
			return Number{}, false
		}
		return ParseNumber(text)
	}
	return Number{}, false
}

// Int64 returns the 64-bit integer denoted by a JSON number or by numeric text, and whether it is
// one. 5.0 and 1e3 are integers; 5.9 is not.
func (v Value) Int64() (int64, bool) {
	n, ok := v.Number()
	if !ok {
		return 0, false
	}
	i, accuracy := n.Int64()
	return i, accuracy == Exact
}

// Float64 returns the float64 nearest to a JSON number or to decimal text, and whether there is
// one. There is none for text that is not a number, for a number that is too large (1e999), and for
// one so small that it would become 0 (1e-400). [Value.Number] and [Number.Float64] distinguish
// these cases and report rounding.
func (v Value) Float64() (float64, bool) {
	n, ok := v.Number()
	if !ok {
		return 0, false
	}
	f, accuracy := n.Float64()
	if accuracy == Overflow || accuracy == Underflow {
		return 0, false
	}
	return f, true
}

// YesNo returns the flag denoted by a JSON boolean, or by text or a number that [ParseYesNo]
// understands, and whether the value is understood. A missing value is [Unknown] and understood.
func (v Value) YesNo() (flag YesNo, understood bool) {
	switch v.Kind() {
	case 0, 'n':
		return Unknown, true
	case '{', '[':
		return Unknown, false
	}
	return ParseYesNo(v.Text())
}

// IsUnicode reports whether [Value.Text] is exactly what arrived. Text replaces bytes that are not
// UTF-8, and unpaired surrogates, with U+FFFD; only [Value.Raw] then holds the exact text.
func (v Value) IsUnicode() bool { return answers.IsUnicode(v.raw) }

// Bool returns the value of a JSON boolean or of the text "true" or "false", and whether it is one
// of these.
func (v Value) Bool() (value, ok bool) { return parseBoolWord(v.Text()) }
