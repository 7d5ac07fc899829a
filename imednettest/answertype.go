package imednettest

import (
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// misfit says why a value cannot be stored in a variable of a declared type, and is empty when it can.
// The vendor shows text, memo, radio and dropdown as text, a date as "2020-01-20", a number as a JSON
// number and a checkbox as a JSON boolean, and takes no files (contract section 6). Types that it does
// not show take text, as which their answers are listed.
func (s Settings) misfit(declared string, value []byte) string {
	kind, text, isText := imednet.VariableKindOf(declared), textOf(value), value[0] == '"'
	switch {
	case kind == imednet.UploadVariable:
		return "Value cannot be sent: the API takes no files"
	case text == "" && s.ClearAnswers:
		return ""
	case text == "" && !isText:
		return "Value must not be null"
	case strings.Contains(text, "\x00") && !s.LooseAnswers:
		return "Value must not hold the character NUL"
	}
	switch kind {
	case imednet.WholeVariable:
		return unless(s.isNumber(value) && !strings.ContainsAny(text, ".eE"), "Value must be an integer")
	case imednet.NumberVariable:
		return unless(s.isNumber(value), "Value must be numeric")
	case imednet.FlagVariable:
		return unless(s.isFlag(value), "Value must be a boolean")
	case imednet.DateVariable:
		return s.dateMisfit(declared, text, isText)
	case imednet.TimeVariable:
		_, ok := readTime(text, "15:04", time.TimeOnly)
		return unless(isText && ok, "Value must be a time of the form HH:MM")
	}
	return unless(isText || s.LooseAnswers, "Value must be text")
}

func unless(fits bool, problem string) string {
	if fits {
		return ""
	}
	return problem
}

func (s Settings) isNumber(value []byte) bool {
	_, numeric := imednet.ParseNumber(textOf(value))
	if _, err := strconv.ParseFloat(textOf(value), 64); err != nil && !s.LooseAnswers {
		return false // beyond what servers commonly hold a number in
	}
	isText, isFlag := value[0] == '"', value[0] == 't' || value[0] == 'f'
	return numeric && !isFlag && (!isText || s.LooseAnswers)
}

func (s Settings) isFlag(value []byte) bool {
	_, known := imednet.ParseBool(textOf(value))
	return known && (value[0] == 't' || value[0] == 'f' || s.LooseAnswers)
}

// partialDates are the forms of a date that need not be known to the day, and may be known to the second.
var partialDates = []string{"2006", "2006-01", time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", time.DateTime}

// dateMisfit holds a value against a type of dates: a plain date is known to the day.
func (s Settings) dateMisfit(declared, text string, isText bool) string {
	if strings.EqualFold(declared, "date") {
		_, ok := readDate(text, time.DateOnly)
		return unless(isText && ok, "Value must be a date of the form YYYY-MM-DD")
	}
	_, ok := readDate(text, partialDates...)
	if s.LooseAnswers {
		at, err := imednet.ParsePartialDate(text)
		ok = err == nil && at != imednet.PartialDate{}
	}
	return unless(isText && ok, "Value must be a date, or the known part of one")
}
