package imednet

// The models are json.Marshaler and json.Unmarshaler, so that encoding/json and its successor keep
// as much of a row as Encode and Decode do.

// MarshalJSON returns the JSON of [Encode].
func (s Study) MarshalJSON() ([]byte, error) { return Encode(s) }

// UnmarshalJSON reads a row as [Decode] does.
func (s *Study) UnmarshalJSON(raw []byte) error { return decodeInto(s, raw) }

// MarshalJSON returns the JSON of [Encode].
func (s Site) MarshalJSON() ([]byte, error) { return Encode(s) }

// UnmarshalJSON reads a row as [Decode] does.
func (s *Site) UnmarshalJSON(raw []byte) error { return decodeInto(s, raw) }

// MarshalJSON returns the JSON of [Encode].
func (f Form) MarshalJSON() ([]byte, error) { return Encode(f) }

// UnmarshalJSON reads a row as [Decode] does.
func (f *Form) UnmarshalJSON(raw []byte) error { return decodeInto(f, raw) }

// MarshalJSON returns the JSON of [Encode].
func (i Interval) MarshalJSON() ([]byte, error) { return Encode(i) }

// UnmarshalJSON reads a row as [Decode] does.
func (i *Interval) UnmarshalJSON(raw []byte) error { return decodeInto(i, raw) }

// MarshalJSON returns the JSON of [Encode].
func (v Variable) MarshalJSON() ([]byte, error) { return Encode(v) }

// UnmarshalJSON reads a row as [Decode] does.
func (v *Variable) UnmarshalJSON(raw []byte) error { return decodeInto(v, raw) }

// MarshalJSON returns the JSON of [Encode].
func (s Subject) MarshalJSON() ([]byte, error) { return Encode(s) }

// UnmarshalJSON reads a row as [Decode] does.
func (s *Subject) UnmarshalJSON(raw []byte) error { return decodeInto(s, raw) }

// MarshalJSON returns the JSON of [Encode].
func (v Visit) MarshalJSON() ([]byte, error) { return Encode(v) }

// UnmarshalJSON reads a row as [Decode] does.
func (v *Visit) UnmarshalJSON(raw []byte) error { return decodeInto(v, raw) }

// MarshalJSON returns the JSON of [Encode].
func (u User) MarshalJSON() ([]byte, error) { return Encode(u) }

// UnmarshalJSON reads a row as [Decode] does.
func (u *User) UnmarshalJSON(raw []byte) error { return decodeInto(u, raw) }

// MarshalJSON returns the JSON of [Encode].
func (r Record) MarshalJSON() ([]byte, error) { return Encode(r) }

// UnmarshalJSON reads a row as [Decode] does.
func (r *Record) UnmarshalJSON(raw []byte) error { return decodeInto(r, raw) }

// MarshalJSON returns the JSON of [Encode].
func (r RecordRevision) MarshalJSON() ([]byte, error) { return Encode(r) }

// UnmarshalJSON reads a row as [Decode] does.
func (r *RecordRevision) UnmarshalJSON(raw []byte) error { return decodeInto(r, raw) }

// MarshalJSON returns the JSON of [Encode].
func (q Query) MarshalJSON() ([]byte, error) { return Encode(q) }

// UnmarshalJSON reads a row as [Decode] does.
func (q *Query) UnmarshalJSON(raw []byte) error { return decodeInto(q, raw) }

// MarshalJSON returns the JSON of [Encode].
func (c Coding) MarshalJSON() ([]byte, error) { return Encode(c) }

// UnmarshalJSON reads a row as [Decode] does.
func (c *Coding) UnmarshalJSON(raw []byte) error { return decodeInto(c, raw) }

// MarshalJSON returns the JSON of [Encode].
func (j Job) MarshalJSON() ([]byte, error) { return Encode(j) }

// UnmarshalJSON reads a row as [Decode] does.
func (j *Job) UnmarshalJSON(raw []byte) error { return decodeInto(j, raw) }

func decodeInto[T any, P modelOf[T]](p P, raw []byte) error {
	row, err := Decode[T, P](raw)
	if err == nil {
		*p = row
	}
	return err
}
