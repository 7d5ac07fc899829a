package imednet

import (
	"bytes"
	"fmt"
	"iter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/answers"
)

// lenient is how everything is read: data with repeated names and bad UTF-8 exist and must survive.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// RecordData is the answers of a record: variable name to value, kept as the JSON that arrived.
// Number text, the order of keys, keys that differ only in case and repeated keys all survive.
// The zero value is an absent recordData.
type RecordData struct {
	raw jsontext.Value
}

// NewRecordData checks that raw is one JSON value and keeps it as it stands (not a copy).
func NewRecordData(raw []byte) (RecordData, error) {
	if !jsontext.Value(raw).IsValid(lenient) {
		return RecordData{}, fmt.Errorf("imednet: recordData is no JSON value (%d bytes)", len(raw))
	}
	return RecordData{raw: bytes.TrimSpace(raw)}, nil
}

// Raw returns the JSON as it arrived: nil when absent, otherwise null, an object, or whatever
// else the server sent. It must not be modified.
func (d RecordData) Raw() jsontext.Value { return d.raw }

// Presence is Absent, Null, Set (an object, even an empty one) or Misfit (any other JSON).
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

// All yields every member in the order of arrival, repeated names included. Anything but an
// object has no members. The values share the record's memory.
func (d RecordData) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if d.Presence() != Set {
			return
		}
		dec := jsontext.NewDecoder(bytes.NewBuffer(d.raw), lenient)
		if _, err := dec.ReadToken(); err != nil {
			return
		}
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return
			}
			key := name.String()
			v, err := dec.ReadValue()
			if err != nil {
				return
			}
			end := dec.InputOffset()
			if !yield(key, Value{d.raw[end-int64(len(v)) : end]}) {
				return
			}
		}
	}
}

// Get returns the value under exactly this name. Of a repeated name the last one counts.
func (d RecordData) Get(name string) (Value, bool) {
	var found Value
	for key, v := range d.All() {
		if key == name {
			found = v
		}
	}
	return found, len(found.raw) > 0
}

// Lookup returns the value of a variable whatever the case of its name, because endpoints differ
// in the case they use. An exact match wins, and of a spelling that is repeated the last one counts
// (see [RecordData.Repeated]). n is the number of spellings that match: 0 is none, and with n > 1
// there is no exact one and the value is empty, since choosing one would be a guess.
func (d RecordData) Lookup(name string) (v Value, n int) {
	if d.Presence() != Set {
		return Value{}, 0
	}
	found := answers.Lookup(d.raw, name)
	return Value{found.Raw}, found.Spellings
}

// Repeated returns the names that stand more than once in the very same spelling, each once and in
// the order of arrival. All but the last of their values are in Raw and All only.
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

// UnmarshalJSONFrom keeps a copy of the JSON value.
func (d *RecordData) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	v, err := dec.ReadValue()
	if err != nil {
		return err
	}
	d.raw = v.Clone()
	return nil
}

// MarshalJSONTo writes the JSON as it arrived; an absent recordData is null.
func (d RecordData) MarshalJSONTo(enc *jsontext.Encoder) error {
	if len(d.raw) == 0 {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteValue(d.raw)
}

// UnmarshalJSON is UnmarshalJSONFrom for encoding/json.
func (d *RecordData) UnmarshalJSON(raw []byte) error {
	d.raw = bytes.Clone(raw)
	return nil
}

// MarshalJSON is MarshalJSONTo for encoding/json.
func (d RecordData) MarshalJSON() ([]byte, error) {
	if len(d.raw) == 0 {
		return []byte("null"), nil
	}
	return d.raw, nil
}

// Value is one answer as it arrived.
type Value struct {
	raw jsontext.Value
}

// NewValue wraps the JSON of one value without checking it.
func NewValue(raw jsontext.Value) Value { return Value{raw} }

// Raw returns the JSON text of the value, with the exact text of numbers. It must not be modified.
func (v Value) Raw() jsontext.Value { return v.raw }

// MarshalJSON returns the value as it arrived; the zero Value is null.
func (v Value) MarshalJSON() ([]byte, error) { return RecordData(v).MarshalJSON() }

// UnmarshalJSON keeps a copy of the JSON of one value.
func (v *Value) UnmarshalJSON(raw []byte) error { return (*RecordData)(v).UnmarshalJSON(raw) }

// Kind is jsontext's: 'n' null, 't' and 'f' booleans, '"' string, '0' number, '{' object, '[' array,
// and 0 for the zero Value.
func (v Value) Kind() jsontext.Kind {
	if len(v.raw) == 0 {
		return 0
	}
	return v.raw.Kind()
}

// Text returns the characters of a string, the exact literal of a number or boolean, "" for null,
// and the JSON of an array or object.
func (v Value) Text() string {
	if v.Kind() == 'n' || v.Kind() == 0 {
		return ""
	}
	s, _ := scalarText(v.raw)
	return s
}

// Missing reports whether there is no answer: absent, null, or text of white space only.
// Zero, false, an empty array and an empty object are answers.
func (v Value) Missing() bool { return answers.Missing(v.raw) }

// Number returns the exact number of a JSON number or of text that is one (see [ParseNumber]), and
// whether the value is a number at all. Booleans, arrays and objects are none.
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

// Int64 returns a whole number of 64 bits, from a JSON number or numeric text, and whether it is
// one. 5.0 and 1e3 are whole; 5.9 is not.
func (v Value) Int64() (int64, bool) {
	n, ok := v.Number()
	if !ok {
		return 0, false
	}
	i, accuracy := n.Int64()
	return i, accuracy == Exact
}

// Float64 returns the nearest float64 of a JSON number or of decimal text, and whether there is
// one. Text that is no number has none, nor has a number too large (1e999) or so small that it
// would become 0 (1e-400). [Value.Number] and [Number.Float64] say which, and whether digits were
// rounded away.
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

// YesNo returns the flag of a JSON boolean, or of text or a number that [ParseYesNo] understands,
// and whether it is understood. A missing value is Unknown and understood.
func (v Value) YesNo() (flag YesNo, understood bool) {
	switch v.Kind() {
	case 0, 'n':
		return Unknown, true
	case '{', '[':
		return Unknown, false
	}
	return ParseYesNo(v.Text())
}

// IsUnicode reports whether [Value.Text] is what arrived. Of text with bytes that are no UTF-8, or
// with half a surrogate pair, Text shows U+FFFD in their place, and only [Value.Raw] has it exactly.
func (v Value) IsUnicode() bool { return answers.IsUnicode(v.raw) }

// Bool returns a JSON boolean, or the text "true" or "false", and whether it is one.
func (v Value) Bool() (value, ok bool) { return parseBoolWord(v.Text()) }
