package expression

import "math"

// double is an unevaluated sum of two floats, the second at most half a unit in the last place of
// the first: about 106 bits.
type double struct{ hi, lo float64 }

func quickSum(a, b float64) double {
	s := a + b
	return double{s, b - (s - a)}
}

func twoSum(a, b float64) double {
	s := a + b
	v := s - a
	return double{s, (a - (s - v)) + (b - v)}
}

func twoProduct(a, b float64) double {
	p := a * b
	return double{p, math.FMA(a, b, -p)}
}

func (x double) plus(y double) double {
	s, t := twoSum(x.hi, y.hi), twoSum(x.lo, y.lo)
	s = quickSum(s.hi, s.lo+t.hi)
	return quickSum(s.hi, s.lo+t.lo)
}

func (x double) times(y double) double {
	p := twoProduct(x.hi, y.hi)
	return quickSum(p.hi, p.lo+(x.hi*y.lo+x.lo*y.hi))
}

func (x double) over(y double) double {
	q := x.hi / y.hi
	r := x.plus(y.times(double{-q, 0}))
	p := r.hi / y.hi
	r = r.plus(y.times(double{-p, 0}))
	return quickSum(q, p).plus(double{r.hi / y.hi, 0})
}

func (x double) scale(f float64) double { return double{x.hi * f, x.lo * f} }

// ln2 is the natural logarithm of 2.
var ln2 = double{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56}

// logarithm is ln(x) for a finite x > 0, to about 2^-96 of itself.
func logarithm(x float64) double {
	fraction, exponent := math.Frexp(x)
	if fraction < math.Sqrt2/2 {
		fraction, exponent = 2*fraction, exponent-1
	}
	var ln double
	if math.Abs(fraction-1) < 0x1p-5 {
		ln = logarithmNearOne(fraction)
	} else { // one step of Newton's method doubles the digits of the standard library's logarithm
		guess := math.Log(fraction)
		e := exponential(double{-guess, 0}).times(double{fraction, 0}).plus(double{-1, 0})
		// ln(1+e) = e - e²/2, e being about 2^-53
		ln = double{guess, 0}.plus(e.plus(e.times(e).scale(-0.5)))
	}
	return ln2.times(double{float64(exponent), 0}).plus(ln)
}

// logarithmNearOne is 2·artanh((x-1)/(x+1)).
func logarithmNearOne(x float64) double {
	s := double{x - 1, 0}.over(twoSum(x, 1))
	square := s.times(s)
	sum := double{}
	for k := 21; k >= 3; k -= 2 {
		sum = sum.plus(double{1, 0}.over(double{float64(k), 0})).times(square)
	}
	return s.plus(s.times(sum)).scale(2)
}

// exponential is e^x for |x| < 1, to about 2^-96 of itself.
func exponential(x double) double {
	const halvings = 3
	r := x.scale(1.0 / (1 << halvings))
	sum := double{} // e^r - 1, so that squaring loses nothing: (1+s)² - 1 = 2s + s²
	for i := 17; i >= 1; i-- {
		sum = sum.plus(double{1, 0}).times(r).over(double{float64(i), 0})
	}
	for range halvings {
		sum = sum.scale(2).plus(sum.times(sum))
	}
	return sum.plus(double{1, 0})
}
