package expression

import (
	"math"
	"math/bits"
	"sync"
)

// Python's ** of floats is the pow of the C library. glibc and musl share one algorithm for it, that
// of Arm's optimized routines (Szabolcs Nagy, Arm Limited, MIT licence), whose results are within
// 0.52 units in the last place; math.Pow differs from it in more than half of all results. What
// follows computes the same steps, with the fused operations that compilers make of them, so that an
// expression gives the digits that CPython gives. The tables are computed from their definitions.

const (
	powBits  = 7 // log2 of the size of both tables
	powTable = 1 << powBits
	powLow   = 0x3fe6955500000000 // bits of the least mantissa, about 0.7058
)

// The polynomials of log(1+r) without its first term and of exp(r) without its first two.
var (
	powLog = [7]float64{
		-0.5, 0x1.555555555556p-2 * -2, -0x1.0000000000006p-2 * -2, 0x1.999999959554ep-3 * 4,
		-0x1.555555529a47ap-3 * 4, 0x1.2495b9b4845e9p-3 * -8, -0x1.0002b8b263fc3p-3 * -8,
	}
	powExp = [4]float64{0x1.ffffffffffdbdp-2, 0x1.555555555543cp-3, 0x1.55555cf172b91p-5, 0x1.1111167a4d017p-7}
)

const (
	powLn2Hi    = 0x1.62e42fefa3800p-1
	powLn2Lo    = 0x1.ef35793c76730p-45
	powInvLn2N  = 0x1.71547652b82fep0 * powTable
	powNegLn2Hi = -0x1.62e42fefa0000p-8
	powNegLn2Lo = -0x1.cf79abc9e3b39p-47
	powShift    = 0x1.8p52
)

// powTables holds, for each interval of mantissas, 1/c for a c near its middle, and ln(c) in two
// parts; and 2^(i/128) with what its nearest float leaves.
type powTables struct {
	inverse, log, logTail [powTable]float64
	exp                   [powTable]uint64
	expTail               [powTable]float64
}

var tablesOfPow = sync.OnceValue(func() *powTables {
	t := &powTables{}
	for i := range powTable {
		t.setLog(i)
		t.setExp(i)
	}
	return t
})

func (t *powTables) setLog(i int) {
	from := uint64(powLow) + uint64(i)<<(52-powBits)
	middle := math.Float64frombits(from + 1<<(51-powBits))
	if middle > 1 && from < 0x3ff0000000000000 { // an interval that contains 1 has c = 1
		middle = 1
	}
	steps := 128.0 // 1/c has seven bits behind the point of its mantissa
	if middle > 1 {
		steps = 256
	}
	t.inverse[i] = math.RoundToEven(steps/middle) / steps
	ln := logarithm(t.inverse[i])
	const unit = 0x1p43
	t.log[i] = math.RoundToEven(-ln.hi*unit) / unit
	t.logTail[i] = (-ln.hi - t.log[i]) - ln.lo
}

func (t *powTables) setExp(i int) {
	e := exponential(ln2.times(double{float64(i) / powTable, 0}))
	e = quickSum(e.hi, e.lo)
	t.exp[i] = math.Float64bits(e.hi) - uint64(i)<<(52-powBits)
	t.expTail[i] = e.lo / e.hi
}

func powLogarithm(bits uint64) (hi, lo float64) {
	t := tablesOfPow()
	tmp := bits - powLow
	i := int(tmp >> (52 - powBits) % powTable)
	k := float64(int64(tmp) >> 52)
	z := math.Float64frombits(bits - tmp&(0xfff<<52))
	r := math.FMA(z, t.inverse[i], -1)
	t1 := math.FMA(k, powLn2Hi, t.log[i])
	t2 := t1 + r
	lo1 := math.FMA(k, powLn2Lo, t.logTail[i])
	lo2 := t1 - t2 + r
	ar := float64(powLog[0] * r) // conversions keep these products from being fused
	ar2 := float64(r * ar)
	ar3 := float64(r * ar2)
	sum := t2 + ar2
	lo3 := math.FMA(ar, r, -ar2)
	lo4 := t2 - sum + ar2
	p := math.FMA(ar2, math.FMA(ar2, math.FMA(r, powLog[6], powLog[5]), math.FMA(r, powLog[4], powLog[3])), math.FMA(r, powLog[2], powLog[1]))
	rest := math.FMA(ar3, p, lo1+lo2+lo3+lo4)
	hi = sum + rest
	return hi, sum - hi + rest
}

