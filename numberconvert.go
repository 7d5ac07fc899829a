package imednet

import (
	"math"
	"math/big"
	"strconv"
)

// Accuracy describes how well a float64 or int64 represents a [Number].
type Accuracy uint8

// The values of [Accuracy].
const (
	// Exact: the result is the number. For a float64 this means that its shortest decimal text
	// denotes the number, so that printing it gives the number back.
	Exact Accuracy = iota
	// Rounded: the number has more digits than a float64 can hold, or a fraction where an integer
	// is required.
	Rounded
	// Overflow: the number is too large.
	Overflow
	// Underflow: the number is not 0, but its nearest float64 is.
	Underflow
)

// String returns exact, rounded, overflow or underflow.
func (a Accuracy) String() string {
	switch a {
	case Exact:
		return "exact"
	case Rounded:
		return "rounded"
	case Overflow:
		return "overflow"
	case Underflow:
		return "underflow"
	}
	return "Accuracy(" + strconv.Itoa(int(a)) + ")"
}

const (
	safeDigits   = 15 // decimals of so many digits survive a float64 between the safe magnitudes
	safeSmallest = -290
	safeGreatest = 300
	tooGreat     = 310  // magnitude from which on every number is beyond all float64s
	tooSmall     = -324 // magnitude up to which every number is nearer to 0 than to any other
)

// exactPowers are the powers of ten that a float64 holds exactly.
var exactPowers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// Float64 returns the nearest float64 and its accuracy. The result is close with [Rounded], an
// infinity with [Overflow] and 0 with [Underflow]; do not use the last two as values. -0 keeps its
// sign. The zero Number gives 0 and [Exact]; check [Number.IsZero] first.
func (n Number) Float64() (float64, Accuracy) {
	if scale := n.magnitude - int64(n.digits); uint64(scale+22) <= 44 && n.digits <= safeDigits {
		return n.exactFloat64(scale), Exact
	}
	return n.nearestFloat64()
}

// nearestFloat64 is Float64 for a number that is not the product or quotient of two exact ones.
func (n Number) nearestFloat64() (float64, Accuracy) {
	switch {
	case n.digits == 0:
		return signed(0, n.negative), Exact
	case n.magnitude >= tooGreat:
		return signed(math.Inf(1), n.negative), Overflow
	case n.magnitude <= tooSmall:
		return signed(0, n.negative), Underflow
	}
	f := n.nearest(n.magnitude - int64(n.digitCount()))
	switch {
	case math.IsInf(f, 0):
		return f, Overflow
	case f == 0:
		return f, Underflow
	case n.denotedBy(f):
		return f, Exact
	}
	return f, Rounded
}

func signed(f float64, negative bool) float64 {
	if negative {
		return -f
	}
	return f
}

// exactFloat64 multiplies or divides two exact numbers, so that the result is rounded once.
func (n Number) exactFloat64(scale int64) float64 {
	f := signed(float64(n.mantissa), n.negative)
	if scale < 0 {
		return f / exactPowers[-scale]
	}
	return f * exactPowers[scale]
}

func (n Number) nearest(scale int64) float64 {
	var buf [32]byte
	b := buf[:0]
	if n.negative {
		b = append(b, '-')
	}
	b = append(n.appendDigits(b), 'e')
	f, _ := strconv.ParseFloat(string(strconv.AppendInt(b, scale, 10)), 64) // out of range: an infinity
	return f
}

// denotedBy reports whether the shortest text of a float64 equals the number.
func (n Number) denotedBy(f float64) bool {
	if n.digits <= safeDigits && n.magnitude > safeSmallest && n.magnitude < safeGreatest {
		return true
	}
	var buf [32]byte
	shortest, _ := ParseNumber(strconv.AppendFloat(buf[:0], f, 'e', -1, 64))
	return n.digits == shortest.digits && n.mantissa == shortest.mantissa && n.magnitude == shortest.magnitude
}

// Int64 returns the number and [Exact] if it is a 64-bit integer, as are 5.0, 5e0 and 1e3.
// Otherwise it returns 0, with [Overflow] if the number has 20 digits or more before the decimal
// point or is whole and too large, and with [Rounded] if it has a fraction. The zero Number gives 0
// and [Exact]; check [Number.IsZero] first.
func (n Number) Int64() (int64, Accuracy) {
	switch {
	case n.digits == 0:
		return 0, Exact
	case n.magnitude > maxMantissaDigits:
		return 0, Overflow
	case n.magnitude < int64(n.digits):
		return 0, Rounded
	}
	size := n.mantissa
	for range n.magnitude - int64(n.digits) {
		size *= 10 // at most 19 digits, which fit
	}
	switch {
	case n.negative && size <= 1<<63:
		return -int64(size), Exact
	case !n.negative && size < 1<<63:
		return int64(size), Exact
	}
	return 0, Overflow
}

// ratPlaces bounds the places on either side of the point with which numbers are calculated.
const ratPlaces = 4096

// Rat returns the number as an exact fraction for calculation. ok is false for the zero Number, and
// for a number with more than 4,096 places on either side of the decimal point, which would cost
// too much.
func (n Number) Rat() (r *big.Rat, ok bool) {
	if !n.calculable() {
		return nil, false
	}
	return new(big.Rat).SetString(n.Canonical())
}

func (n Number) calculable() bool {
	return n.valid && n.decimals <= ratPlaces && n.magnitude <= ratPlaces && n.magnitude >= -ratPlaces
}

// Minus returns n - m exactly, with as many decimals as the longer of the two. ok is false if
// [Number.Rat] is false for either.
func (n Number) Minus(m Number) (difference Number, ok bool) {
	x, okX := n.Rat()
	y, okY := m.Rat()
	if !okX || !okY {
		return Number{}, false
	}
	return ParseNumber(x.Sub(x, y).FloatString(max(n.Decimals(), m.Decimals())))
}

// PercentOf returns 100·n/m, rounded to the nearest float64 and written in its shortest text. ok is
// false if m is 0, if [Number.Rat] is false for either, or if the result overflows a float64.
func (n Number) PercentOf(m Number) (percent Number, ok bool) {
	x, okX := n.Rat()
	y, okY := m.Rat()
	if !okX || !okY || y.Sign() == 0 {
		return Number{}, false
	}
	f, _ := x.Mul(x, big.NewRat(100, 1)).Quo(x, y).Float64()
	if math.IsInf(f, 0) || f == 0 && n.Sign() != 0 {
		return Number{}, false
	}
	return ParseNumber(strconv.FormatFloat(f, 'f', -1, 64))
}
