package workflows

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// valueClass is all the ways in which the profiler can read one answer.
type valueClass struct {
	length      int64
	numeric     bool
	integer     bool
	number      float64
	boolean     bool
	zeroOrOne   bool
	date        DatePrecision // "" when it is no date
	day         float64       // of a date: days since 1970-01-01
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
	c.boolean = c.zeroOrOne || isBooleanWord(trimmed)
	c.date, c.day = readDate(trimmed)
	c.placeholder = !c.numeric && placeholderWords[strings.ToLower(trimmed)]
	return c
}

// finiteNumber reads a decimal number: no NaN, infinity, hexadecimal or digit separators.
func finiteNumber(s string) (float64, bool) {
	if _, ok := parseDecimalText([]byte(s)); !ok {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

func isBooleanWord(s string) bool {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "y", "n", "t", "f":
		return true
	}
	return false
}

// readDate reads an ISO 8601 date or date-time, complete or cut short, and its first moment in
// days since 1970-01-01. A zone does not move it. An eight-digit number is no date: nothing tells
// it from a count. Four digits are a year only if they look like one.
func readDate(s string) (DatePrecision, float64) {
	if len(s) < 4 || s[0] < '0' || s[0] > '9' {
		return "", 0
	}
	d, ok := parseEnteredDate([]byte(s))
	if !ok || d.precision == PrecisionYear && (d.year < 1800 || d.year > 2199) {
		return "", 0
	}
	first := time.Date(d.year, time.Month(max(d.month, 1)), max(d.day, 1), d.hour, d.minute, d.second, 0, time.UTC)
	return d.precision, float64(first.Unix()) / (24 * 60 * 60)
}
