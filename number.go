package imednet

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet/internal/answers"
)

// Number is an exact decimal number of any size, read by [ParseNumber]. The zero value means no
// number. Compare numbers with [Number.Compare] or [Number.Equal], and use [Number.Canonical] as a
// map key: == also compares how the numbers were written.
type Number struct {
	mantissa  uint64      // the significant digits, without leading and trailing zeros; 0 when long is set
	long      *longNumber // what does not fit
	magnitude int64       // the number is 0.DIGITS × 10^magnitude; saturated when long.magnitude is set
	numberShape
}

// numberShape is nested, like numberMarks in it, because the compiler keeps a struct in registers
// only if it has at most four fields in 32 bytes; reading a number otherwise takes twice the time.
type numberShape struct {
	decimals int32 // digits behind the point as written
	digits   uint8 // count of significant digits; 0 for zero, manyDigits when long has them
	numberMarks
}

type numberMarks struct{ negative, padded, valid bool }

// manyDigits represents any number of significant digits above maxMantissaDigits.
const manyDigits = 255

// longNumber holds what the fields of a Number cannot. It is never changed.
type longNumber struct {
	digits    string // more than maxMantissaDigits significant digits, or ""
	magnitude string // a magnitude of maxMagnitude or more, with its sign, or ""
}

const (
	maxMantissaDigits = 19          // digits that fit a uint64
	maxMagnitude      = int64(1e18) // from here on a magnitude is kept as text
)

// NewNumber returns n as a Number.
func NewNumber(n int64) Number {
	var buf [20]byte
	v, _ := ParseNumber(strconv.AppendInt(buf[:0], n, 10))
	return v
}

// IsZero reports whether n is the zero value, which is no number. It does not report whether the
// number is 0; see [Number.Sign].
func (n Number) IsZero() bool { return !n.valid }

// Sign returns -1, 0 or 1. The zero Number gives 0.
func (n Number) Sign() int {
	switch {
	case n.digits == 0:
		return 0
	case n.negative:
		return -1
	}
	return 1
}

// Padded reports whether the text had white space around the number. White space does not change
// the number, but readers of data count it.
func (n Number) Padded() bool { return n.padded }

// Decimals returns the number of digits that the text shows or implies after the decimal point: 2
// for 5.00, 3 for 1.5e-2, 0 for 1e3.
func (n Number) Decimals() int { return int(n.decimals) }

// Equal reports whether n and m are the same number, as are 5, 5.0 and 50e-1. The zero Number
// equals nothing.
func (n Number) Equal(m Number) bool { return n.valid && m.valid && n.Compare(m) == 0 }

// Compare returns -1, 0 or 1 if n is less than, equal to or greater than m. It is exact for all
// exponents. The zero Number comes before every number.
func (n Number) Compare(m Number) int {
	if !n.valid || !m.valid {
		return cmp.Compare(boolNumber(n.valid), boolNumber(m.valid))
	}
	sign := n.Sign()
	if other := m.Sign(); sign != other || sign == 0 {
		return cmp.Compare(sign, other)
	}
	return sign * n.compareSize(m)
}

// compareSize compares the absolute values of two numbers that are not 0.
func (n Number) compareSize(m Number) int {
	if c := cmp.Compare(n.magnitude, m.magnitude); c != 0 {
		return c
	}
	if n.vast() && m.vast() {
		if c := compareVast(n.long.magnitude, m.long.magnitude); c != 0 {
			return c
		}
	}
	if n.digits <= maxMantissaDigits && m.digits <= maxMantissaDigits {
		return cmp.Compare(n.aligned(), m.aligned())
	}
	var a, b [20]byte
	return strings.Compare(string(n.appendDigits(a[:0])), string(m.appendDigits(b[:0])))
}

// aligned returns the digits as an integer of 19 digits.
func (n Number) aligned() uint64 {
	v := n.mantissa
	for range maxMantissaDigits - n.digits {
		v *= 10
	}
	return v
}

