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
	date        datePart // the last part that is there; noDate when it is no date
	day         float64  // of a date: days since 1970-01-01
	placeholder bool
}

type datePart uint8

const (
	noDate datePart = iota
	toYear
	toMonth
	toDay
	toMinute
	toSecond
)

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
	c.number, c.numeric = plainNumber(trimmed)
	c.integer = c.numeric && c.number == math.Trunc(c.number)
	c.zeroOrOne = trimmed == "0" || trimmed == "1"
	c.boolean = c.zeroOrOne || isBooleanWord(trimmed)
	c.date, c.day = readDate(trimmed)
	c.placeholder = !c.numeric && placeholderWords[strings.ToLower(trimmed)]
	return c
}

// plainNumber reads a finite decimal number: no NaN, infinity, hexadecimal or digit separators.
func plainNumber(s string) (float64, bool) {
	if s == "" || strings.Trim(s, "+-.0123456789eE") != "" {
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

// dateLayouts are the ISO 8601 forms with a full date. Go accepts a fraction of seconds behind
// any of those that end in seconds.
var dateLayouts = []struct {
	layout string
	part   datePart
}{
	{"2006-01", toMonth}, {"2006-01-02", toDay},
	{"2006-01-02T15", toMinute}, {"2006-01-02T15:04", toMinute}, {"2006-01-02 15:04", toMinute},
	{"2006-01-02T15:04:05", toSecond}, {"2006-01-02 15:04:05", toSecond},
	{"2006-01-02T15:04Z07:00", toMinute}, {"2006-01-02T15:04:05Z07:00", toSecond}, {"2006-01-02 15:04:05Z07:00", toSecond},
}

// readDate reads an ISO 8601 date or date-time, complete or cut short. An eight-digit number is
// none: nothing tells it from a count. Four digits are a year only if they look like one.
func readDate(s string) (datePart, float64) {
	if len(s) < 4 || s[0] < '0' || s[0] > '9' {
		return noDate, 0
	}
	if len(s) == 4 {
		year, err := strconv.Atoi(s)
		if err != nil || year < 1800 || year > 2199 {
			return noDate, 0
		}
		return toYear, dayNumber(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	if s[4] != '-' {
		return noDate, 0
	}
	for _, l := range dateLayouts {
		if t, err := time.Parse(l.layout, s); err == nil {
			return l.part, dayNumber(t)
		}
	}
	return noDate, 0
}

func dayNumber(t time.Time) float64 { return float64(t.Unix()) / (24 * 60 * 60) }
