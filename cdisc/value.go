package cdisc

import (
	"math"
	"strconv"
	"time"
)

// Value is one cell. [Variable.Type] determines the meaning of its number. The zero Value is
// missing.
type Value struct {
	text string // of a number that was rounded: its bytes in XPORT
	bits uint64
	kind valueKind
}

type valueKind uint8

const (
	missingValue valueKind = iota
	specialValue           // one of the missing values .A to .Z and ._ of SAS; the letter is in bits
	textValue
	integerValue
	floatValue
	booleanValue
)

// Text returns the value of a text, which may be empty; an empty text is not missing.
func Text(s string) Value { return Value{kind: textValue, text: s} }

// Integer returns the value of an integer: a whole number, days or microseconds, according to the
// variable's type.
func Integer(n int64) Value { return Value{kind: integerValue, bits: uint64(n)} }

// Float returns the value of a floating-point number.
func Float(x float64) Value { return Value{kind: floatValue, bits: math.Float64bits(x)} }

// Bool returns the value of a boolean.
func Bool(b bool) Value {
	if b {
		return Value{kind: booleanValue, bits: 1}
	}
	return Value{kind: booleanValue}
}

// special is a missing value of SAS with a letter, as files of others have.
func special(letter byte) Value { return Value{kind: specialValue, bits: uint64(letter)} }

// IsMissing reports whether there is no value. Special missing values of SAS are also missing.
func (v Value) IsMissing() bool { return v.kind <= specialValue }

// Text returns the text, and whether the value is one.
func (v Value) Text() (text string, ok bool) {
	if v.kind != textValue {
		return "", false
	}
	return v.text, true
}

// Integer returns the integer, and whether the value is one.
func (v Value) Integer() (n int64, ok bool) { return int64(v.bits), v.kind == integerValue }

// Float returns the floating-point number, and whether the value is one.
func (v Value) Float() (x float64, ok bool) {
	return math.Float64frombits(v.bits), v.kind == floatValue
}

// Bool returns the boolean, and whether the value is one.
func (v Value) Bool() (b, ok bool) { return v.bits != 0, v.kind == booleanValue }

// The epochs of SAS and of Unix.
const (
	sasDays         = 3653 // from 1960-01-01 to 1970-01-01
	secondsPerDay   = 24 * 60 * 60
	microsPerSecond = 1_000_000
	sasSeconds      = sasDays * secondsPerDay
	microsPerDay    = secondsPerDay * microsPerSecond
)

// sasNumber returns the number that stands for a date or time of this type in SAS: days or seconds
// since 1960-01-01, or seconds since midnight.
func sasNumber(t Type, n int64) float64 {
	switch t {
	case Date:
		return float64(n + sasDays)
	case Datetime:
		return seconds(n, sasSeconds)
	}
	return seconds(n, 0)
}

// seconds converts microseconds. A whole number of seconds is exact; a fraction is the float64 next
// to it, from which the microseconds come back by rounding.
func seconds(micros, offset int64) float64 {
	whole, rest := micros/microsPerSecond, micros%microsPerSecond
	if rest == 0 {
		return float64(whole + offset)
	}
	return float64(micros+offset*microsPerSecond) / microsPerSecond
}

// keepsMicros reports whether the microseconds of a date-time come back from its seconds.
func keepsMicros(n int64) bool {
	return n%microsPerSecond == 0 || int64(math.Round((sasNumber(Datetime, n)-sasSeconds)*microsPerSecond)) == n
}

// appendISO appends a date or time in the complete form of ISO 8601.
func appendISO(dst []byte, t Type, n int64) []byte {
	switch t {
	case Date:
		return time.Unix(n*secondsPerDay, 0).UTC().AppendFormat(dst, time.DateOnly)
	case Datetime:
		return time.UnixMicro(n).UTC().AppendFormat(dst, "2006-01-02T15:04:05.999999")
	}
	return time.UnixMicro(n).UTC().AppendFormat(dst, "15:04:05.999999")
}

// inCalendar reports whether a date can be written: from 1582-10-15, where the calendar of SAS
// begins to be ours, to the year 9999; and whether a time is one of a day.
func inCalendar(t Type, n int64) bool {
	const first, afterLast = -141427, 2932897 // 1582-10-15, 10000-01-01
	switch t {
	case Date:
		return n >= first && n < afterLast
	case Datetime:
		return n >= first*microsPerDay && n < afterLast*microsPerDay
	}
	return n >= 0 && n < microsPerDay
}

// appendNumber appends the shortest decimal that reads back as x. Numbers beyond 2^53 have an
// exponent: readers take digits alone for a whole number, and round it. A negative zero is written
// as 0.
func appendNumber(dst []byte, x float64) []byte {
	if x == 0 {
		return append(dst, '0')
	}
	if whole := int64(x); float64(whole) == x && whole > -1<<53 && whole < 1<<53 {
		return strconv.AppendInt(dst, whole, 10)
	}
	format := byte('f')
	if abs := math.Abs(x); abs < 1e-6 || abs >= 1<<53 {
		format = 'e'
	}
	return strconv.AppendFloat(dst, x, format, -1, 64)
}