// vast reports whether the magnitude does not fit the number's own field.
func (n Number) vast() bool { return n.long != nil && n.long.magnitude != "" }

// compareVast compares two magnitudes of the same sign.
func compareVast(a, b string) int {
	c := cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	if a[0] == '-' {
		return -c
	}
	return c
}

// digitCount returns the number of significant digits.
func (n Number) digitCount() int {
	if n.digits == manyDigits {
		return len(n.long.digits)
	}
	return int(n.digits)
}

func (n Number) appendDigits(dst []byte) []byte {
	if n.long != nil && n.long.digits != "" {
		return append(dst, n.long.digits...)
	}
	return strconv.AppendUint(dst, n.mantissa, 10)
}

// plainMagnitude limits the magnitudes that are written without an exponent.
const plainMagnitude = 21

// Canonical returns the text shared by all spellings of a number: plain digits such as -0.05 or
// 1200 between 10^-21 and 10^21, otherwise digits and an exponent such as 1.5e400. It is a JSON
// number. The zero Number gives "".
func (n Number) Canonical() string {
	var buf [48]byte
	return string(n.AppendCanonical(buf[:0]))
}

// AppendCanonical appends the result of [Number.Canonical] to dst.
func (n Number) AppendCanonical(dst []byte) []byte {
	switch {
	case !n.valid:
		return dst
	case n.digits == 0:
		return append(dst, '0')
	case n.magnitude < -plainMagnitude || n.magnitude > plainMagnitude || n.digitCount() > 2*plainMagnitude:
		return n.appendScientific(dst)
	}
	return n.appendPlain(dst, 0)
}

// shownZeros bounds the zeros that String writes out.
const shownZeros = 400

// String returns the number without an exponent and with as many decimals as its text had: 5.00
// stays 5.00, 1.5e1 becomes 15, and -0.0 keeps its sign. A number that needs more than 400 places
// on either side of the decimal point is written as by [Number.Canonical]. The zero Number gives
// "".
func (n Number) String() string {
	if !n.valid || n.decimals > shownZeros || n.magnitude > shownZeros {
		return n.Canonical()
	}
	return string(n.appendPlain(nil, int(n.decimals)))
}

// MarshalJSON returns the number as [Number.String] writes it; the zero Number gives null.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.valid {
		return []byte("null"), nil
	}
	return []byte(n.String()), nil
}

// appendPlain writes the number without an exponent and with at least the given number of decimals.
func (n Number) appendPlain(dst []byte, decimals int) []byte {
	if n.negative {
		dst = append(dst, '-')
	}
	var buf [20]byte
	digits, whole := n.appendDigits(buf[:0]), int(n.magnitude)
	if n.digits == 0 {
		digits, whole = nil, 0
	}
	if whole <= 0 {
		dst = append(dst, '0')
	}
	for i := range whole {
		dst = append(dst, digitAt(digits, i))
	}
	decimals = max(decimals, len(digits)-whole)
	if decimals > 0 {
		dst = append(dst, '.')
	}
	for i := range decimals {
		dst = append(dst, digitAt(digits, whole+i))
	}
	return dst
}

// digitAt returns a digit by its place after the first, with zeros on both sides.
func digitAt(digits []byte, i int) byte {
	if i < 0 || i >= len(digits) {
		return '0'
	}
	return digits[i]
}

func (n Number) appendScientific(dst []byte) []byte {
	if n.negative {
		dst = append(dst, '-')
	}
	var buf [20]byte
	digits := n.appendDigits(buf[:0])
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(append(dst, '.'), digits[1:]...)
	}
	dst = append(dst, 'e')
	if n.vast() {
		return append(dst, addToVast(n.long.magnitude, -1)...)
	}
	return strconv.AppendInt(dst, n.magnitude-1, 10)
}

// text is what the parsers of this package read: a string or bytes.
type text interface{ answers.Text }

// saturate bounds a count of decimals.
func saturate(n int64) int32 { return int32(min(max(n, 0), math.MaxInt32)) }
