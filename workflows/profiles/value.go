package profiles

import (
	"strings"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
)

// valueClass is all the ways in which the profiler can read one answer.
type valueClass struct {
	length      int64
	numeric     bool
	whole       bool // an integer of 64 bits
	figure      bool // a number that a float64 can hold, if rounded
	number      float64
	boolean     bool
	zeroOrOne   bool
	date        imednet.DatePrecision // "" when it is no date
	yearAlone   bool
	placed      bool    // a date with a year
	day         float64 // of a placed date: days since 1970-01-01
	placeholder bool
}

// placeholderWords spell a missing answer, as SDTM's controlled terms and common habit have them.
var placeholderWords = map[string]bool{
	"na": true, "n/a": true, "n.a.": true, "nd": true, "not done": true, "not applicable": true, "not available": true,
	"unk": true, "unknown": true, "u": true, "missing": true, "none recorded": true, "not recorded": true, "nan": true, "null": true, ".": true, "-": true,
}

// longestPlaceholder is the length of the longest of placeholderWords, with room to spare.
const longestPlaceholder = 20

// classify reads a text in every way. What reads dates, numbers and flags is what the whole library
// reads them with; declared decides only between readings (see readDate).
func classify(text string, declared FieldType) valueClass {
	c := valueClass{length: int64(utf8.RuneCountInString(text))}
	trimmed := strings.TrimSpace(text)
	c.readNumber(trimmed)
	c.zeroOrOne = trimmed == "0" || trimmed == "1"
	c.boolean = c.zeroOrOne || isFlag(trimmed)
	c.readDate(trimmed, declared)
	c.placeholder = !c.numeric && len(trimmed) <= longestPlaceholder && placeholderWords[strings.ToLower(trimmed)]
	return c
}

// isFlag reports whether a text is one of the words for yes and no, figures left aside.
func isFlag(text string) bool {
	_, known := imednet.ParseBool(text)
	return known && text != "1" && text != "0"
}

// readNumber reads an exact number. One that is beyond a float64, or so small that it would be 0
// there, is a number all the same.
func (c *valueClass) readNumber(s string) {
	n, ok := imednet.ParseNumber(s)
	if !ok {
		return
	}
	_, fits := n.Int64()
	f, accuracy := n.Float64()
	c.numeric, c.whole = true, fits == imednet.Exact
	if c.figure = accuracy == imednet.Exact || accuracy == imednet.Rounded; c.figure {
		c.number = f
	}
}

// The years that four digits alone may be where no date is declared.
const firstLikelyYear, lastLikelyYear = 1800, 2199

// readDate reads an ISO 8601 date, complete or partial, and its first moment in days since
// 1970-01-01. A zone does not move it. Digits alone are a number as well: they are a date where one is
// declared, and elsewhere only if they look like a year.
func (c *valueClass) readDate(s string, declared FieldType) {
	d, err := imednet.ParsePartialDate(s)
	if err != nil || d.IsZero() {
		return
	}
	year, placed := d.Year()
	yearAlone := c.numeric && d.Precision() == imednet.PrecisionYear
	likely := yearAlone && year >= firstLikelyYear && year <= lastLikelyYear
	if c.numeric && declared != DateField && !likely {
		return
	}
	c.date, c.yearAlone, c.placed = d.Precision(), yearAlone, placed
	if placed {
		c.day = daysSince1970(d.First())
	}
}

func daysSince1970(d imednet.PartialDate) float64 {
	day, _ := d.Date()
	hour, _ := d.Hour()
	minute, _ := d.Minute()
	second, _ := d.Second()
	seconds := day.Time().Unix() + int64(hour*60*60+minute*60+second)
	return float64(seconds) / (24 * 60 * 60)
}
