package workflows

import (
	"math"
	"slices"

	"github.com/caio/go-tdigest/v4"
)

// distribution takes numbers and tells their moments and quantiles. It remembers each distinct
// number exactly up to a limit; beyond it a t-digest takes over and quantiles are approximate.
// Count, minimum, maximum and, to rounding, mean and deviation are always exact.
type distribution struct {
	limit    int
	values   map[float64]int64 // nil once the digest took over
	digest   *tdigest.TDigest
	count    int64
	min, max float64
	mean, m2 float64
}

func newDistribution(limit int) *distribution {
	return &distribution{limit: limit, values: map[float64]int64{}}
}

// add takes a finite number that occurred n times.
func (d *distribution) add(v float64, n int64) {
	if d.count == 0 || v < d.min {
		d.min = v
	}
	if d.count == 0 || v > d.max {
		d.max = v
	}
	d.count += n
	delta := v - d.mean
	d.mean += delta * float64(n) / float64(d.count)
	d.m2 += delta * (v - d.mean) * float64(n)
	if d.values == nil {
		d.feed(v, n)
		return
	}
	d.values[v] += n
	if len(d.values) > d.limit {
		d.sketch()
	}
}

// sketch hands everything over to a t-digest, in ascending order so that a repeated run over the
// same rows gives the same answer.
func (d *distribution) sketch() {
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
func (d *distribution) feed(v float64, n int64) { _ = d.digest.AddWeighted(v, uint64(n)) }

func (d *distribution) approximate() bool { return d.values == nil }

func (d *distribution) sorted() []float64 {
	all := make([]float64, 0, len(d.values))
	for v := range d.values {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// deviation is the sample standard deviation (divided by n-1); 0 for fewer than two numbers.
func (d *distribution) deviation() float64 {
	if d.count < 2 {
		return 0
	}
	return math.Sqrt(max(d.m2, 0) / float64(d.count-1))
}

// quantiles returns the quantiles for each of ps, ascending in 0…1. Between two numbers it
// interpolates linearly at rank p(n-1), as R's type 7 and most spreadsheets do.
func (d *distribution) quantiles(ps []float64) []float64 {
	out := make([]float64, len(ps))
	if d.count == 0 {
		return out
	}
	if d.approximate() {
		for i, p := range ps {
			out[i] = min(max(d.digest.Quantile(p), d.min), d.max)
		}
		return out
	}
	ranks := rankReader{values: d.sorted(), counts: d.values}
	for i, p := range ps {
		rank := p * float64(d.count-1)
		low := math.Floor(rank)
		a, b := ranks.at(int64(low)), ranks.at(int64(math.Ceil(rank)))
		out[i] = a + (b-a)*(rank-low)
	}
	return out
}

// rankReader finds the number at a 0-based rank.
type rankReader struct {
	values []float64
	counts map[float64]int64
}

func (r rankReader) at(rank int64) float64 {
	for _, v := range r.values {
		if rank -= r.counts[v]; rank < 0 {
			return v
		}
	}
	return r.values[len(r.values)-1]
}

// below estimates how many numbers are less than v; exactly while nothing is approximate.
func (d *distribution) below(v float64) int64 {
	if d.approximate() {
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
