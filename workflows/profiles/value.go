package profiles

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
)

// valueClass is all the ways in which the profiler can read one answer.
type valueClass struct {
	length      int64
	numeric     bool
	integer     bool
	number      float64
	boolean     bool
	zeroOrOne   bool
	date        imednet.DatePrecision // "" when it is no date
	day         float64               // of a date: days since 1970-01-01
	placeholder bool
}

// placeholderWords spell a missing answer, as SDTM's controlled terms and common habit have them.
var placeholderWords = map[string]bool{
	"na": true, "n/a": true, "n.a.": true, "nd": true, "not done": true, "not applicable": true, "not available": true,
	"unk": true, "unknown": true, "u": true, "missing": true, "none recorded": true, "not recorded": true, "nan": true, "null": true, ".": true, "-": true,
}

func classify(text string) valueClass {
	c := valueClass{length: int64(utf8.RuneCountInString(text))}
	trimmed := strings.TrimSpace(text)
	if len(trimmed) > 40 {
		return c // longer than any number, date or token
	}
	c.number, c.numeric = finiteNumber(trimmed)
	c.integer = c.numeric && c.number == math.Trunc(c.number)
	c.zeroOrOne = trimmed == "0" || trimmed == "1"
	c.boolean = c.zeroOrOne || isFlag(trimmed)
	c.date, c.day = readDate(trimmed)
	c.placeholder = !c.numeric && placeholderWords[strings.ToLower(trimmed)]
	return c
}

// isFlag reports whether a text is one of the words for yes and no, figures left aside.
func isFlag(text string) bool {
	_, known := imednet.ParseBool(text)
	return known && text != "1" && text != "0"
}

// finiteNumber reads a number as a float64 has it, if it has one.
func finiteNumber(s string) (float64, bool) {
	n, ok := imednet.ParseNumber(s)
	if !ok {
		return 0, false
	}
	f, accuracy := n.Float64()
	return f, accuracy == imednet.Exact || accuracy == imednet.Rounded
}

// readDate reads an ISO 8601 date or date-time, complete or cut short, and its first moment in
// days since 1970-01-01. A zone does not move it. An eight-digit number is no date: nothing tells
// it from a count. Four digits are a year only if they look like one.
func readDate(s string) (imednet.DatePrecision, float64) {
	if len(s) < 4 || s[0] < '0' || s[0] > '9' || len(s) > 4 && s[4] != '-' {
		return "", 0
	}
	d, err := imednet.ParsePartialDate(s)
	if err != nil {
		return "", 0
	}
	year, _ := d.Year()
	if d.Precision() == imednet.PrecisionYear && (year < 1800 || year > 2199) {
		return "", 0
	}
	first := d.First()
	day, _ := first.Date()
	hour, _ := first.Hour()
	minute, _ := first.Minute()
	second, _ := first.Second()
	seconds := day.Time().Unix() + int64(hour*60*60+minute*60+second)
	return d.Precision(), float64(seconds) / (24 * 60 * 60)
}
