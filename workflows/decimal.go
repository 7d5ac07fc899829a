package workflows

import "strconv"

// decimalText is the number that a decimal text denotes: mantissa × 10^exponent, negated when
// negative. The mantissa has neither leading nor trailing zeros, so equal numbers have equal parts.
type decimalText struct {
	mantissa uint64
	digits   int // significant digits; 0 for zero. Above 19 the mantissa is not kept.
	exponent int
	negative bool
}

const (
	maxMantissaDigits = 19      // digits that fit a uint64
	safeDigits        = 15      // decimals of so many digits survive a float64 in its normal range
	exponentLimit     = 1 << 20 // far beyond float64; keeps the arithmetic from overflowing
)

// parseDecimalText reads an optionally signed decimal number, with or without fraction and
// exponent: what JSON allows, and also leading zeros and a plus sign. Nothing else: no blanks, no
// digit separators, no hexadecimal, no NaN.
func parseDecimalText(text []byte) (decimalText, bool) {
	d, rest := decimalText{}, text
	if len(rest) > 0 && (rest[0] == '-' || rest[0] == '+') {
		d.negative = rest[0] == '-'
		rest = rest[1:]
	}
	seen, whole, last := 0, -1, 0 // digits seen, digits before the point, digits up to the last nonzero one
	i := 0
	for ; i < len(rest); i++ {
		c := rest[i]
		if c == '.' && whole < 0 {
			whole = seen
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		seen++
		if c != '0' {
			d.push(uint64(c-'0'), seen-last)
			last = seen
		}
	}
	if seen == 0 {
		return d, false
	}
	if whole < 0 {
		whole = seen
	}
	exponent, ok := parseExponent(rest[i:])
	if d.digits > 0 {
		d.exponent = whole - last + exponent
	}
	return d, ok
}

// push appends a nonzero digit that stands gap places behind the last one.
func (d *decimalText) push(digit uint64, gap int) {
	if d.digits == 0 {
		gap = 1
	}
	d.digits += gap
	if d.digits > maxMantissaDigits {
		return
	}
	for range gap {
		d.mantissa *= 10
	}
	d.mantissa += digit
}

func parseExponent(text []byte) (int, bool) {
	if len(text) == 0 {
		return 0, true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	text = text[1:]
	negative := false
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		text = text[1:]
	}
	if len(text) == 0 {
		return 0, false
	}
	n := 0
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int(c-'0'), exponentLimit)
	}
	if negative {
		n = -n
	}
	return n, true
}

// exactPowers are the powers of ten that a float64 holds exactly.
var exactPowers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// float64 returns the float64 nearest to the number and whether it stands for it: the shortest
// decimal text of the float64 denotes the same number. text is what d was parsed from.
func (d decimalText) float64(text []byte) (float64, bool) {
	if d.digits <= safeDigits && d.exponent >= -22 && d.exponent <= 22 {
		return d.exactFloat64(), true
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, false
	}
	if magnitude := d.digits + d.exponent; d.digits <= safeDigits && magnitude > -290 && magnitude < 300 {
		return f, true
	}
	var buf [32]byte
	shortest, _ := parseDecimalText(strconv.AppendFloat(buf[:0], f, 'e', -1, 64))
	return f, d.digits <= maxMantissaDigits && shortest == d
}

// exactFloat64 multiplies or divides two exact numbers, so that the result is rounded once.
func (d decimalText) exactFloat64() float64 {
	f := float64(d.mantissa)
	if d.negative {
		f = -f
	}
	if d.exponent < 0 {
		return f / exactPowers[-d.exponent]
	}
	return f * exactPowers[d.exponent]
}

// int64 returns the number as a 64-bit integer and whether it is one; 5.0 and 5e0 are.
func (d decimalText) int64() (int64, bool) {
	if d.exponent < 0 || d.exponent > maxMantissaDigits || d.digits > maxMantissaDigits {
		return 0, false
	}
	limit := uint64(1<<63 - 1)
	if d.negative {
		limit++
	}
	m := d.mantissa
	for range d.exponent {
		if m > limit/10 {
			return 0, false
		}
		m *= 10
	}
	if m > limit {
		return 0, false
	}
	if d.negative {
		return -int64(m), true
	}
	return int64(m), true
}
