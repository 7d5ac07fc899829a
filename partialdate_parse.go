package imednet

import (
	"bytes"
	"errors"

	"github.com/imednetgo/imednet/internal/answers"
)

// Reasons why a text is not a [PartialDate]. None of these errors contains any of the text.
var (
	// ErrNotDate means that the text is in none of the formats in which dates are read.
	ErrNotDate = errors.New("imednet: not a date in a form that is read")
	// ErrDateUnknown means that the text has the form of a date of which every part is unknown.
	ErrDateUnknown = errors.New("imednet: a date of which no part is known")
	// ErrNoSuchDate means a day that does not exist, such as 30 February, or a year outside 1 to
	// 9999.
	ErrNoSuchDate = errors.New("imednet: no such day in the calendar")
	// ErrNoSuchTime means a time of day that does not exist. Leap seconds count as such, because
	// this library cannot know whether one occurred.
	ErrNoSuchTime = errors.New("imednet: no such time of day")
	// ErrNoSuchOffset means an offset from UTC outside -12:00 to +14:00.
	ErrNoSuchOffset = errors.New("imednet: no such offset from UTC")
	// ErrDateInterval means an interval where a single date is expected (see [ParseDateInterval]).
	ErrDateInterval = errors.New("imednet: an interval, not one date")
	// ErrReversedInterval means an interval whose end certainly comes before its start.
	ErrReversedInterval = errors.New("imednet: an interval that ends before it starts")
)

// maxDateText is the length of the longest text that is read, an interval of two whole dates.
const maxDateText = 2*len("2006-01-02T15:04:05.999999999+07:00") + len("/")

// ParsePartialDate reads a date of ISO 8601 as CDISC uses it:
//
//   - YYYY, YYYY-MM or YYYY-MM-DD. A complete day may also be in basic format, YYYYMMDD. Six digits
//     are not read, because they could be YYYYMM or YYMMDD;
//   - after the day, T or the single space that exports write, and HH, HH:MM or HH:MM:SS; after a
//     day in basic format also HHMM and HHMMSS;
//   - after the seconds, a dot or a comma and a fraction of up to nine digits;
//   - after the time, an offset: Z, ±HH, ±HHMM or ±HH:MM, from -12:00 to +14:00. -00:00 is read as
//     Z, which denotes the same instant;
//   - one hyphen in place of an unknown part: 2003---15, --12-15, 2003-12-15T-:15,
//     2003-12-15T13:-:17, -----T07:15;
//   - 24:00, 24:00:00 and 24:00:00.0 of a known day, as the beginning of the next day. A leap
//     second, :60, is not read.
//
// Surrounding white space is ignored, as defined by [IsMissing]. Blank text gives the zero
// PartialDate and no error. Other notations are never guessed: see [DateFormat].
//
// The error is [ErrNotDate], [ErrDateUnknown], [ErrNoSuchDate], [ErrNoSuchTime], [ErrNoSuchOffset]
// or [ErrDateInterval] itself and contains none of the text. ParsePartialDate does not allocate and
// does not retain text.
func ParsePartialDate[T ~string | ~[]byte](text T) (PartialDate, error) {
	var room [maxDateText]byte
	trimmed, err := copyTrimmed(room[:], text)
	if err != nil || len(trimmed) == 0 {
		return PartialDate{}, err
	}
	d, err := parseISODate(trimmed)
	if err == ErrNotDate && bytes.IndexByte(trimmed, '/') > 0 {
		if _, err := parseInterval(trimmed); err == nil {
			return PartialDate{}, ErrDateInterval
		}
	}
	return d, err
}

// copyTrimmed copies the text without the white space around it, so that one parser serves strings
// and bytes. A text that does not fit is not a date.
func copyTrimmed[T ~string | ~[]byte](room []byte, text T) ([]byte, error) {
	text = answers.TrimSpace(text)
	if len(text) > len(room) {
		return nil, ErrNotDate
	}
	return room[:copy(room, text)], nil
}

// parseISODate reads one date without white space around it.
func parseISODate(text []byte) (PartialDate, error) {
	var d PartialDate
	rest, err := d.readDay(text)
	if err != nil {
		return PartialDate{}, err
	}
	if len(rest) > 0 {
		if rest[0] != 'T' && rest[0] != ' ' {
			return PartialDate{}, ErrNotDate
		}
		if err := d.readTime(rest[1:], isBasic(text)); err != nil {
			return PartialDate{}, err
		}
	}
	return d.checked()
}

