package imednet

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet/internal/answers"
)

// Presence is how a member appeared on the wire. The API uses absent, null, "" and 0
// interchangeably for "no value"; an [Opt] distinguishes them.
type Presence uint8

const (
	// Absent means the member was not in the object.
	Absent Presence = iota
	// Null means the member was null.
	Null
	// Blank means the member was the empty string.
	Blank
	// Set means the member held a value of the documented type.
	Set
	// Misfit means the member held something else; [Opt.Raw] returns its JSON.
	Misfit
)

// String returns the name in lower case.
func (s Presence) String() string {
	names := [...]string{"absent", "null", "blank", "set", "misfit"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("Presence(%d)", uint8(s))
}

// Scalar is the set of types that a scalar member of an API row can have.
type Scalar interface {
	string | int64 | bool | Time | Date
}

// Opt is a scalar member of an API row that may be missing. Its zero value is [Absent]. A member
// whose JSON does not fit the type is kept as a [Misfit]; it neither fails the row nor becomes zero
// (see [Misfits]).
type Opt[T Scalar] struct {
	value T
	raw   string // the member's JSON, only when state is Misfit
	state Presence
}

// Some returns an Opt that is set to v. The empty string gives [Blank].
func Some[T Scalar](v T) Opt[T] {
	if s, ok := any(v).(string); ok && s == "" {
		return Opt[T]{state: Blank}
	}
	return Opt[T]{value: v, state: Set}
}

// NullOf returns an Opt that is [Null].
func NullOf[T Scalar]() Opt[T] { return Opt[T]{state: Null} }

// Get returns the value and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == Set }

// Or returns the value, or fallback if there is none.
func (o Opt[T]) Or(fallback T) T {
	if o.state == Set {
		return o.value
	}
	return fallback
}

// Presence reports how the member appeared on the wire.
func (o Opt[T]) Presence() Presence { return o.state }

// String returns the value as text, "" if there is none, or the JSON of a misfit.
func (o Opt[T]) String() string {
	switch o.state {
	case Set:
		return fmt.Sprint(o.value)
	case Misfit:
		return o.raw
	}
	return ""
}

// IsSet reports whether there is a value.
func (o Opt[T]) IsSet() bool { return o.state == Set }

// IsZero reports whether the member was absent. Encoders then omit it.
func (o Opt[T]) IsZero() bool { return o.state == Absent }

// Raw returns the member's JSON if it is a [Misfit], otherwise nil.
func (o Opt[T]) Raw() jsontext.Value {
	if o.state != Misfit {
		return nil
	}
	return jsontext.Value(o.raw)
}

// wireValue returns the member as a Value, and whether it was present.
func (o Opt[T]) wireValue() (Value, bool) {
	if o.state == Absent {
		return Value{}, false
	}
	raw, err := o.MarshalJSON()
	return Value{raw}, err == nil
}

// UnmarshalJSONFrom reads any JSON value. A value that does not fit T becomes a [Misfit].
func (o *Opt[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	raw, err := dec.ReadValue()
	if err != nil {
		return err
	}
	o.decode(raw, nil)
	return nil
}

func (o *Opt[T]) decode(raw jsontext.Value, words *vocabulary) {
	*o = Opt[T]{}
	switch {
	case raw.Kind() == 'n':
		o.state = Null
	case string(raw) == `""`:
		o.state = Blank
	case decodeScalar(raw, &o.value, words):
		o.state = Set
	default:
		o.state, o.value, o.raw = Misfit, *new(T), string(raw)
	}
}

// MarshalJSONTo writes the member as it arrived: null, "", the value, or the JSON of a misfit.
// Inside an object `omitzero` leaves out an absent member; elsewhere it becomes null.
func (o Opt[T]) MarshalJSONTo(enc *jsontext.Encoder) error {
	switch o.state {
	case Blank:
		return enc.WriteToken(jsontext.String(""))
	case Set:
		return encodeScalar(enc, any(o.value))
	case Misfit:
		return enc.WriteValue(jsontext.Value(o.raw))
	default:
		return enc.WriteToken(jsontext.Null)
	}
}

// UnmarshalJSON does for encoding/json what UnmarshalJSONFrom does.
func (o *Opt[T]) UnmarshalJSON(raw []byte) error {
	o.decode(raw, nil)
	return nil
}

// MarshalJSON does for encoding/json what MarshalJSONTo does.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	return json.Marshal(o, lenient, jsontext.PreserveRawStrings(true))
}

func encodeScalar(enc *jsontext.Encoder, v any) error {
	switch v := v.(type) {
	case string:
		return enc.WriteToken(jsontext.String(v))
	case int64:
		return enc.WriteToken(jsontext.Int(v))
	case bool:
		return enc.WriteToken(jsontext.Bool(v))
	case Time:
		return enc.WriteToken(jsontext.String(v.String()))
	case Date:
		return enc.WriteToken(jsontext.String(v.String()))
	}
	return fmt.Errorf("imednet: no scalar: %T", v)
}

// decodeScalar reads raw into the scalar that target points to and reports whether it fits.
// Ids arrive as numbers and as numeric text, booleans also as "true" and "false", text fields
// sometimes as numbers (API contract, section 4). Texts come from words, which may be nil.
func decodeScalar(raw jsontext.Value, target any, words *vocabulary) (fits bool) {
	kind, text, unicode := raw.Kind(), []byte(raw), true
	if kind == '"' {
		text, unicode = answers.Unquote(raw, nil)
	}
	switch target := target.(type) {
	case *string:
		*target = words.text(text)
		return kind != '{' && kind != '[' && unicode // a replaced character would be another key
	case *int64:
		*target, fits = parseInteger(text)
		return fits && (kind == '"' || kind == '0')
	case *bool:
		*target, fits = parseBoolWord(string(text))
	case *Time:
		var err error
		*target, err = parseWireTime(raw, string(text), kind == '"')
		fits = err == nil
	case *Date:
		var err error
		*target, err = ParseDate(string(text))
		fits = err == nil && kind == '"'
	}
	return fits
}

// scalarText returns the text of a JSON string, or the literal itself for other kinds.
func scalarText(raw jsontext.Value) (text string, isText bool) {
	if raw.Kind() != '"' {
		return string(raw), false
	}
	return string(unquoted(raw)), true
}

// parseInteger reads a whole number of 64 bits by the rules of [Number]: 5.0 and 5e0 are whole, 5.9
// is not.
func parseInteger[T ~string | ~[]byte](text T) (int64, bool) {
	n, ok := ParseNumber(text)
	v, accuracy := n.Int64()
	return v, ok && accuracy == Exact
}

func parseBoolWord(s string) (value, ok bool) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}
