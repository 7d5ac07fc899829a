// Package crowd keeps figures from standing for few subjects: a bound, a quantile or a median is shown
// only if a whole group of subjects lies on either side of it.
package crowd

import (
	"math"
	"slices"
)

// significantDigits is how exactly a figure without values is shown.
const significantDigits = 3

// DefaultSize is the number of subjects below which a figure is not shown, unless a caller says otherwise.
const DefaultSize = 11

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

// Crowd knows between which numbers a figure says nothing about few: at least a group of subjects
// has one at or below low, and at or above high.
type Crowd struct{ low, high tail }

// New returns a Crowd for groups of a size.
func New(size int) *Crowd {
	return &Crowd{tail{sign: 1, size: size}, tail{sign: -1, size: size}}
}

// Add takes a figure of a subject.
func (c *Crowd) Add(subject int64, value float64) {
	c.low.add(subject, value)
	c.high.add(subject, value)
}

// Size is the number of subjects that a group has.
func (c *Crowd) Size() int { return c.low.size }

// Enough reports whether a whole group of subjects has numbers.
func (c *Crowd) Enough() bool { return len(c.low.values) == c.low.size }

// Bounds returns them, and whether there is anything between them.
func (c *Crowd) Bounds() (low, high float64, some bool) {
	low, enough := c.low.bound()
	high, _ = c.high.bound()
	return low, high, enough && low <= high
}

// Shown returns a figure, rounded, if it lies between the bounds; otherwise nil.
func (c *Crowd) Shown(v float64) *float64 {
	if low, high, some := c.Bounds(); !some || v < low || v > high {
		return nil
	}
	return Rounded(v)
}

// ShownAlways returns a figure that is of everybody, such as a mean, if they are a group.
func (c *Crowd) ShownAlways(v float64) *float64 {
	if !c.Enough() || math.IsInf(v, 0) {
		return nil
	}
	return Rounded(v)
}

// Rounded returns a figure as it is shown.
func Rounded(v float64) *float64 {
	r := Significant(v)
	return &r
}

// Significant rounds to a few significant digits.
func Significant(v float64) float64 {
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
