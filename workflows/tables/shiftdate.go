package tables

import (
	"bytes"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// shiftDateText moves a date by whole days and writes it in the form in which it stood, or in ISO
// 8601's extended form where that was another. A date without a day is moved by its midpoint
// (2 July, the 16th) and cut back to its precision. It fails for text that is no date, for a date
// without a year, and for results outside the years 1 to 9999.
func shiftDateText(text []byte, days int) (string, bool) {
	d, err := imednet.ParsePartialDate(text)
	if err != nil {
		return "", false
	}
	day, ok := d.Date()
	if !ok {
		return shiftMidpoint(d, days)
	}
	moved, ok := d.AddDays(days)
	if !ok {
		return "", false
	}
	text = answers.TrimSpace(text)
	if clock, extended := bytes.CutPrefix(text, []byte(day.String())); extended {
		to, _ := moved.Date()
		return to.String() + string(clock), true
	}
	return moved.String(), true
}

func shiftMidpoint(d imednet.PartialDate, days int) (string, bool) {
	year, ok := d.Year()
	if !ok {
		return "", false
	}
	middle := imednet.Date{Year: year, Month: 7, Day: 2}
	if month, ok := d.Month(); ok {
		middle.Month, middle.Day = month, 16
	}
	moved, err := imednet.PartialDateOf(middle)
	if err != nil {
		return "", false
	}
	moved, ok = moved.AddDays(days)
	return moved.Truncate(d.Precision()).String(), ok
}
