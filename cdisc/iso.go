package cdisc

import (
	"strings"

	"github.com/imednetgo/imednet"
)

// isoDate reports whether a text is a date or date-time of ISO 8601 in the canonical spelling, cut
// off at the right at most: 2003, 2003-12, 2003-12-15, 2003-12-15T13:15. Dates with an unknown part
// in the middle (2003---15) and the basic form (20031215) are none: no data type of the formats
// holds them. complete means a day, or a time to the second.
func isoDate(text string) (complete, withTime, ok bool) {
	if strings.Contains(text, "--") || strings.Contains(text, "T-") {
		return false, false, false
	}
	date, ok := canonicalDate(text)
	if !ok {
		return false, false, false
	}
	_, withTime = date.Hour()
	if withTime {
		_, complete = date.Second()
		return complete, true, true
	}
	_, complete = date.Date()
	return complete, false, true
}

// canonicalDate reads a date that is spelled as this library would spell it.
func canonicalDate(text string) (imednet.PartialDate, bool) {
	date, err := imednet.ParsePartialDate(text)
	if err != nil {
		return date, false
	}
	var room [40]byte
	canonical, err := date.AppendText(room[:0])
	return date, err == nil && string(canonical) == text
}

// isISOTime reports whether a text is a time of day, hh:mm or hh:mm:ss with or without a fraction.
func isISOTime(text string) bool {
	if len(text) < len("hh:mm") {
		return false
	}
	_, ok := canonicalDate("2000-01-01T" + text)
	return ok
}

// isDecimal reports whether a text is a number in plain digits, as the decimal type of Dataset-JSON
// and xs:decimal have it.
func isDecimal(text string) bool {
	text = strings.TrimPrefix(text, "-")
	whole, fraction, point := strings.Cut(text, ".")
	return allDigits(whole) && (!point || allDigits(fraction))
}

func allDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
