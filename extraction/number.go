package extraction

import (
	"math/big"
	"strconv"
	"strings"
)

// Number is an exact decimal number, kept as the text that was collected. The zero value is no
// number.
type Number string

// Bounds of what is read as a number, so that "1e999999999" costs nothing.
const (
	maxNumberLength   = 400
	maxNumberExponent = 400
)

// ParseNumber reads a decimal number such as 12, -0.50 or 1.5e3, with white space around. Blank
// text, hexadecimal, "_", NaN and infinities are none.
func ParseNumber(text string) (Number, bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxNumberLength || strings.Trim(text, "+-.0123456789eE") != "" {
		return "", false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exp, err := strconv.Atoi(text[i+1:])
		if err != nil || exp > maxNumberExponent || exp < -maxNumberExponent {
			return "", false
		}
	}
	if _, ok := new(big.Rat).SetString(text); !ok {
		return "", false
	}
	return Number(text), true
}

// String returns the text as it was collected.
func (n Number) String() string { return string(n) }

// IsZero reports whether there is no number (not whether it is 0).
func (n Number) IsZero() bool { return n == "" }

// Float64 returns the nearest float64; 0 for no number.
func (n Number) Float64() float64 {
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil && n != "" {
		f, _ = n.rat().Float64()
	}
	return f
}

func (n Number) rat() *big.Rat {
	r, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return new(big.Rat)
	}
	return r
}

// decimals is the number of digits after the point that the number's text shows or implies.
func (n Number) decimals() int {
	mantissa, exponent := string(n), 0
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		exponent, _ = strconv.Atoi(mantissa[i+1:])
		mantissa = mantissa[:i]
	}
	_, fraction, _ := strings.Cut(mantissa, ".")
	return max(0, len(fraction)-exponent)
}

// Minus returns n - m exactly, with as many decimals as the longer of the two shows.
func (n Number) Minus(m Number) Number {
	difference := new(big.Rat).Sub(n.rat(), m.rat())
	return Number(difference.FloatString(max(n.decimals(), m.decimals())))
}

// PercentOf returns 100·n/m as the nearest float64 in its shortest text; no number when m is 0.
func (n Number) PercentOf(m Number) (Number, bool) {
	divisor := m.rat()
	if divisor.Sign() == 0 {
		return "", false
	}
	percent := new(big.Rat).Quo(new(big.Rat).Mul(n.rat(), big.NewRat(100, 1)), divisor)
	f, _ := percent.Float64()
	return Number(strconv.FormatFloat(f, 'f', -1, 64)), true
}