func powExponential(x, tail float64) float64 {
	t := tablesOfPow()
	switch magnitude := math.Abs(x); {
	case magnitude < 0x1p-54:
		return 1 + x
	case magnitude >= 1024 && x > 0:
		return math.Inf(1)
	case magnitude >= 1024:
		return 0
	}
	kd := math.FMA(powInvLn2N, x, powShift)
	ki := math.Float64bits(kd)
	kd -= powShift
	r := math.FMA(kd, powNegLn2Lo, math.FMA(kd, powNegLn2Hi, x))
	r += tail
	i := ki % powTable
	bits := t.exp[i] + ki<<(52-powBits)
	r2 := float64(r * r)
	p := math.FMA(float64(r2*r2), math.FMA(r, powExp[3], powExp[2]), math.FMA(r2, math.FMA(r, powExp[1], powExp[0]), t.expTail[i]+r))
	if math.Abs(x) >= 512 {
		return powExtreme(p, bits, ki)
	}
	scale := math.Float64frombits(bits)
	return math.FMA(scale, p, scale)
}

// powExtreme scales where 2^k itself is no normal number.
func powExtreme(p float64, bits, ki uint64) float64 {
	if ki&0x80000000 == 0 {
		scale := math.Float64frombits(bits - 1009<<52)
		return 0x1p1009 * math.FMA(scale, p, scale)
	}
	scale := math.Float64frombits(bits + 1022<<52)
	product := float64(scale * p)
	y := scale + product
	if y < 1 { // round once, at the last bit that the result will have
		lo := scale - y + product
		hi := 1 + y
		lo = 1 - hi + y + lo
		y = hi + lo - 1
	}
	return 0x1p-1022 * y
}

// powPositive is C's pow(x, y) for a finite x > 0 and a finite y.
func powPositive(x, y float64) float64 {
	bits := math.Float64bits(x)
	switch magnitude := math.Abs(y); {
	case x == 1:
		return 1
	case magnitude < 0x1p-65 && x > 1:
		return 1 + y
	case magnitude < 0x1p-65:
		return 1 - y
	case magnitude >= 0x1p63 && (x > 1) == (y > 0):
		return math.Inf(1)
	case magnitude >= 0x1p63:
		return 0
	}
	if bits < 1<<52 {
		bits = math.Float64bits(x*0x1p52) - 52<<52
	}
	hi, lo := powLogarithm(bits)
	ehi := float64(y * hi)
	elo := math.FMA(y, lo, math.FMA(y, hi, -ehi))
	return powExponential(ehi, elo)
}

// pow is C's pow: Python's ** of floats.
func pow(x, y float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsNaN(y) || math.IsInf(x, 0) || math.IsInf(y, 0) || x == 0 || y == 0 || x == 1:
		return math.Pow(x, y)
	case x > 0:
		return powPositive(x, y)
	case y != math.Trunc(y):
		return math.NaN()
	}
	z := powPositive(-x, y)
	if isOdd(y) {
		return -z
	}
	return z
}

// isOdd reports whether a whole number is odd.
func isOdd(y float64) bool {
	mantissa, exponent := math.Frexp(math.Abs(y))
	whole := uint64(math.Ldexp(mantissa, 53))
	shift := 53 - exponent // of the bit that counts ones
	return shift >= 0 && shift < bits.UintSize && whole>>shift&1 == 1
}
