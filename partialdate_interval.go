package imednet

import "bytes"

// DateInterval is a single date known to lie between two others, each of which may be partial: the
// interval of uncertainty that CDISC writes as 2003-12-01/2003-12-10 (SDTM Implementation Guide,
// section 4.4.2). It is not a duration. The zero value means no date.
type DateInterval struct {
	start, end PartialDate
}

// Interval returns the date as an interval from itself to itself.
func (d PartialDate) Interval() DateInterval { return DateInterval{d, d} }

// ParseDateInterval reads what [ParsePartialDate] reads, or two such dates, each written in full,
// separated by a slash: 2003-12-01/2003-12-10. An end that certainly comes before the start is
// [ErrReversedInterval]; the other errors are those of [ParsePartialDate]. Blank text gives the
// zero DateInterval and no error.
func ParseDateInterval[T ~string | ~[]byte](text T) (DateInterval, error) {
	var room [maxDateText]byte
	trimmed, err := copyTrimmed(room[:], text)
	if err != nil || len(trimmed) == 0 {
		return DateInterval{}, err
	}
	return parseInterval(trimmed)
}

func parseInterval(text []byte) (DateInterval, error) {
	before, after, two := bytes.Cut(text, []byte{'/'})
	start, err := parseISODate(before)
	if err != nil {
		return DateInterval{}, err
	}
	if !two {
		return start.Interval(), nil
	}
	end, err := parseISODate(after)
	if err != nil {
		return DateInterval{}, err
	}
	if end.Compare(start) == Before {
		return DateInterval{}, ErrReversedInterval
	}
	return DateInterval{start, end}, nil
}

// Start returns the earliest date that the moment can have.
func (v DateInterval) Start() PartialDate { return v.start }

// End returns the latest date that the moment can have.
func (v DateInterval) End() PartialDate { return v.end }

// Single returns the date of an interval that consists of one date, and whether it does.
func (v DateInterval) Single() (PartialDate, bool) {
	if v.start != v.end {
		return PartialDate{}, false
	}
	return v.start, !v.IsZero()
}

// IsZero reports whether there is no date.
func (v DateInterval) IsZero() bool { return v.start.IsZero() }

// AppendText appends the canonical text (see [PartialDate.AppendText]).
func (v DateInterval) AppendText(b []byte) ([]byte, error) {
	b, err := v.start.AppendText(b)
	if err != nil || v.start == v.end {
		return b, err
	}
	return v.end.AppendText(append(b, '/'))
}

// String returns the canonical text: start and end separated by a slash, or the single date.
func (v DateInterval) String() string {
	b, _ := v.AppendText(nil)
	return string(b)
}

// MarshalText returns the canonical text.
func (v DateInterval) MarshalText() ([]byte, error) { return v.AppendText(nil) }

// UnmarshalText reads what [ParseDateInterval] reads.
func (v *DateInterval) UnmarshalText(text []byte) (err error) {
	*v, err = ParseDateInterval(text)
	return err
}
