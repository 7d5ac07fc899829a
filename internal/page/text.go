package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// Number writes a whole number with separators: 1,234,567.
func Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Plural writes a number and its noun.
func Plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(n) + " " + noun + "s"
}

// Rate writes a share in percent, 0 to 100, with one decimal; what is not quite all or nothing is not
// written as such.
func Rate(percent float64) string {
	text := strconv.FormatFloat(percent, 'f', 1, 64)
	switch {
	case percent > 0 && text == "0.0":
		return "<0.1 %"
	case percent < 100 && text == "100.0":
		return ">99.9 %"
	}
	return strings.TrimSuffix(text, ".0") + " %"
}

// Time writes a moment in UTC, to the minute.
func Time(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// Origin names the state of the study that a page describes; "" is the server's at the time at which
// the page was made.
func Origin(o imednet.Origin) string {
	if o.IsZero() {
		return ""
	}
	text := fmt.Sprintf("version %d of the mirror", o.Version)
	if !o.ServerTime.IsZero() {
		text += " as of " + Time(o.ServerTime)
	}
	if o.Cut != "" {
		text += " (data cut “" + o.Cut + "”)"
	}
	return text
}
