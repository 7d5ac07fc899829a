package quantiles

import "math"

// Moments takes finite numbers and reports their mean and deviation, exact to rounding. The zero value
// has none.
type Moments struct {
	count  int64
	plain  welford
	scaled welford // of the numbers divided by 2^scale, for when the plain ones overflow
}

// welford is a mean and the sum of the squared distances from it, updated by Welford's method.
type welford struct{ mean, m2 float64 }

// scale makes the squares of all float64, and sums of them, finite.
const scale = 600

// Add takes a finite number that occurred n times, n > 0.
func (m *Moments) Add(v float64, n int64) {
	m.count += n
	m.plain.add(v, n, m.count)
	m.scaled.add(math.Ldexp(v, -scale), n, m.count)
}

func (w *welford) add(v float64, n, count int64) {
	delta := v - w.mean
	w.mean += delta * float64(n) / float64(count)
	w.m2 += delta * (v - w.mean) * float64(n)
}

// Count returns how many numbers there were.
func (m *Moments) Count() int64 { return m.count }

// Mean returns the arithmetic mean; 0 without numbers.
func (m *Moments) Mean() float64 {
	if isFinite(m.plain.mean) {
		return m.plain.mean
	}
	return min(max(math.Ldexp(m.scaled.mean, scale), -math.MaxFloat64), math.MaxFloat64)
}

// Deviation returns the sample standard deviation (divided by n-1); 0 for fewer than two numbers, and
// +Inf if it is beyond every float64, as it can be for numbers of both signs.
func (m *Moments) Deviation() float64 {
	if m.count < 2 {
		return 0
	}
	if isFinite(m.plain.m2) {
		return math.Sqrt(max(m.plain.m2, 0) / float64(m.count-1))
	}
	return math.Ldexp(math.Sqrt(max(m.scaled.m2, 0)/float64(m.count-1)), scale)
}

func isFinite(v float64) bool { return !math.IsInf(v, 0) && !math.IsNaN(v) }
