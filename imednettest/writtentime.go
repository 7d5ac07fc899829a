package imednettest

import "time"

// readTime reads a text that one of these layouts gives back to the letter: in the calendar, without a leap
// second, and with no sign, fraction or digit that the layout does not have.
func readTime(text string, layouts ...string) (at time.Time, ok bool) {
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil && at.Format(layout) == text {
			return at, true
		}
	}
	return time.Time{}, false
}

// readDate is readTime for layouts with a year. The year 0, which ISO 8601 leaves to those who agree on it,
// and offsets outside -12:00 to +14:00, which no place has, are refused.
func readDate(text string, layouts ...string) (at time.Time, ok bool) {
	at, ok = readTime(text, layouts...)
	_, east := at.Zone()
	return at, ok && at.Year() > 0 && east >= -12*3600 && east <= 14*3600
}
