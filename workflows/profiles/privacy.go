package profiles

import (
	"math"
	"math/bits"
	"slices"

	"github.com/imednetgo/imednet/internal/quantiles"
)

// DefaultGroupSize is the default of [Options.GroupSize].
const DefaultGroupSize = 11

// significantDigits is how exactly a profile without values shows a number.
const significantDigits = 3

// tail keeps the least of the numbers of each subject, for as many subjects as a group has: those
// whose least numbers are the smallest. sign -1 turns it round. Its memory is that of one group.
type tail struct {
	sign     float64
	size     int
	subjects []int64
	values   []float64
	worst    float64 // greatest of values
}

func (t *tail) add(subject int64, value float64) {
	value *= t.sign
	if len(t.values) == t.size && value >= t.worst {
		return
	}
	switch at := slices.Index(t.subjects, subject); {
	case at >= 0:
		t.values[at] = min(t.values[at], value)
	case len(t.values) < t.size:
		t.subjects, t.values = append(t.subjects, subject), append(t.values, value)
	default:
		at = slices.Index(t.values, t.worst)
		t.subjects[at], t.values[at] = subject, value
	}
	t.worst = slices.Max(t.values)
}

// bound is the number at or beyond which a whole group of subjects has one, if there are so many.
func (t *tail) bound() (float64, bool) {
	return t.sign * t.worst, len(t.values) == t.size
}

// crowd knows between which numbers a figure says nothing about few: at least a group of subjects
// has one at or below low, and at or above high.
type crowd struct{ low, high tail }

func newCrowd(size int) *crowd {
	return &crowd{tail{sign: 1, size: size}, tail{sign: -1, size: size}}
}

func (c *crowd) add(subject int64, value float64) {
	c.low.add(subject, value)
	c.high.add(subject, value)
}

// enough reports whether a whole group of subjects has numbers.
func (c *crowd) enough() bool { return len(c.low.values) == c.low.size }

// bounds returns them, and whether there is anything between them.
func (c *crowd) bounds() (low, high float64, some bool) {
	low, enough := c.low.bound()
	high, _ = c.high.bound()
	return low, high, enough && low <= high
}

// shown returns a figure, rounded, if it lies between the bounds; otherwise nil.
func (c *crowd) shown(v float64) *float64 {
	if low, high, some := c.bounds(); !some || v < low || v > high {
		return nil
	}
	return rounded(v)
}

// shownAlways returns a figure that is of everybody, such as a mean, if they are a group.
func (c *crowd) shownAlways(v float64) *float64 {
	if !c.enough() || math.IsInf(v, 0) {
		return nil
	}
	return rounded(v)
}

func rounded(v float64) *float64 {
	r := significant(v)
	return &r
}

// significant rounds to a few significant digits.
func significant(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	scale := math.Pow(10, float64(significantDigits-1)-math.Floor(math.Log10(math.Abs(v))))
	if math.IsInf(scale, 0) || scale == 0 {
		return v
	}
	if r := math.Round(v*scale) / scale; !math.IsInf(r, 0) {
		return r
	}
	return math.Trunc(v*scale) / scale
}

// fewSeen counts distinct subjects from below in a few bytes: as many as bits are set are certain.
type fewSeen [2]uint64

func (s *fewSeen) add(subject int64) {
	h := uint64(subject) * 0x9e3779b97f4a7c15
	h ^= h >> 29
	bit := h * 0xbf58476d1ce4e5b9 >> 57
	s[bit/64] |= 1 << (bit % 64)
}

func (s *fewSeen) atLeast(n int) bool {
	return bits.OnesCount64(s[0])+bits.OnesCount64(s[1]) >= n
}

// groupedBins counts a distribution between bounds by edges; what lies beyond the outer edges counts
// to the outer bars, and bars of fewer answers than a group are joined with the next.
func groupedBins(d *quantiles.Distribution, edges []float64, size int64) []Bin {
	var bins []Bin
	below := int64(0)
	from := edges[0]
	for i := 1; i < len(edges); i++ {
		upTo := d.Count()
		if i < len(edges)-1 {
			upTo = max(d.Below(edges[i]), below)
		}
		if upTo-below >= size || i == len(edges)-1 {
			bins = append(bins, Bin{from, edges[i], upTo - below})
			below, from = upTo, edges[i]
		}
	}
	if n := len(bins); n > 1 && bins[n-1].Count < size {
		bins[n-2].To, bins[n-2].Count = bins[n-1].To, bins[n-2].Count+bins[n-1].Count
		bins = bins[:n-1]
	}
	return bins
}
