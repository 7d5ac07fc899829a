package workflows

import (
	"fmt"
	"time"
)

// DatePrecision says how much of a date was entered. CDISC keeps partial dates as ISO 8601 text
// that is cut where knowledge ends (SDTM Implementation Guide, section 4.4.2); so do we.
type DatePrecision string

// The precisions of a date as entered.
const (
	PrecisionYear     DatePrecision = "year"
	PrecisionMonth    DatePrecision = "month"
	PrecisionDay      DatePrecision = "day"
	PrecisionHour     DatePrecision = "hour"
	PrecisionMinute   DatePrecision = "minute"
	PrecisionSecond   DatePrecision = "second"
	PrecisionFraction DatePrecision = "fraction" // of a second
	// PrecisionUnknown marks text that is no ISO 8601 date, such as UN-DEC-2013 or 2014-02-30.
	PrecisionUnknown DatePrecision = "unknown"
)

// enteredDate is a date as somebody typed it: the parts that were entered, the others 0.
type enteredDate struct {
	year, month, day     int
	hour, minute, second int
	precision            DatePrecision
	separator            byte // between date and time: 'T', ' ' or 0
	zoned                bool
}

// complete reports whether the day is known.
func (d enteredDate) complete() bool { return d.day > 0 }

// epochDays counts days since 1970-01-01. The calendar day is the one that was written; a zone
// does not move it.
func (d enteredDate) epochDays() int {
	return int(time.Date(d.year, time.Month(d.month), d.day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// parseEnteredDate reads YYYY, YYYY-MM, YYYY-MM-DD, and the last with a time after T or one
// blank: HH, HH:MM, HH:MM:SS, a fraction, and a zone Z or ±HH:MM. Days that no calendar has are
// no dates.
func parseEnteredDate(text []byte) (enteredDate, bool) {
	unknown := enteredDate{precision: PrecisionUnknown}
	d := unknown
	year, ok := digitsOf(text, 0, 4)
	if !ok || year == 0 {
		return unknown, false
	}
	d.year, d.precision = year, PrecisionYear
	if len(text) == 4 {
		return d, true
	}
	month, ok := digitsOf(text, 5, 2)
	if !ok || text[4] != '-' || month < 1 || month > 12 {
		return unknown, false
	}
	d.month, d.precision = month, PrecisionMonth
	if len(text) == 7 {
		return d, true
	}
	day, ok := digitsOf(text, 8, 2)
	if !ok || text[7] != '-' || day < 1 || day > daysIn(year, month) {
		return unknown, false
	}
	d.day, d.precision = day, PrecisionDay
	if len(text) == 10 {
		return d, true
	}
	if text[10] != 'T' && text[10] != ' ' {
		return unknown, false
	}
	d.separator = text[10]
	if !d.parseClock(text[11:]) {
		return unknown, false
	}
	return d, true
}

// parseClock reads the time of day and the zone behind the separator.
func (d *enteredDate) parseClock(text []byte) bool {
	parts := [...]struct {
		value     *int
		limit     int
		precision DatePrecision
	}{{&d.hour, 24, PrecisionHour}, {&d.minute, 60, PrecisionMinute}, {&d.second, 60, PrecisionSecond}}
	for i, part := range parts {
		if i > 0 {
			if len(text) == 0 || text[0] != ':' {
				break
			}
			text = text[1:]
		}
		v, ok := digitsOf(text, 0, 2)
		if !ok || v >= part.limit {
			return false
		}
		*part.value, d.precision = v, part.precision
		text = text[2:]
	}
	if len(text) > 0 && text[0] == '.' && d.precision == PrecisionSecond {
		n := 1
		for n < len(text) && text[n] >= '0' && text[n] <= '9' {
			n++
		}
		if n == 1 {
			return false
		}
		d.precision, text = PrecisionFraction, text[n:]
	}
	d.zoned = len(text) > 0
	return len(text) == 0 || isZone(text)
}

func isZone(text []byte) bool {
	if string(text) == "Z" {
		return true
	}
	if len(text) != 6 || text[0] != '+' && text[0] != '-' || text[3] != ':' {
		return false
	}
	hours, ok1 := digitsOf(text, 1, 2)
	minutes, ok2 := digitsOf(text, 4, 2)
	return ok1 && ok2 && hours <= 14 && minutes < 60
}

// digitsOf reads the n digits at text[from:].
func digitsOf(text []byte, from, n int) (int, bool) {
	if len(text) < from+n {
		return 0, false
	}
	v := 0
	for _, c := range text[from : from+n] {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// shiftDateText moves a date by whole days and writes it in the form in which it stood. A date
// without a day is moved by its midpoint (2 July, the 16th) and cut back to its precision. It
// fails for text that is no date and for results outside the years 1 to 9999.
func shiftDateText(text []byte, days int) (string, bool) {
	d, ok := parseEnteredDate(text)
	if !ok {
		return "", false
	}
	month, day := d.month, d.day
	if month == 0 {
		month, day = 7, 2
	}
	if day == 0 {
		day = 16
	}
	t := time.Date(d.year, time.Month(month), day+days, 0, 0, 0, 0, time.UTC)
	if t.Year() < 1 || t.Year() > 9999 {
		return "", false
	}
	switch d.precision {
	case PrecisionYear:
		return fmt.Sprintf("%04d", t.Year()), true
	case PrecisionMonth:
		return fmt.Sprintf("%04d-%02d", t.Year(), int(t.Month())), true
	}
	return fmt.Sprintf("%04d-%02d-%02d", t.Year(), int(t.Month()), t.Day()) + string(text[10:]), true
}
