package imednet

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The two forms in which the API writes an instant (API contract, section 5). The form that is
// read is not the form that a filter takes.
const (
	wireTimeLayout   = "2006-01-02 15:04:05"
	filterTimeLayout = "2006-01-02T15:04:05Z"
)

// Time is an instant of the API, in UTC. The API writes "2006-01-02 15:04:05" without a zone and
// documents it as UTC.
type Time struct{ time.Time }

// NewTime returns t in UTC.
func NewTime(t time.Time) Time { return Time{t.UTC()} }

// String returns the wire form, "2006-01-02 15:04:05", with a fraction only if there is one.
func (t Time) String() string {
	if t.Nanosecond() != 0 {
		return t.UTC().Format("2006-01-02 15:04:05.999999999")
	}
	return t.UTC().Format(wireTimeLayout)
}

// Filter returns the form used in filters, "2006-01-02T15:04:05Z". A fraction is truncated, because
// the API's precision is one second.
func (t Time) Filter() string { return t.UTC().Format(filterTimeLayout) }

// MarshalText returns the wire form.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what [ParseTime] reads.
func (t *Time) UnmarshalText(b []byte) error {
	v, err := ParseTime(string(b))
	*t = v
	return err
}

// MarshalJSON returns the wire form as a JSON string.
func (t Time) MarshalJSON() ([]byte, error) { return []byte(`"` + t.String() + `"`), nil }

// UnmarshalJSON reads a JSON string that [ParseTime] accepts.
func (t *Time) UnmarshalJSON(b []byte) error {
	text, isText := scalarText(b)
	v, err := parseWireTime(b, text, isText)
	*t = v
	return err
}

// timeLayouts are the forms that ParseTime accepts, the documented one first. Go reads a
// fraction of seconds whether or not the layout names one.
var timeLayouts = []string{
	wireTimeLayout,
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04:05Z0700",
}

// ParseTime reads an instant: the documented "2006-01-02 15:04:05", or the same with a T, a
// fraction, Z or an offset. Without a zone it is UTC. The error does not repeat the text.
func ParseTime(s string) (Time, error) {
	if t, ok := parseWireLayout(s); ok {
		return t, nil
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil && inRange(t) {
			return Time{t.UTC()}, nil
		}
	}
	return Time{}, fmt.Errorf("imednet: not a time of the form %q (%d bytes)", wireTimeLayout, len(s))
}

// parseWireLayout reads the documented form, which nearly every time has. What it does not take is not
// necessarily wrong.
func parseWireLayout(s string) (Time, bool) {
	if len(s) != len(wireTimeLayout) || s[4] != '-' || s[7] != '-' || s[10] != ' ' || s[13] != ':' || s[16] != ':' {
		return Time{}, false
	}
	var parts [7]int
	for i, at := range [7]int{0, 2, 5, 8, 11, 14, 17} { // the year has two
		tens, ones := s[at]-'0', s[at+1]-'0'
		if tens > 9 || ones > 9 {
			return Time{}, false
		}
		parts[i] = 10*int(tens) + int(ones)
	}
	year, month, day := 100*parts[0]+parts[1], time.Month(parts[2]), parts[3]
	hour, minute, second := parts[4], parts[5], parts[6]
	t := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	return Time{t}, t.Month() == month && t.Day() == day && hour < 24 && minute < 60 && second < 60
}

// inRange reports whether every form can write the year with four digits.
func inRange(t time.Time) bool {
	y := t.UTC().Year()
	return y >= 0 && y <= 9999
}

// parseWireTime reads a text or the int array [year, month, day, hour, minute, second, nanos] in
// which role dates arrive; trailing zero parts may be missing (API contract, section 4.12).
func parseWireTime(raw jsontext.Value, text string, isText bool) (Time, error) {
	if isText {
		return ParseTime(text)
	}
	var parts []int
	if raw.Kind() != '[' || json.Unmarshal(raw, &parts) != nil || len(parts) < 3 || len(parts) > 7 {
		return Time{}, fmt.Errorf("imednet: not a time: JSON %s", raw.Kind())
	}
	full := [7]int{}
	copy(full[:], parts)
	t := time.Date(full[0], time.Month(full[1]), full[2], full[3], full[4], full[5], full[6], time.UTC)
	if t.Year() != full[0] || int(t.Month()) != full[1] || t.Day() != full[2] ||
		t.Hour() != full[3] || t.Minute() != full[4] || t.Second() != full[5] || t.Nanosecond() != full[6] || !inRange(t) {
		return Time{}, fmt.Errorf("imednet: no such time in the calendar")
	}
	return Time{t}, nil
}

// Date is a calendar date without a time zone, as used for visit windows.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads "2006-01-02". The error does not repeat the text.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("imednet: not a date of the form %q (%d bytes)", time.DateOnly, len(s))
	}
	return Date{t.Year(), t.Month(), t.Day()}, nil
}

// String returns "2006-01-02".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// Time returns midnight UTC at the beginning of the date.
func (d Date) Time() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
