package imednet

import (
	"bytes"
	"fmt"
	"strings"
)

// DateFormat is a notation for dates: ISO 8601, or one of the notations of EDC exports. The latter
// are read only where a plan or a configuration names them, because 05/03/2024 means March to some
// readers and May to others. The string is the format's name.
type DateFormat string

// The date formats. DD is the day and MM the month in two digits, MMM the month as three English
// letters in any case, and YYYY the year in four digits.
const (
	FormatISO8601    DateFormat = "ISO8601" // as read by ParsePartialDate
	FormatDMonYDash  DateFormat = "DD-MMM-YYYY"
	FormatDMonYSlash DateFormat = "DD/MMM/YYYY"
	FormatDMonYBlank DateFormat = "DD MMM YYYY"
	FormatDMonYBasic DateFormat = "DDMMMYYYY"
	FormatDMYDash    DateFormat = "DD-MM-YYYY"
	FormatDMYSlash   DateFormat = "DD/MM/YYYY"
	FormatDMYDot     DateFormat = "DD.MM.YYYY"
	FormatMDYDash    DateFormat = "MM-DD-YYYY"
	FormatMDYSlash   DateFormat = "MM/DD/YYYY"
	FormatYMDSlash   DateFormat = "YYYY/MM/DD"
	FormatYMDBasic   DateFormat = "YYYYMMDD"
	FormatISOWeek    DateFormat = "ISO8601-week" // 2024-W01-1: the day of a week, without a time
)

// dateLayout is how a format writes the day: its parts in order and the separator between them (0
// means none). A month of width 3 is a word.
type dateLayout struct {
	format    DateFormat
	parts     [3]datePart
	separator byte
}

var (
	dayWordYear  = [3]datePart{{part: knowsDay, width: 2}, {part: knowsMonth, width: 3}, {part: knowsYear, width: 4}}
	dayMonthYear = [3]datePart{{part: knowsDay, width: 2}, {part: knowsMonth, width: 2}, {part: knowsYear, width: 4}}
	monthDayYear = [3]datePart{{part: knowsMonth, width: 2}, {part: knowsDay, width: 2}, {part: knowsYear, width: 4}}
	yearMonthDay = [3]datePart{{part: knowsYear, width: 4}, {part: knowsMonth, width: 2}, {part: knowsDay, width: 2}}

	dateLayouts = [...]dateLayout{
		{FormatDMonYDash, dayWordYear, '-'}, {FormatDMonYSlash, dayWordYear, '/'},
		{FormatDMonYBlank, dayWordYear, ' '}, {FormatDMonYBasic, dayWordYear, 0},
		{FormatDMYDash, dayMonthYear, '-'}, {FormatDMYSlash, dayMonthYear, '/'}, {FormatDMYDot, dayMonthYear, '.'},
		{FormatMDYDash, monthDayYear, '-'}, {FormatMDYSlash, monthDayYear, '/'},
		{FormatYMDSlash, yearMonthDay, '/'}, {FormatYMDBasic, yearMonthDay, 0},
	}
)

// DateFormats returns all date formats, ISO 8601 first.
func DateFormats() []DateFormat {
	formats := []DateFormat{FormatISO8601}
	for _, l := range dateLayouts {
		formats = append(formats, l.format)
	}
	return append(formats, FormatISOWeek)
}

// ParseDateFormat returns the date format with this name, ignoring case.
func ParseDateFormat(name string) (DateFormat, error) {
	for _, f := range DateFormats() {
		if strings.EqualFold(string(f), name) {
			return f, nil
		}
	}
	return "", fmt.Errorf("imednet: no date format has the name %q", name)
}

// Parse reads a date in this format and in no other. A part is unknown if it is written as UN, UK,
// NK, UNK or UNKN, in any case; in formats without separators the word must be as wide as the part.
// Except in FormatISOWeek, the day may be followed by one space and a time with colons, fraction and
// offset as [ParsePartialDate] reads them. Surrounding white space is ignored. Blank text gives the zero
// PartialDate and no error. The errors are those of [ParsePartialDate]; a format that is not among
// [DateFormats] reads nothing. Parse does not allocate.
func (f DateFormat) Parse(text string) (PartialDate, error) {
	if f == FormatISO8601 {
		return ParsePartialDate(text)
	}
	var room [maxDateText]byte
	trimmed, err := copyTrimmed(room[:], text)
	if err != nil || len(trimmed) == 0 {
		return PartialDate{}, err
	}
	if f == FormatISOWeek {
		return parseISOWeek(trimmed)
	}
	for i := range dateLayouts {
		if dateLayouts[i].format == f {
			return dateLayouts[i].parse(trimmed)
		}
	}
	return PartialDate{}, ErrNotDate
}

func (l *dateLayout) parse(text []byte) (PartialDate, error) {
	var d PartialDate
	for i, p := range l.parts {
		width := l.width(text, i)
		if len(text) < width {
			return PartialDate{}, ErrNotDate
		}
		if err := d.readField(text[:width], p); err != nil {
			return PartialDate{}, err
		}
		text = text[width:]
		if i < 2 && l.separator != 0 && len(text) > 0 {
			text = text[1:]
		}
	}
	if len(text) == 0 {
		return d.checked()
	}
	if text[0] != ' ' {
		return PartialDate{}, ErrNotDate
	}
	if err := d.readTime(text[1:], false); err != nil {
		return PartialDate{}, err
	}
	return d.checked()
}

// width returns the length of the part at i in the text: up to the separator, for the last part up
// to a blank, and without separators as the format says.
func (l *dateLayout) width(text []byte, i int) int {
	end := l.separator
	switch {
	case end == 0:
		return l.parts[i].width
	case i == 2:
		end = ' '
	}
	if n := bytes.IndexByte(text, end); n >= 0 {
		return n
	}
	return len(text)
}

// readField reads a whole field: digits, the name of a month, or a mark that it is unknown.
func (d *PartialDate) readField(field []byte, p datePart) error {
	if isUnknownWord(field) {
		return nil
	}
	if p.width == 3 {
		return d.readMonthWord(field)
	}
	if leadingDigits(field) != p.width || len(field) != p.width {
		return ErrNotDate
	}
	_, err := d.readPart(field, p)
	return err
}

var unknownWords = [...]string{"UN", "UK", "NK", "UNK", "UNKN"}

func isUnknownWord(field []byte) bool {
	for _, word := range unknownWords {
		if equalUpper(field, word) {
			return true
		}
	}
	return false
}

func (d *PartialDate) readMonthWord(field []byte) error {
	const words = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
	for i := 0; i < len(words); i += 3 {
		if equalUpper(field, words[i:i+3]) {
			d.set(knowsMonth, i/3+1)
			return nil
		}
	}
	return ErrNotDate
}

// equalUpper reports whether field is a word of capital ASCII letters, whatever its own case.
func equalUpper(field []byte, word string) bool {
	if len(field) != len(word) {
		return false
	}
	for i, c := range field {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
