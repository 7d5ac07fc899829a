package extraction

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// Precision tells which parts of a date are known.
type Precision uint8

// The precisions of a PartialDate, from none to an instant of the day.
const (
	NoDate Precision = iota
	YearOnly
	YearMonth
	FullDate
	DateTime
)

// String names the precision.
func (p Precision) String() string {
	return [...]string{"none", "year", "month", "day", "time"}[min(p, DateTime)]
}

// PartialDate is a date of ISO 8601 as it was collected: a year, a month, a day, or a day with a
// time. Nothing is ever filled in: clinical data often know the year or the month alone (SDTM
// Implementation Guide, section 4.4). The zero value is no date.
type PartialDate struct {
	text      string
	precision Precision
	at        time.Time // the first instant it can mean, as if in UTC when it has no zone
	zoned     bool
}

// ParsePartialDate reads YYYY, YYYY-MM, YYYY-MM-DD or YYYYMMDD, and a day followed by T or one
// blank and HH, HH:MM, HH:MM:SS or HH:MM:SS.fraction, with Z or an offset such as +01:00 or none.
// White space around it is ignored, blank text is no date. What is not in the calendar and forms
// that could mean two days (01/02/2020) are errors, which do not repeat the text.
func ParsePartialDate(text string) (PartialDate, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return PartialDate{}, nil
	}
	day, clock := text, ""
	if i := strings.IndexAny(text, "T "); i >= 0 {
		day, clock = text[:i], text[i+1:]
		if clock == "" {
			return PartialDate{}, errDate("a time after the T", text)
		}
	}
	d := PartialDate{text: text}
	if err := d.readDay(day); err != nil {
		return PartialDate{}, err
	}
	if clock == "" {
		return d, nil
	}
	if d.precision != FullDate {
		return PartialDate{}, errDate("a whole day before the time", text)
	}
	if err := d.readClock(clock); err != nil {
		return PartialDate{}, err
	}
	return d, nil
}

func errDate(want, text string) error {
	return fmt.Errorf("not an ISO 8601 date: want %s (%d bytes)", want, len(text))
}

func (d *PartialDate) readDay(day string) error {
	parts := strings.Split(day, "-")
	if len(parts) == 1 && len(day) == 8 {
		parts = []string{day[:4], day[4:6], day[6:]}
	}
	if len(parts) > 3 || len(parts[0]) != 4 {
		return errDate("YYYY, YYYY-MM or YYYY-MM-DD", d.text)
	}
	numbers := [3]int{1: 1, 2: 1}
	for i, part := range parts {
		n, ok := digits(part)
		if !ok || i > 0 && len(part) != 2 {
			return errDate("YYYY, YYYY-MM or YYYY-MM-DD", d.text)
		}
		numbers[i] = n
	}
	d.at = time.Date(numbers[0], time.Month(numbers[1]), numbers[2], 0, 0, 0, 0, time.UTC)
	if int(d.at.Month()) != numbers[1] || d.at.Day() != numbers[2] || numbers[0] == 0 {
		return errDate("a day that is in the calendar", d.text)
	}
	d.precision = Precision(len(parts))
	return nil
}

// clockLayouts are the times of day by their length without fraction and zone.
var clockLayouts = map[int]string{2: "15", 5: "15:04", 8: "15:04:05"}

func (d *PartialDate) readClock(clock string) error {
	zone := ""
	if i := strings.IndexAny(clock, "Z+-"); i >= 0 {
		clock, zone = clock[:i], clock[i:]
	}
	whole, _, fraction := strings.Cut(clock, ".")
	layout, ok := clockLayouts[len(whole)]
	if !ok || fraction && len(whole) != 8 {
		return errDate("HH, HH:MM or HH:MM:SS after the day", d.text)
	}
	t, err := time.Parse(layout, clock)
	if err != nil {
		return errDate("a time of day that exists", d.text)
	}
	offset, err := readZone(zone)
	if err != nil {
		return errDate("Z or an offset such as +01:00", d.text)
	}
	d.at = d.at.Add(t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))).Add(-offset)
	d.precision, d.zoned = DateTime, zone != ""
	return nil
}

func readZone(zone string) (time.Duration, error) {
	if zone == "" || zone == "Z" {
		return 0, nil
	}
	t, err := time.Parse("-07:00", zone)
	if err != nil {
		if t, err = time.Parse("-0700", zone); err != nil {
			return 0, err
		}
	}
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second, nil
}

