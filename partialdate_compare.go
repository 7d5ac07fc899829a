package imednet

import "time"

// Order is the order of two dates, as far as it is known.
type Order uint8

// The results of a comparison of dates. The zero value is [NotCertain].
const (
	NotCertain Order = iota
	Before
	Same
	After
)

// String returns "not certain", "before", "same" or "after".
func (o Order) String() string {
	return [...]string{"not certain", "before", "same", "after"}[min(o, After)]
}

// Reverse returns the order of the same dates with their roles exchanged.
func (o Order) Reverse() Order {
	switch o {
	case Before:
		return After
	case After:
		return Before
	}
	return o
}

// Compare returns the order of two moments. The order is certain only if it holds for every
// completion of both dates. A completion gives each unknown part any value that is consistent with
// the known ones, down to the second or to the finest fraction digit of either date: 05 may be
// 05:59, and 05:00:00 may be 05:00:00.9 if the other date has tenths. Two dates are therefore the
// [Same] moment only if both are equal and known to the second and to the same digit of its
// fraction. Two equal days are [NotCertain] here and [Same] in [PartialDate.CompareDay].
//
// If neither date has an offset, both are assumed to be in the same zone. If only one has an
// offset, the other may have any from -12:00 to +14:00. If either is the zero PartialDate, the
// result is [NotCertain].
func (d PartialDate) Compare(e PartialDate) Order { return d.Interval().Compare(e.Interval()) }

// CompareDay returns the order of two calendar days as written, regardless of their times and
// offsets. The order is certain only if it holds for every completion. Use it for study days and
// for flags such as treatment-emergent.
func (d PartialDate) CompareDay(e PartialDate) Order { return d.Interval().CompareDay(e.Interval()) }

// CompareEarliest orders dates for sorting, for use with [slices.SortFunc]: by the earliest moment
// that each can mean, then by the latest. Dates without an offset are ordered as if they were in
// UTC. The zero PartialDate comes last. The order is for presentation only; to decide which of two
// dates came first, use [PartialDate.Compare].
func CompareEarliest(a, b PartialDate) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	if c := a.First().moment().Compare(b.First().moment()); c != 0 {
		return c
	}
	return a.lastMoment().Compare(b.lastMoment())
}

// lastMoment is the latest moment to the nanosecond, as if in UTC where no offset is known.
func (d PartialDate) lastMoment() time.Time {
	unit := time.Duration(nanosPerSecond)
	for range d.digits {
		unit /= 10
	}
	return d.Last().moment().Add(unit - 1)
}

// The offsets that clocks on Earth have, in minutes.
const (
	minOffset = -12 * 60
	maxOffset = 14 * 60
)

// Compare returns the order of two intervals as [PartialDate.Compare] does for dates. Each interval
// may be any moment from the earliest completion of its start to the latest completion of its end.
func (v DateInterval) Compare(w DateInterval) Order {
	if v.IsZero() || w.IsZero() {
		return NotCertain
	}
	if v.start == v.end && w.start == w.end && sameMoment(v.start, w.start) {
		return Same
	}
	zoned := v.start.zoned || v.end.zoned || w.start.zoned || w.end.zoned
	switch {
	case v.latest(zoned).Before(w.earliest(zoned)):
		return Before
	case w.latest(zoned).Before(v.earliest(zoned)):
		return After
	}
	return NotCertain
}

func sameMoment(d, e PartialDate) bool {
	return d.knows(wholeClock) && e.knows(wholeClock) && d.zoned == e.zoned && d.digits == e.digits &&
		d.moment().Equal(e.moment())
}

// earliest is the first moment of the interval; in a comparison with offsets, where it has none
// itself, in the zone where that comes first.
func (v DateInterval) earliest(zoned bool) time.Time {
	t := v.start.First().moment()
	if zoned && !v.start.zoned {
		return t.Add(-maxOffset * time.Minute)
	}
	return t
}

func (v DateInterval) latest(zoned bool) time.Time {
	t := v.end.lastMoment()
	if zoned && !v.end.zoned {
		return t.Add(-minOffset * time.Minute)
	}
	return t
}

// CompareDay returns the order of two intervals as [PartialDate.CompareDay] does for dates.
func (v DateInterval) CompareDay(w DateInterval) Order {
	if v.IsZero() || w.IsZero() {
		return NotCertain
	}
	firstV, lastV := v.start.First().date().Time(), v.end.Last().date().Time()
	firstW, lastW := w.start.First().date().Time(), w.end.Last().date().Time()
	switch {
	case lastV.Before(firstW):
		return Before
	case lastW.Before(firstV):
		return After
	case firstV.Equal(lastV) && firstV.Equal(firstW) && firstV.Equal(lastW):
		return Same
	}
	return NotCertain
}