// checked returns a date whose parts are each in range, if they are consistent.
func (d PartialDate) checked() (PartialDate, error) {
	switch {
	case d.known == 0:
		return PartialDate{}, ErrDateUnknown
	case !d.inCalendar():
		return PartialDate{}, ErrNoSuchDate
	case d.hour < 24:
		return d, nil
	case !d.knows(wholeDay|knowsHour|knowsMinute) || d.minute > 0 || d.second > 0 || d.nanos > 0:
		return PartialDate{}, ErrNoSuchTime
	}
	d.hour = 0
	next, ok := d.AddDays(1)
	if !ok {
		return PartialDate{}, ErrNoSuchDate
	}
	return next, nil
}

// readDay reads the day and returns the rest, which is empty unless day, month and year were all
// written.
func (d *PartialDate) readDay(text []byte) ([]byte, error) {
	basic := isBasic(text)
	for i, p := range dayLayout {
		if i > 0 && !basic {
			if len(text) == 0 {
				return nil, nil
			}
			if text[0] != p.before {
				return nil, ErrNotDate
			}
			text = text[1:]
		}
		var err error
		if text, err = d.readPart(text, p); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// isBasic reports whether a text begins with a day in basic form.
func isBasic(text []byte) bool { return leadingDigits(text) == len("20060102") }

func leadingDigits(text []byte) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

// readPart reads the digits of one part, or a hyphen where it is unknown.
func (d *PartialDate) readPart(text []byte, p datePart) ([]byte, error) {
	if len(text) > 0 && text[0] == '-' {
		return text[1:], nil
	}
	if len(text) < p.width || leadingDigits(text[:p.width]) < p.width {
		return nil, ErrNotDate
	}
	v := numberOf(text[:p.width])
	if err := inRangeOf(p.part, v); err != nil {
		return nil, err
	}
	d.set(p.part, v)
	return text[p.width:], nil
}

func numberOf(digits []byte) int {
	v := 0
	for _, c := range digits {
		v = v*10 + int(c-'0')
	}
	return v
}

// inRangeOf checks a single part. An hour of 24 passes: see checked.
func inRangeOf(part dateParts, v int) error {
	switch {
	case part == knowsYear && v < 1, part == knowsMonth && (v < 1 || v > 12), part == knowsDay && (v < 1 || v > 31):
		return ErrNoSuchDate
	case part == knowsHour && v > 24, part&(knowsMinute|knowsSecond) != 0 && v > 59:
		return ErrNoSuchTime
	}
	return nil
}

// readTime reads the time of day, with its fraction and offset, to the end of the text. After a day
// in basic form the colons of the time may be missing.
func (d *PartialDate) readTime(text []byte, basic bool) error {
	colons := !basic || len(text) > 2 && text[2] == ':'
	if !colons && leadingDigits(text) == 0 {
		return ErrNotDate // the hyphen of T-10 could be an unknown hour or the sign of an offset
	}
	for i, p := range clockLayout {
		if i > 0 {
			if colons && (len(text) == 0 || text[0] != p.before) || !colons && leadingDigits(text) < p.width {
				break
			}
			if colons {
				text = text[1:]
			}
		}
		var err error
		if text, err = d.readPart(text, p); err != nil {
			return err
		}
	}
	text, err := d.readFraction(text)
	if err != nil {
		return err
	}
	return d.readOffset(text)
}

func (d *PartialDate) readFraction(text []byte) ([]byte, error) {
	if len(text) == 0 || text[0] != '.' && text[0] != ',' {
		return text, nil
	}
	text = text[1:]
	n := leadingDigits(text)
	if !d.knows(knowsSecond) || n == 0 || n > maxFractionDigits {
		return nil, ErrNotDate
	}
	nanos := numberOf(text[:n])
	for range maxFractionDigits - n {
		nanos *= 10
	}
	d.nanos, d.digits = uint32(nanos), uint8(n)
	return text[n:], nil
}

// readOffset reads Z, ±HH, ±HHMM, ±HH:MM or nothing.
func (d *PartialDate) readOffset(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	d.zoned = true
	if d.known&timeOfDay == 0 {
		return ErrNotDate
	}
	if len(text) == 1 && text[0] == 'Z' {
		return nil
	}
	if text[0] != '+' && text[0] != '-' || leadingDigits(text[1:]) < 2 {
		return ErrNotDate
	}
	minutes := 60 * numberOf(text[1:3])
	if rest := text[3:]; len(rest) > 0 {
		if rest[0] == ':' {
			rest = rest[1:]
		}
		if len(rest) != 2 || leadingDigits(rest) != 2 {
			return ErrNotDate
		}
		if rest[0] > '5' {
			return ErrNoSuchOffset
		}
		minutes += numberOf(rest)
	}
	if text[0] == '-' {
		minutes = -minutes
	}
	if minutes < minOffset || minutes > maxOffset {
		return ErrNoSuchOffset
	}
	d.offset = int16(minutes)
	return nil
}
