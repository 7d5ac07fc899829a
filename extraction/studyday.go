package extraction

import "github.com/imednetgo/imednet"

// Treatment is the period in which a subject was treated.
type Treatment struct {
	Start, End imednet.PartialDate
	// WithinDays is the number of days after End in which an event still counts as emergent; nil
	// means no limit.
	WithinDays *int
	// ByDay compares calendar days even if both times of day are known.
	ByDay bool
}

// TreatmentEmergent reports whether an event with this start is treatment-emergent: it started on
// or after the start of treatment and, if WithinDays is set, at most that many days after the day
// on which treatment ended. If both hours are known, times are compared, so that an event an hour
// before the first dose is not emergent. Otherwise, and always with ByDay, calendar days are
// compared. If a missing or partial date leaves the result open, it is [imednet.Unknown] and never
// guessed.
func TreatmentEmergent(start imednet.PartialDate, t Treatment) imednet.YesNo {
	if start.IsZero() || t.Start.IsZero() {
		return imednet.Unknown
	}
	after := notBefore(start, t.Start, t.ByDay)
	if after == imednet.No || t.WithinDays == nil {
		return after
	}
	if t.End.IsZero() {
		return imednet.Unknown
	}
	within := withinDays(start, t.End, *t.WithinDays)
	if after == imednet.Unknown && within == imednet.Yes {
		return imednet.Unknown
	}
	return within
}

// notBefore reports whether a date is certainly on or after another, certainly before it, or
// neither.
func notBefore(d, reference imednet.PartialDate, byDay bool) imednet.YesNo {
	compare := compareClock(d, reference, byDay)
	switch compare(d.First(), reference.Last()) {
	case imednet.Same, imednet.After:
		return imednet.Yes
	}
	if compare(d.Last(), reference.First()) == imednet.Before {
		return imednet.No
	}
	return imednet.Unknown
}

// compareClock is how two dates are compared: as moments where both hours are known, else by the
// calendar day.
func compareClock(d, e imednet.PartialDate, byDay bool) func(a, b imednet.PartialDate) imednet.Order {
	_, okD := d.Hour()
	_, okE := e.Hour()
	if okD && okE && !byDay {
		return imednet.PartialDate.Compare
	}
	return imednet.PartialDate.CompareDay
}

// withinDays reports whether a date is at most so many days after the day of another.
func withinDays(d, end imednet.PartialDate, days int) imednet.YesNo {
	first, okFirst := end.First().AddDays(days)
	last, okLast := end.Last().AddDays(days)
	switch {
	case !okFirst || !okLast:
		return imednet.Unknown
	case d.First().CompareDay(last) == imednet.After:
		return imednet.No
	case d.Last().CompareDay(first) == imednet.After:
		return imednet.Unknown
	}
	return imednet.Yes
}
