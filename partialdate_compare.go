package imednet

import "time"

// Order is how two dates stand to each other, as far as it is known.
type Order uint8

// The orders. NotCertain is the zero value: whoever decides nothing has decided nothing.
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

// Reverse returns the order of the two dates the other way round.
func (o Order) Reverse() Order {
	switch o {
	case Before:
		return After
	case After:
		return Before
	}
	return o
}

// Compare returns the order of two moments. It is certain only where it holds for every completion
// of both dates. A completion gives each unknown part every value that fits the known ones, down
// to the second, or to the finest digit that either side has of one: 05 may be 05:59, 05:00:00 may
// be 05:00:00.9 where the other side has tenths. So two dates are the Same moment only when both
// are known to the second and to the same digit of it, and equal; two equal days are NotCertain
// here and Same in [PartialDate.CompareDay].
//
// When neither side has an offset, both are taken to be of one zone. When only one has an offset,
// the other may have any from -12:00 to +14:00. With no date on either side nothing is certain.
func (d PartialDate) Compare(e PartialDate) Order { return d.Interval().Compare(e.Interval()) }

// CompareDay returns the order of two calendar days as they were written, whatever their times and
// offsets, certain only where it holds for every completion. It is what study days and flags such
// as treatment-emergent need.
func (d PartialDate) CompareDay(e PartialDate) Order { return d.Interval().CompareDay(e.Interval()) }

// CompareEarliest orders dates for sorting, as [slices.SortFunc] wants it: by the earliest moment
// that each can mean, in UTC where there is an offset and as if in UTC elsewhere, and then by the
// latest. No date is the last of all. It decides nothing: see [PartialDate.Compare].
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

// Compare returns the order of two intervals as [PartialDate.Compare] does for dates: each may be
// any moment from the earliest completion of its start to the latest of its end.
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
