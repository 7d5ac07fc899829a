package imednet

import (
	"math"
	"math/bits"
	"strconv"

	"github.com/imednetgo/imednet/internal/answers"
)

// ParseNumber reads a decimal number from text, or from the bytes of a JSON number, and reports
// whether it is one. These are numbers:
//
//	5  -0.50  1.5e3  1E+3    what JSON has
//	+5  007  .5  5.  +.5e-2  what people and tables write besides
//	" 5"  "5\u00a0"          with white space around, no-break spaces included: the same number,
//	                         and [Number.Padded] reports it
//
// These are not: text without a digit, inner white space (1 000), separators (1,000 and 1_000), a
// decimal comma, hexadecimal, NaN and infinities, digits of other scripts, and the minus sign
// U+2212. Every number is read exactly, regardless of its digits and exponent, in time linear in
// the length of the text. Numbers of up to 19 significant digits are read without allocating.
func ParseNumber[T ~string | ~[]byte](text T) (Number, bool) {
	if n, ok := readPlain(text); ok {
		return n, true
	}
	return parseAnyNumber(text)
}

const plainDigits = 18 // digits and a point that certainly fit a uint64

// readPlain reads the common short number quickly: a sign, at most 18 digits, a point. It leaves
// everything else to the general parser.
func readPlain[T text](text T) (Number, bool) {
	if len(text) == 0 || len(text) > plainDigits {
		return Number{}, false
	}
	negative, i, point, value := text[0] == '-', 0, -1, uint64(0)
	if negative || text[0] == '+' {
		i = 1
	}
	first := i
	for ; i < len(text); i++ {
		if c := text[i] - '0'; c <= 9 {
			value = value*10 + uint64(c)
		} else if text[i] == '.' && point < 0 {
			point = i
		} else {
			return Number{}, false
		}
	}
	decimals := 0
	if point >= 0 {
		decimals = len(text) - point - 1
		first++
	}
	if len(text) == first {
		return Number{}, false // no digit
	}
	if value == 0 {
		return Number{numberShape: numberShape{int32(decimals), 0, numberMarks{negative: negative, valid: true}}}, true
	}
	scale := -decimals
	for value%10 == 0 {
		value /= 10
		scale++
	}
	digits := countDigits(value)
	shape := numberShape{int32(decimals), uint8(digits), numberMarks{negative: negative, valid: true}}
	return Number{mantissa: value, magnitude: int64(digits + scale), numberShape: shape}, true
}

// countDigits returns how many decimal digits a number that is not 0 has.
func countDigits(value uint64) int {
	digits := bits.Len64(value) * 1233 >> 12 // 1233/4096 is a little more than log10 2
	if value >= powersOfTen[digits] {
		digits++
	}
	return digits
}

// powersOfTen are those that fit a uint64.
var powersOfTen = [...]uint64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

func parseAnyNumber[T text](text T) (Number, bool) {
	trimmed := answers.TrimSpace(text)
	n := Number{numberShape: numberShape{numberMarks: numberMarks{padded: len(trimmed) != len(text), valid: true}}}
	rest := trimmed
	if len(rest) > 0 && (rest[0] == '-' || rest[0] == '+') {
		n.negative = rest[0] == '-'
		rest = rest[1:]
	}
	m := scanMantissa(rest)
	e, ok := scanExponent(rest[m.end:])
	if !ok || m.seen == 0 {
		return Number{}, false
	}
	n.mantissa, n.digits = m.value, uint8(min(m.digits, manyDigits))
	n.decimals = decimalsShown(m, e)
	if m.digits == 0 {
		return n, true
	}
	if m.digits > maxMantissaDigits {
		n.mantissa, n.digits, n.long = 0, manyDigits, &longNumber{digits: significant(rest[:m.end], int(m.digits))}
	}
	n.setMagnitude(m.whole-m.leading, e)
	return n, true
}

// mantissa is the part before the exponent.
type mantissa struct {
	value   uint64 // of the significant digits, when they are few enough
	seen    int64  // digits, zeros included
	whole   int64  // digits before the point
	leading int64  // zeros before the first significant digit
	digits  int64  // significant digits
	end     int    // where the exponent starts
}

