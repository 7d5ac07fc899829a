package imednet

// AppendText appends the canonical ISO 8601 text to b: the extended format, with T before the time,
// a dot before the fraction, Z for UTC and ±HH:MM for other offsets, and a hyphen for each unknown
// part that is followed by a known one. The text ends with the last known part. The zero
// PartialDate appends nothing. [ParsePartialDate] reads the text back as an equal value. The error
// is always nil.
func (d PartialDate) AppendText(b []byte) ([]byte, error) {
	if d.known&timeOfDay != 0 {
		b = d.appendParts(b, dayLayout[:], wholeDay)
		b = append(b, 'T')
		return d.appendOffset(d.appendClock(b)), nil
	}
	return d.appendParts(b, dayLayout[:], d.known), nil
}

func (d PartialDate) appendClock(b []byte) []byte {
	b = d.appendParts(b, clockLayout[:], d.known&timeOfDay)
	if d.digits == 0 {
		return b
	}
	b = append(b, '.')
	unit := uint32(nanosPerSecond / 10)
	for range d.digits {
		b = append(b, '0'+byte(d.nanos/unit%10))
		unit /= 10
	}
	return b
}

// datePart is a part in the text: its width in digits and what precedes it.
type datePart struct {
	part   dateParts
	width  int
	before byte
}

var (
	dayLayout   = [...]datePart{{knowsYear, 4, 0}, {knowsMonth, 2, '-'}, {knowsDay, 2, '-'}}
	clockLayout = [...]datePart{{knowsHour, 2, 0}, {knowsMinute, 2, ':'}, {knowsSecond, 2, ':'}}
)

// appendParts appends the parts of a layout up to the last that is in until.
func (d PartialDate) appendParts(b []byte, layout []datePart, until dateParts) []byte {
	for _, p := range layout {
		if until < p.part {
			break
		}
		if p.before != 0 {
			b = append(b, p.before)
		}
		if !d.knows(p.part) {
			b = append(b, '-')
			continue
		}
		b = appendDigits(b, d.value(p.part), p.width)
	}
	return b
}

func appendDigits(b []byte, v, width int) []byte {
	if width == 4 {
		b = append(b, '0'+byte(v/1000%10), '0'+byte(v/100%10))
	}
	return append(b, '0'+byte(v/10%10), '0'+byte(v%10))
}

func (d PartialDate) appendOffset(b []byte) []byte {
	switch {
	case !d.zoned:
		return b
	case d.offset == 0:
		return append(b, 'Z')
	}
	sign, minutes := byte('+'), int(d.offset)
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	b = appendDigits(append(b, sign), minutes/60, 2)
	return appendDigits(append(b, ':'), minutes%60, 2)
}

// value returns one part; set stores it and makes it known.
func (d PartialDate) value(part dateParts) int {
	switch part {
	case knowsYear:
		return int(d.year)
	case knowsMonth:
		return int(d.month)
	case knowsDay:
		return int(d.day)
	case knowsHour:
		return int(d.hour)
	case knowsMinute:
		return int(d.minute)
	}
	return int(d.second)
}

func (d *PartialDate) set(part dateParts, v int) {
	d.known |= part
	switch part {
	case knowsYear:
		d.year = uint16(v)
	case knowsMonth:
		d.month = uint8(v)
	case knowsDay:
		d.day = uint8(v)
	case knowsHour:
		d.hour = uint8(v)
	case knowsMinute:
		d.minute = uint8(v)
	case knowsSecond:
		d.second = uint8(v)
	}
}

// String returns the canonical text (see [PartialDate.AppendText]). The text as entered remains in
// the record.
func (d PartialDate) String() string {
	var room [maxDateText]byte
	b, _ := d.AppendText(room[:0])
	return string(b)
}

// MarshalText returns the canonical text.
func (d PartialDate) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// UnmarshalText reads what [ParsePartialDate] reads.
func (d *PartialDate) UnmarshalText(text []byte) (err error) {
	*d, err = ParsePartialDate(text)
	return err
}
