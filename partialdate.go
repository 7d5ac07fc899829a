package imednet

import "time"

// PartialDate is a date, or a date with a time of day, of which each part is known or unknown, as
// clinical data record dates (ISO 8601 as CDISC uses it, SDTM Implementation Guide, section 4.4).
// Unknown parts are never imputed. [ParsePartialDate] reads a PartialDate, a [DateFormat] reads
// dates as other systems write them, and a [DateInterval] is a date known to lie between two
// others.
//
// The zero value means no date. Two values are == if they have the same meaning: the spelling
// (white space, basic format, Z or +00:00) is ignored, but the number of digits of a fraction is
// significant. A value returned by this package never has a day that does not exist. Years range
// from 1 to 9999.
//
// # Days and moments
//
// The calendar day of a date is the day as written; an offset does not move it. Everything that
// counts days ([PartialDate.CompareDay], [PartialDate.DaysSince], [PartialDate.StudyDay]) uses that
// day. [PartialDate.Compare] compares moments.
//
// The end of a day, 24:00, is the beginning of the next day and is kept as such: the day of
// 2014-02-03T24:00 is 4 February.
type PartialDate struct {
	nanos  uint32 // of the second
	year   uint16
	offset int16 // minutes east of UTC
	month  uint8
	day    uint8
	hour   uint8
	minute uint8
	second uint8
	digits uint8 // written of the fraction; 0 is no fraction
	known  dateParts
	zoned  bool
}

// dateParts is a set of parts. A part that is not in PartialDate.known is 0, so that == holds.
type dateParts uint8

const (
	knowsYear dateParts = 1 << iota
	knowsMonth
	knowsDay
	knowsHour
	knowsMinute
	knowsSecond

	wholeDay   = knowsYear | knowsMonth | knowsDay
	timeOfDay  = knowsHour | knowsMinute | knowsSecond
	wholeClock = wholeDay | timeOfDay
)

// DatePrecision is the last known part of a date before the first unknown one. 2003-12-15T-:15 is
// known to the day, 2003---15 to the year.
type DatePrecision string

// The precisions of a PartialDate.
const (
	PrecisionYear     DatePrecision = "year"
	PrecisionMonth    DatePrecision = "month"
	PrecisionDay      DatePrecision = "day"
	PrecisionHour     DatePrecision = "hour"
	PrecisionMinute   DatePrecision = "minute"
	PrecisionSecond   DatePrecision = "second"
	PrecisionFraction DatePrecision = "fraction" // of a second
	// PrecisionUnknown is the precision of a missing date, of text that cannot be read as one, and
	// of a date whose year is unknown.
	PrecisionUnknown DatePrecision = "unknown"
)

// precisions are the precisions that end with a part of PartialDate.known, in that order.
var precisions = [...]DatePrecision{
	PrecisionYear, PrecisionMonth, PrecisionDay, PrecisionHour, PrecisionMinute, PrecisionSecond,
}

// PartialDateOf returns a calendar day as a PartialDate, or [ErrNoSuchDate].
func PartialDateOf(day Date) (PartialDate, error) {
	if day.Year < 1 || day.Year > 9999 || day.Month < 1 || day.Month > 12 || day.Day < 1 || day.Day > 31 {
		return PartialDate{}, ErrNoSuchDate
	}
	d := PartialDate{year: uint16(day.Year), month: uint8(day.Month), day: uint8(day.Day), known: wholeDay}
	if !d.inCalendar() {
		return PartialDate{}, ErrNoSuchDate
	}
	return d, nil
}

// PartialDateOfTime returns an instant of the API as a PartialDate in UTC, to the second or, if t
// has a fraction, to its last nonzero digit. A year outside 1 to 9999 is [ErrNoSuchDate].
func PartialDateOfTime(t Time) (PartialDate, error) {
	u := t.UTC()
	d, err := PartialDateOf(Date{u.Year(), u.Month(), u.Day()})
	if err != nil {
		return PartialDate{}, err
	}
	d.hour, d.minute, d.second = uint8(u.Hour()), uint8(u.Minute()), uint8(u.Second())
	d.known, d.zoned, d.nanos = wholeClock, true, uint32(u.Nanosecond())
	for left := uint64(d.nanos); left > 0; left = left * 10 % nanosPerSecond {
		d.digits++
	}
	return d, nil
}

const (
	nanosPerSecond    = 1_000_000_000
	maxFractionDigits = 9
)

// IsZero reports whether there is no date.
func (d PartialDate) IsZero() bool { return d.known == 0 }

