package extraction

import "github.com/imednetgo/imednet"

// Treatment is a subject's time on treatment.
type Treatment struct {
	Start, End imednet.PartialDate
	// WithinDays is how many days after End an event still counts as emergent; nil sets no end.
	WithinDays *int
	// ByDay compares calendar days even where both times of day are known.
	ByDay bool
}

// TreatmentEmergent reports whether an event that started then is treatment-emergent: on or after
// the start of treatment and, when WithinDays is set, at most so many days after the day it ended.
// Where both hours are known the clock decides: an event an hour before the first dose is not
// emergent. Otherwise, and always with ByDay, the calendar day does. Where a missing or partial
// date leaves it open the answer is Unknown: a flag is never guessed.
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
