package extraction

import "github.com/imednetgo/imednet"

// Tri is a safety flag: yes, no, or not answered. There is no default: a flag that nobody
// answered is never No.
type Tri uint8

// The states of a flag. The zero value is Unanswered.
const (
	Unanswered Tri = iota
	No
	Yes
)

// ParseTri reads a flag: true 1 yes y t, and false 0 no n f, in any case and with white space
// around. Blank text is Unanswered and known; any other text is not known, so that "maybe" can
// be reported and never becomes No.
func ParseTri(text string) (flag Tri, known bool) {
	if imednet.IsMissing(text) {
		return Unanswered, true
	}
	value, known := imednet.ParseBool(text)
	if !known {
		return Unanswered, false
	}
	return TriOf(value), true
}

// TriOf returns Yes or No.
func TriOf(b bool) Tri {
	if b {
		return Yes
	}
	return No
}

// Bool returns the answer and whether there is one.
func (t Tri) Bool() (value, answered bool) { return t == Yes, t != Unanswered }

// String returns "Y", "N" or "", as CDISC flags are written.
func (t Tri) String() string {
	switch t {
	case Yes:
		return "Y"
	case No:
		return "N"
	}
	return ""
}

// MarshalJSON returns true, false or null.
func (t Tri) MarshalJSON() ([]byte, error) {
	switch t {
	case Yes:
		return []byte("true"), nil
	case No:
		return []byte("false"), nil
	}
	return []byte("null"), nil
}