// Precision returns the last known part of the date before the first unknown one.
func (d PartialDate) Precision() DatePrecision {
	precision := PrecisionUnknown
	for i, p := range precisions {
		if !d.knows(1 << i) {
			return precision
		}
		precision = p
	}
	if d.digits > 0 {
		return PrecisionFraction
	}
	return precision
}

func (d PartialDate) knows(parts dateParts) bool { return d.known&parts == parts }

// Year returns the year, and whether it is known.
func (d PartialDate) Year() (int, bool) { return int(d.year), d.knows(knowsYear) }

// Month returns the month, and whether it is known.
func (d PartialDate) Month() (time.Month, bool) { return time.Month(d.month), d.knows(knowsMonth) }

// Day returns the day of the month, and whether it is known. For the calendar day see
// [PartialDate.Date].
func (d PartialDate) Day() (int, bool) { return int(d.day), d.knows(knowsDay) }

// Hour returns the hour, 0 to 23, and whether it is known.
func (d PartialDate) Hour() (int, bool) { return int(d.hour), d.knows(knowsHour) }

// Minute returns the minute, and whether it is known.
func (d PartialDate) Minute() (int, bool) { return int(d.minute), d.knows(knowsMinute) }

// Second returns the second, 0 to 59, and whether it is known.
func (d PartialDate) Second() (int, bool) { return int(d.second), d.knows(knowsSecond) }

// Fraction returns the fraction of the second and the number of digits in which it was written, 1
// to 9. 0 digits mean that there was no fraction.
func (d PartialDate) Fraction() (fraction time.Duration, digits int) {
	return time.Duration(d.nanos), int(d.digits)
}

// Offset returns the offset east of UTC, and whether one was written.
func (d PartialDate) Offset() (time.Duration, bool) {
	return time.Duration(d.offset) * time.Minute, d.zoned
}

// Date returns the calendar day as written, and whether year, month and day are all known.
func (d PartialDate) Date() (Date, bool) {
	if !d.knows(wholeDay) {
		return Date{}, false
	}
	return d.date(), true
}

func (d PartialDate) date() Date { return Date{int(d.year), time.Month(d.month), int(d.day)} }

// Instant returns the moment in UTC, and whether it is known, which requires every part down to the
// second and the offset.
func (d PartialDate) Instant() (Time, bool) {
	if !d.knows(wholeClock) || !d.zoned {
		return Time{}, false
	}
	t := Time{d.moment()}
	return t, inRange(t.Time)
}

// moment is the moment of a complete date, as if in UTC where no offset is known.
func (d PartialDate) moment() time.Time {
	return time.Date(int(d.year), time.Month(d.month), int(d.day), int(d.hour), int(d.minute)-int(d.offset),
		int(d.second), int(d.nanos), time.UTC)
}

// Truncate returns the date without the parts that are finer than a precision: truncated to the
// month, 2003---15 becomes 2003 and --12-15 becomes --12. Truncating to [PrecisionUnknown] gives
// the zero PartialDate.
func (d PartialDate) Truncate(to DatePrecision) PartialDate {
	if to == PrecisionFraction {
		return d
	}
	if to == PrecisionSecond {
		d.nanos, d.digits = 0, 0
		return d
	}
	var keep dateParts
	for i, p := range precisions {
		if p == to {
			keep = 1<<(i+1) - 1
		}
	}
	return d.keeping(keep)
}

// keeping returns the date with only these parts, which end before the second.
func (d PartialDate) keeping(parts dateParts) PartialDate {
	kept := PartialDate{known: d.known & parts}
	for part := knowsYear; part < knowsSecond; part <<= 1 {
		if kept.knows(part) {
			kept.set(part, d.value(part))
		}
	}
	if kept.known&timeOfDay != 0 {
		kept.offset, kept.zoned = d.offset, d.zoned
	}
	return kept
}

// inCalendar reports whether the known parts of the day occur together in some year.
func (d PartialDate) inCalendar() bool {
	year, month := int(d.year), int(d.month)
	if !d.knows(knowsYear) {
		year = leapYear
	}
	if !d.knows(knowsMonth) {
		month = 1
	}
	return int(d.day) <= daysInMonth(year, month)
}

// leapYear is the first year with a 29 February, and lastLeapYear the last with four digits.
const (
	leapYear     = 4
	lastLeapYear = 9996
)

func daysInMonth(year, month int) int {
	switch {
	case month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	case month == 4, month == 6, month == 9, month == 11:
		return 30
	}
	return 31
}