func scanMantissa[T text](text T) mantissa {
	m := mantissa{whole: -1}
	last := int64(0) // digits up to the last that is not 0
	for ; m.end < len(text); m.end++ {
		c := text[m.end]
		if c == '.' && m.whole < 0 {
			m.whole = m.seen
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		m.seen++
		if c != '0' {
			m.push(uint64(c-'0'), m.seen-last)
			last = m.seen
		}
	}
	if m.whole < 0 {
		m.whole = m.seen
	}
	return m
}

// push appends a digit that is not 0 and is gap places after the last such digit.
func (m *mantissa) push(digit uint64, gap int64) {
	if m.digits == 0 {
		m.leading, gap = gap-1, 1
	}
	m.digits += gap
	if m.digits > maxMantissaDigits {
		return
	}
	for range gap {
		m.value *= 10
	}
	m.value += digit
}

// significant returns the significant digits of a mantissa.
func significant[T text](text T, count int) string {
	digits := make([]byte, 0, count)
	for i := 0; i < len(text) && len(digits) < count; i++ {
		if c := text[i]; c != '.' && (c != '0' || len(digits) > 0) {
			digits = append(digits, c)
		}
	}
	return string(digits)
}

// exponent is a number's exponent; vast holds its digits when it does not fit.
type exponent struct {
	value    int64
	vast     string
	negative bool
}

const exponentDigits = 18 // digits of an exponent that certainly fit an int64, also after a shift

func scanExponent[T text](text T) (exponent, bool) {
	var e exponent
	if len(text) == 0 {
		return e, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return e, false
	}
	text = text[1:]
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		e.negative = text[0] == '-'
		text = text[1:]
	}
	if len(text) == 0 {
		return e, false
	}
	zeros := 0
	for i := 0; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' {
			return e, false
		}
		if zeros == i && text[i] == '0' {
			zeros++
		}
	}
	text = text[zeros:]
	if len(text) > exponentDigits {
		e.vast = string(text)
		if e.negative {
			e.vast = "-" + e.vast
		}
		return e, true
	}
	for i := 0; i < len(text); i++ {
		e.value = e.value*10 + int64(text[i]-'0')
	}
	if e.negative {
		e.value = -e.value
	}
	return e, true
}

// decimalsShown is the number of decimals that the text shows or implies.
func decimalsShown(m mantissa, e exponent) int32 {
	switch {
	case e.vast == "":
		return saturate(m.seen - m.whole - e.value)
	case e.negative:
		return math.MaxInt32
	}
	return 0
}

// setMagnitude places the point: shift places after the first digit, moved by the exponent.
func (n *Number) setMagnitude(shift int64, e exponent) {
	n.magnitude = shift + e.value
	vast := ""
	switch {
	case e.vast != "":
		vast = addToVast(e.vast, shift)
	case n.magnitude >= maxMagnitude || n.magnitude <= -maxMagnitude:
		vast = strconv.FormatInt(n.magnitude, 10)
	default:
		return
	}
	if fits, err := strconv.ParseInt(vast, 10, 64); err == nil && fits < maxMagnitude && fits > -maxMagnitude {
		n.magnitude = fits
		return
	}
	n.magnitude = math.MaxInt64
	if vast[0] == '-' {
		n.magnitude = math.MinInt64
	}
	long := longNumber{magnitude: vast}
	if n.long != nil {
		long.digits = n.long.digits
	}
	n.long = &long
}

// addToVast adds a small number to a whole number of any length, written in decimal, that is far
// larger in absolute value.
func addToVast(number string, add int64) string {
	negative := number[0] == '-'
	digits := []byte(number)
	if negative {
		digits, add = digits[1:], -add
	}
	for i := len(digits) - 1; i >= 0 && add != 0; i-- {
		sum := int64(digits[i]-'0') + add
		add = sum / 10
		if sum %= 10; sum < 0 {
			sum += 10
			add--
		}
		digits[i] = byte('0' + sum)
	}
	if add > 0 {
		digits = append(strconv.AppendInt(nil, add, 10), digits...)
	}
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	if negative {
		return "-" + string(digits)
	}
	return string(digits)
}
