package imednet

import "time"

const secondsPerDay = 24 * 60 * 60

// maxShiftDays is more days than the years 1 to 9999 have.
const maxShiftDays = 4_000_000

// AddDays returns the date moved by whole days, with its time of day and offset unchanged. It
// reports false if the calendar day is not known or the result lies outside the years 1 to 9999.
func (d PartialDate) AddDays(days int) (PartialDate, bool) {
	if !d.knows(wholeDay) || days > maxShiftDays || days < -maxShiftDays {
		return PartialDate{}, false
	}
	t := time.Date(int(d.year), time.Month(d.month), int(d.day)+days, 0, 0, 0, 0, time.UTC)
	year, month, day := t.Date()
	if year < 1 || year > 9999 {
		return PartialDate{}, false
	}
	d.year, d.month, d.day = uint16(year), uint8(month), uint8(day)
	return d, true
}

// DaysSince returns the number of days from the calendar day of e to that of d, and whether both
// are known.
func (d PartialDate) DaysSince(e PartialDate) (int, bool) {
	if !d.knows(wholeDay) || !e.knows(wholeDay) {
		return 0, false
	}
	return int((d.date().Time().Unix() - e.date().Time().Unix()) / secondsPerDay), true
}

// StudyDay returns the study day relative to a reference date, usually the start of treatment: the
// reference date is day 1, the day before it is day -1, and there is no day 0 (SDTM Implementation
// Guide, section 4.4.4). ok is false unless both calendar days are known.
func (d PartialDate) StudyDay(reference PartialDate) (day int, ok bool) {
	days, ok := d.DaysSince(reference)
	if ok && days >= 0 {
		days++
	}
	return days, ok
}

// First returns the earliest completion: every part down to the second is known, and the offset and
// the fraction are unchanged. For an unknown year it takes the first one that fits, starting at 1.
// The completion of the zero PartialDate is itself.
func (d PartialDate) First() PartialDate {
	if d.IsZero() {
		return d
	}
	if !d.knows(knowsYear) {
		d.year = 1
		if d.month == 2 && d.day == 29 {
			d.year = leapYear
		}
	}
	d.month, d.day = max(d.month, 1), max(d.day, 1)
	d.known = wholeClock
	return d
}

// Last returns the latest completion, as [PartialDate.First] does the earliest. For an unknown year
// it takes the last one that fits: 9999, or 9996 if the date is 29 February.
func (d PartialDate) Last() PartialDate {
	if d.IsZero() {
		return d
	}
	if !d.knows(knowsYear) {
		d.year = 9999
		if d.month == 2 && d.day == 29 {
			d.year = lastLeapYear
		}
	}
	if !d.knows(knowsMonth) {
		d.month = 12
	}
	if !d.knows(knowsDay) {
		d.day = uint8(daysInMonth(int(d.year), int(d.month)))
	}
	if !d.knows(knowsHour) {
		d.hour = 23
	}
	if !d.knows(knowsMinute) {
		d.minute = 59
	}
	if !d.knows(knowsSecond) {
		d.second = 59
	}
	d.known = wholeClock
	return d
}
