package dictionary

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// datesAround are the constants that are dates, today and yesterday, and the days beside each; where the question takes a time,
// also the start, the middle and the end of each day, and the minutes beside constants. Today's first and last minute are on
// either side of now for as long as can be; of yesterday's no rule about the future is in doubt. Behind and before all of these
// there is one day more.
func (c *Checker) datesAround(q *Question, from suggestions) []string {
	var all []string
	now := c.clock.Now().UTC()
	today, yesterday := now.Format(time.DateOnly), now.AddDate(0, 0, -1).Format(time.DateOnly)
	first, last := yesterday, today
	for _, text := range slices.Concat([]string{today, yesterday}, from.constants, from.matching) {
		d, ok := wholeDate(text)
		if !ok {
			continue
		}
		day := d.Truncate(imednet.PrecisionDay).String()
		first, last = min(first, day), max(last, day)
		_, clock := d.Hour()
		if !clock {
			all = appendText(all, day)
		}
		if q.mayTakeTimes() {
			for _, moment := range append(momentsBeside(d), momentsOf(day)...) {
				all = appendText(all, moment)
			}
		}
		for _, beside := range daysBeside(day) {
			all = appendText(all, beside)
			if q.mayTakeTimes() {
				all = appendText(all, beside+"T12:00")
			}
		}
		all = appendText(all, day)
	}
	return farDays(all, first, last)
}

// farDays adds a day a year before the first and one a year behind the last.
func farDays(all []string, first, last string) []string {
	for _, far := range []struct {
		day   string
		years int
	}{{first, -1}, {last, 1}} {
		if at, err := time.Parse(time.DateOnly, far.day); err == nil {
			all = appendText(all, at.AddDate(far.years, 0, 0).Format(time.DateOnly))
		}
	}
	return all
}

// momentsOf are the start, the middle and the end of a day.
func momentsOf(day string) []string { return []string{day + "T00:00", day + "T12:00", day + "T23:59"} }

// wholeDate is a text that is a date with all parts, with or without a time.
func wholeDate(text string) (imednet.PartialDate, bool) {
	d, err := imednet.ParsePartialDate(text)
	_, number := imednet.ParseNumber(text)
	_, day := d.Day()
	_, month := d.Month()
	_, year := d.Year()
	return d, err == nil && !number && day && month && year
}

// mayTakeTimes reports whether a question about a date does not say that it takes no time.
func (q *Question) mayTakeTimes() bool {
	return !saysNo(q.Option("Time Control")) && !saysNo(q.Option("Precision Time"))
}

// momentsBeside are a moment, and those a step of its last part behind and before it.
func momentsBeside(d imednet.PartialDate) []string {
	text := d.String()
	for _, layout := range []struct {
		form string
		step time.Duration
	}{{"2006-01-02T15:04", time.Minute}, {"2006-01-02T15:04:05", time.Second}} {
		if at, err := time.Parse(layout.form, text); err == nil {
			return []string{text, at.Add(layout.step).Format(layout.form), at.Add(-layout.step).Format(layout.form)}
		}
	}
	return nil
}

// daysBeside are the days behind and before a whole date; none for another text.
func daysBeside(text string) []string {
	d, ok := wholeDate(text)
	if _, clock := d.Hour(); !ok || clock {
		return nil
	}
	var all []string
	for _, days := range []int{1, -1} {
		if moved, ok := d.AddDays(days); ok {
			all = append(all, moved.String())
		}
	}
	return all
}

// farMoments are a date a month and a year from one, or a time of day an hour from one; none for another text.
func farMoments(text string) (all []string) {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, text); err == nil {
			for _, months := range []int{1, -1, 12, -12} {
				all = append(all, at.AddDate(0, months, 0).Format(layout))
			}
		}
	}
	for _, layout := range []string{"15:04", "15:04:05"} {
		if at, err := time.Parse(layout, text); err == nil {
			all = append(all, at.Add(time.Hour).Format(layout), at.Add(-time.Hour).Format(layout))
		}
	}
	return all
}

// timesAround are the constants that are times of day to the minute or beyond, noon, the minutes
// beside each on the same day, and the first and last minute of the day.
func timesAround(constants []string) []string {
	var all []string
	for _, text := range append([]string{"12:00"}, constants...) {
		if beside := minutesBeside(text); len(beside) > 0 {
			all = appendText(all, strings.TrimSpace(text))
			for _, minute := range beside {
				all = appendText(all, minute)
			}
		}
	}
	return appendText(appendText(all, "00:00"), "23:59")
}

// minutesBeside are the minutes, or for a time with seconds the seconds, behind and before a time of day on the same day;
// none for another text.
func minutesBeside(text string) []string {
	at, err := imednet.ParseTimeOfDay(text)
	minute, known := minuteOfDay(at)
	if err != nil || !known {
		return nil
	}
	second, seconds := at.Second()
	var all []string
	for _, by := range []int{1, -1} {
		moved := minute + by
		if seconds {
			moved = minute*60 + second + by
		}
		switch {
		case moved < 0 || seconds && moved >= 24*60*60 || !seconds && moved >= 24*60:
		case seconds:
			all = append(all, fmt.Sprintf("%02d:%02d:%02d", moved/3600, moved/60%60, moved%60))
		default:
			all = append(all, fmt.Sprintf("%02d:%02d", moved/60, moved%60))
		}
	}
	return all
}

func minuteOfDay(at imednet.PartialDate) (int, bool) {
	hour, _ := at.Hour()
	minute, known := at.Minute()
	return hour*60 + minute, known
}
