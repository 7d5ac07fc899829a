package extraction

// StudyDay returns the day of a study relative to a reference date, usually the start of
// treatment: the reference date itself is day 1, the day before it day -1, and there is no day 0
// (SDTM Implementation Guide, section 4.4.4). ok is false unless both days are known.
func StudyDay(d, reference PartialDate) (day int, ok bool) {
	days, ok := d.DaysSince(reference)
	if ok && days >= 0 {
		days++
	}
	return days, ok
}

// Treatment is a subject's time on treatment.
type Treatment struct {
	Start, End PartialDate
	// WithinDays is how many days after End an event still counts as emergent; nil sets no end.
	WithinDays *int
}

// TreatmentEmergent reports whether an event that started then is treatment-emergent: on or after
// the day treatment started and, when WithinDays is set, at most so many days after it ended.
// Dates are compared by the day. Where a missing or partial date leaves it open the answer is
// Unanswered: a flag is never guessed.
func TreatmentEmergent(start PartialDate, t Treatment) Tri {
	if start.IsZero() || t.Start.IsZero() {
		return Unanswered
	}
	if start.last().Time().Before(t.Start.first().Time()) {
		return No
	}
	after := !start.first().Time().Before(t.Start.last().Time())
	if t.WithinDays == nil {
		return yesWhen(after)
	}
	if t.End.IsZero() {
		return Unanswered
	}
	if start.first().Time().After(t.End.last().Time().AddDate(0, 0, *t.WithinDays)) {
		return No
	}
	before := !start.last().Time().After(t.End.first().Time().AddDate(0, 0, *t.WithinDays))
	return yesWhen(after && before)
}

func yesWhen(certain bool) Tri {
	if certain {
		return Yes
	}
	return Unanswered
}
