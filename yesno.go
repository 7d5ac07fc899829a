package imednet

import (
	"errors"

	"github.com/imednetgo/imednet/internal/answers"
)

// YesNo is a flag: yes, no, or unanswered. An unanswered flag is never treated as No.
type YesNo uint8

// The values of a flag. The zero value is [Unknown].
const (
	Unknown YesNo = iota
	No
	Yes
)

// ParseYesNo reads a flag: the ten words of [ParseBool], ignoring case and surrounding white space.
// Missing text is [Unknown] and understood. Any other text is not understood, so that "maybe" can
// be reported and never becomes No.
func ParseYesNo(text string) (flag YesNo, understood bool) {
	if IsMissing(text) {
		return Unknown, true
	}
	value, known := ParseBool(text)
	if !known {
		return Unknown, false
	}
	return YesNoOf(value), true
}

// YesNoOf returns Yes or No.
func YesNoOf(b bool) YesNo {
	if b {
		return Yes
	}
	return No
}

// Bool returns the answer, and whether there is one.
func (f YesNo) Bool() (value, answered bool) { return f == Yes, f == Yes || f == No }

// String returns Y, N or "", as CDISC writes flags.
func (f YesNo) String() string {
	switch f {
	case Yes:
		return "Y"
	case No:
		return "N"
	}
	return ""
}

// MarshalJSON returns true, false or null.
func (f YesNo) MarshalJSON() ([]byte, error) {
	switch f {
	case Yes:
		return []byte("true"), nil
	case No:
		return []byte("false"), nil
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *YesNo) UnmarshalJSON(raw []byte) error {
	switch string(raw) {
	case "true":
		*f = Yes
	case "false":
		*f = No
	case "null":
		*f = Unknown
	default:
		return errors.New("imednet: a flag is true, false or null")
	}
	return nil
}

// IsMissing reports whether text is empty or consists only of white space, including no-break
// spaces. It is the only definition of missing text in this library. It is about answers: for a name,
// see [IsBlank].
func IsMissing(text string) bool { return answers.Blank(text) }

// IsBlank reports whether text names nothing, because nothing of it can be seen: it is empty, or consists
// only of white space, control characters and characters without width, such as U+200B (zero width
// space) and U+FEFF (byte order mark). It is the only definition of a blank name in this library. An
// answer of such characters is text that somebody entered, and not missing; and a name in which anything
// can be seen is used as it is.
func IsBlank(text string) bool { return answers.Invisible(text) }

// ParseBool reads the ten words that count as booleans in study documents, ignoring case and
// surrounding white space: true 1 yes y t, false 0 no n f. Any other text is reported as not known
// and is never taken for false. The only numbers that are flags are 1 and 0; 1.0, 01, -1 and 5.9
// are not.
func ParseBool(text string) (value, known bool) { return answers.Bool(text) }