func digits(s string) (int, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// DateOf returns an instant of the API as a date with a time.
func DateOf(t imednet.Time) PartialDate {
	return PartialDate{text: t.String(), precision: DateTime, at: t.Time, zoned: true}
}

// String returns the text as it was collected.
func (d PartialDate) String() string { return d.text }

// IsZero reports whether there is no date.
func (d PartialDate) IsZero() bool { return d.precision == NoDate }

// Precision tells which parts are known.
func (d PartialDate) Precision() Precision { return d.precision }

// Complete reports whether the day is known.
func (d PartialDate) Complete() bool { return d.precision >= FullDate }

// Day returns the calendar day as it was written, and whether it is known. The day of a date-time
// with an offset is the one written, not the one in UTC.
func (d PartialDate) Day() (imednet.Date, bool) {
	if !d.Complete() {
		return imednet.Date{}, false
	}
	return d.first(), true
}

// first is the first day that the date can mean.
func (d PartialDate) first() imednet.Date {
	t := d.at
	if d.precision == DateTime {
		day, err := imednet.ParseDate(dashed(d.text))
		if err == nil {
			return day
		}
	}
	return imednet.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}

// dashed returns the day part of a date-time's text as YYYY-MM-DD.
func dashed(text string) string {
	day := text[:strings.IndexAny(text, "T ")]
	if len(day) == 8 {
		return day[:4] + "-" + day[4:6] + "-" + day[6:]
	}
	return day
}

// last is the last day that the date can mean.
func (d PartialDate) last() imednet.Date {
	t := d.first().Time()
	switch d.precision {
	case YearOnly:
		t = t.AddDate(1, 0, -1)
	case YearMonth:
		t = t.AddDate(0, 1, -1)
	}
	return imednet.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}

// Compare orders two dates: -1, 0 or +1, and whether the order is certain. Where one date could
// mean days on both sides of the other ("2013-05" and "2013-05-10") nothing is decided. Two dates
// with times are compared as instants when both or neither have a zone, otherwise all are
// compared by the day.
func (d PartialDate) Compare(e PartialDate) (order int, decided bool) {
	switch {
	case d.IsZero() || e.IsZero():
		return 0, false
	case d.precision == DateTime && e.precision == DateTime && d.zoned == e.zoned:
		return d.at.Compare(e.at), true
	case d.last().Time().Before(e.first().Time()):
		return -1, true
	case e.last().Time().Before(d.first().Time()):
		return 1, true
	}
	return 0, d.Complete() && e.Complete()
}

// DaysSince returns the number of days from e to d, and whether both days are known.
func (d PartialDate) DaysSince(e PartialDate) (int, bool) {
	a, okA := d.Day()
	b, okB := e.Day()
	if !okA || !okB {
		return 0, false
	}
	return int(a.Time().Sub(b.Time()) / (24 * time.Hour)), true
}

// ImputationFlag tells which parts of a date were filled in, as ADaM's date imputation flags do:
// "" none, "D" the day, "M" month and day. A year is never filled in.
type ImputationFlag string

// The values of an ImputationFlag.
const (
	NotImputed   ImputationFlag = ""
	DayImputed   ImputationFlag = "D"
	MonthImputed ImputationFlag = "M"
)

// Impute says how the caller wants missing parts filled in. There is no default.
type Impute uint8

// The ways of Imputed.
const (
	ImputeFirst Impute = iota + 1 // the first day that the date can mean
	ImputeLast                    // the last day that the date can mean
)

// Imputed returns a full date and the flag that says what of it was filled in; ok is false when
// there is no date, or how is neither ImputeFirst nor ImputeLast. Only a caller asks for this:
// the library itself never uses an imputed date.
func (d PartialDate) Imputed(how Impute) (date imednet.Date, flag ImputationFlag, ok bool) {
	if d.IsZero() || how != ImputeFirst && how != ImputeLast {
		return imednet.Date{}, NotImputed, false
	}
	switch d.precision {
	case YearOnly:
		flag = MonthImputed
	case YearMonth:
		flag = DayImputed
	}
	if how == ImputeFirst {
		return d.first(), flag, true
	}
	return d.last(), flag, true
}

// MarshalText returns the text as it was collected.
func (d PartialDate) MarshalText() ([]byte, error) { return []byte(d.text), nil }
