package report

import (
	"github.com/imednetgo/imednet/internal/crowd"
	"github.com/imednetgo/imednet/internal/quantiles"
)

// Days sums up times in days.
type Days struct {
	Count int64 `json:"count"`
	// Median and P90 are nil if there are none, or if too few subjects lie on one side of them
	// ([Options.GroupSize]). Quantiles interpolate linearly (R type 7).
	Median *float64 `json:"median"`
	P90    *float64 `json:"p90"`
	// Approximate reports that there are more than 2,000 different times, so that Median and P90 are
	// estimates.
	Approximate bool `json:"approximate,omitempty"`
}

// exactDays is the number of different times up to which quantiles are exact.
const exactDays = 2000

// dayTally takes times in days, each of a subject. The zero value has none.
type dayTally struct {
	times *quantiles.Distribution
	crowd *crowd.Crowd
}

// add takes a time; groups are of so many subjects, 0 shows all.
func (t *dayTally) add(subject int64, days float64, group int) {
	if t.times == nil {
		t.times = quantiles.New(exactDays)
		if group > 0 {
			t.crowd = crowd.New(group)
		}
	}
	t.times.Add(days, 1)
	if t.crowd != nil {
		t.crowd.Add(subject, days)
	}
}

func (t *dayTally) days() Days {
	if t.times == nil {
		return Days{}
	}
	q := t.times.Quantiles(0.5, 0.9)
	d := Days{Count: t.times.Count(), Median: &q[0], P90: &q[1], Approximate: t.times.Approximate()}
	if t.crowd != nil {
		d.Median, d.P90 = t.crowd.Shown(q[0]), t.crowd.Shown(q[1])
	}
	return d
}
