// Package quantiles sums up numbers: count, range, mean, deviation and quantiles, in memory that
// does not grow with them.
//
// A quantile p lies at rank p(n-1) of the sorted numbers, counted from 0, and between two numbers
// it is interpolated linearly. This is type 7 of Hyndman and Fan, what R, NumPy and most
// spreadsheets do by default. It is exact up to a limit of distinct numbers; beyond it a t-digest
// takes over, and [Distribution.Approximate] reports it.
package quantiles

import (
	"math"
	"slices"

	"github.com/caio/go-tdigest/v4"
)

// Distribution takes numbers and reports their moments and quantiles. Count, minimum, maximum and,
// to rounding, mean and deviation are exact always.
type Distribution struct {
	limit    int
	values   map[float64]int64 // nil once the digest took over
	digest   *tdigest.TDigest
	count    int64
	min, max float64
	moments  Moments
}

// New returns a Distribution that is exact up to a limit of distinct numbers.
func New(limit int) *Distribution {
	return &Distribution{limit: limit, values: map[float64]int64{}}
}

// Add takes a finite number that occurred n times, n > 0.
func (d *Distribution) Add(v float64, n int64) {
	if d.count == 0 || v < d.min {
		d.min = v
	}
	if d.count == 0 || v > d.max {
		d.max = v
	}
	d.count += n
	d.moments.Add(v, n)
	if d.values == nil {
		d.feed(v, n)
		return
	}
	d.values[v] += n
	if len(d.values) > d.limit {
		d.Sketch()
	}
}

// Sketch hands everything over to a t-digest, in ascending order so that a repeated run over the
// same rows gives the same answer. Add does so by itself at the limit.
func (d *Distribution) Sketch() {
	if d.values == nil {
		return
	}
	digest, err := tdigest.New(tdigest.LocalRandomNumberGenerator(1))
	if err != nil {
		return // cannot happen: the only option is valid; the numbers then stay exact
	}
	d.digest = digest
	for _, v := range d.sorted() {
		d.feed(v, d.values[v])
	}
	d.values = nil
}

// feed passes on to the digest, which refuses only NaN and a count of zero; neither comes here.
func (d *Distribution) feed(v float64, n int64) { _ = d.digest.AddWeighted(v, uint64(n)) }

// Approximate reports whether quantiles and [Distribution.Below] are estimates.
func (d *Distribution) Approximate() bool { return d.values == nil }

// Count returns how many numbers there were.
func (d *Distribution) Count() int64 { return d.count }

// Min returns the least number; 0 without numbers.
func (d *Distribution) Min() float64 { return d.min }

// Max returns the greatest number; 0 without numbers.
func (d *Distribution) Max() float64 { return d.max }

// Mean returns the arithmetic mean; 0 without numbers.
func (d *Distribution) Mean() float64 { return d.moments.Mean() }

// Deviation returns the sample standard deviation, as [Moments.Deviation] does.
func (d *Distribution) Deviation() float64 { return d.moments.Deviation() }

// Weighted is a number and how often it occurred.
type Weighted struct {
	Value float64
	Count int64
}

// Values returns the distinct numbers in ascending order, each with its count; nil while
// approximate.
func (d *Distribution) Values() []Weighted {
	if d.values == nil {
		return nil
	}
	all := make([]Weighted, 0, len(d.values))
	for _, v := range d.sorted() {
		all = append(all, Weighted{v, d.values[v]})
	}
	return all
}

// Distinct returns how many distinct numbers there are; 0 while approximate.
func (d *Distribution) Distinct() int { return len(d.values) }

func (d *Distribution) sorted() []float64 {
	all := make([]float64, 0, len(d.values))
	for v := range d.values {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// Quantiles returns the quantile for each of ps in 0…1, zeros without numbers.
func (d *Distribution) Quantiles(ps ...float64) []float64 {
	out := make([]float64, len(ps))
	if d.count == 0 {
		return out
	}
	if d.Approximate() {
		for i, p := range ps {
			out[i] = min(max(d.digest.Quantile(p), d.min), d.max)
		}
		return out
	}
	values := d.Values()
	for i, p := range ps {
		rank := p * float64(d.count-1)
		low := math.Floor(rank)
		out[i] = Between(at(values, int64(low)), at(values, int64(math.Ceil(rank))), rank-low)
	}
	return out
}

// at returns the number at a rank counted from 0.
func at(values []Weighted, rank int64) float64 {
	for _, v := range values {
		if rank -= v.Count; rank < 0 {
			return v.Value
		}
	}
	return values[len(values)-1].Value
}

// Between interpolates linearly: a for 0, b for 1. Numbers so far apart that their difference overflows are weighed
// one by one.
func Between(a, b, part float64) float64 {
	if distance := b - a; !math.IsInf(distance, 0) {
		return min(a+distance*part, b)
	}
	return a*(1-part) + b*part
}

// Below returns how many numbers are less than v; an estimate while approximate.
func (d *Distribution) Below(v float64) int64 {
	if d.Approximate() {
		return int64(math.Round(d.digest.CDF(v) * float64(d.count)))
	}
	var n int64
	for x, count := range d.values {
		if x < v {
			n += count
		}
	}
	return n
}
