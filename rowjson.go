package imednet

// The models are json.Marshaler and json.Unmarshaler, so that encoding/json and its successor keep
// as much of a row as Encode and Decode do.

// MarshalJSON is Encode.
func (s Study) MarshalJSON() ([]byte, error) { return Encode(s) }

// UnmarshalJSON is Decode.
func (s *Study) UnmarshalJSON(raw []byte) error { return decodeInto(s, raw) }

// MarshalJSON is Encode.
func (s Site) MarshalJSON() ([]byte, error) { return Encode(s) }

// UnmarshalJSON is Decode.
func (s *Site) UnmarshalJSON(raw []byte) error { return decodeInto(s, raw) }

// MarshalJSON is Encode.
func (f Form) MarshalJSON() ([]byte, error) { return Encode(f) }

// UnmarshalJSON is Decode.
func (f *Form) UnmarshalJSON(raw []byte) error { return decodeInto(f, raw) }

// MarshalJSON is Encode.
func (i Interval) MarshalJSON() ([]byte, error) { return Encode(i) }

// UnmarshalJSON is Decode.
func (i *Interval) UnmarshalJSON(raw []byte) error { return decodeInto(i, raw) }

// MarshalJSON is Encode.
func (v Variable) MarshalJSON() ([]byte, error) { return Encode(v) }

// UnmarshalJSON is Decode.
func (v *Variable) UnmarshalJSON(raw []byte) error { return decodeInto(v, raw) }

// MarshalJSON is Encode.
func (s Subject) MarshalJSON() ([]byte, error) { return Encode(s) }

// UnmarshalJSON is Decode.
func (s *Subject) UnmarshalJSON(raw []byte) error { return decodeInto(s, raw) }

// MarshalJSON is Encode.
func (v Visit) MarshalJSON() ([]byte, error) { return Encode(v) }

// UnmarshalJSON is Decode.
func (v *Visit) UnmarshalJSON(raw []byte) error { return decodeInto(v, raw) }

// MarshalJSON is Encode.
func (u User) MarshalJSON() ([]byte, error) { return Encode(u) }

// UnmarshalJSON is Decode.
func (u *User) UnmarshalJSON(raw []byte) error { return decodeInto(u, raw) }

// MarshalJSON is Encode.
func (r Record) MarshalJSON() ([]byte, error) { return Encode(r) }

// UnmarshalJSON is Decode.
func (r *Record) UnmarshalJSON(raw []byte) error { return decodeInto(r, raw) }

// MarshalJSON is Encode.
func (r RecordRevision) MarshalJSON() ([]byte, error) { return Encode(r) }

// UnmarshalJSON is Decode.
func (r *RecordRevision) UnmarshalJSON(raw []byte) error { return decodeInto(r, raw) }

// MarshalJSON is Encode.
func (q Query) MarshalJSON() ([]byte, error) { return Encode(q) }

// UnmarshalJSON is Decode.
func (q *Query) UnmarshalJSON(raw []byte) error { return decodeInto(q, raw) }

// MarshalJSON is Encode.
func (c Coding) MarshalJSON() ([]byte, error) { return Encode(c) }

// UnmarshalJSON is Decode.
func (c *Coding) UnmarshalJSON(raw []byte) error { return decodeInto(c, raw) }

// MarshalJSON is Encode.
func (j Job) MarshalJSON() ([]byte, error) { return Encode(j) }

// UnmarshalJSON is Decode.
func (j *Job) UnmarshalJSON(raw []byte) error { return decodeInto(j, raw) }

func decodeInto[T any, P modelOf[T]](p P, raw []byte) error {
	row, err := Decode[T, P](raw)
	if err == nil {
		*p = row
	}
	return err
}
