package imednet

import (
	"fmt"
	"time"
)

// ParseInstant reads an instant as people type it and as files of the Python package have it: a whole
// day in a form that [ParsePartialDate] reads, alone, which is its midnight, or with a time. A missing
// zone means UTC; another one is kept. Text that is no instant is an error, which does not repeat it.
//
// [ParseTime] is for what the API writes, which is always whole to the second.
func ParseInstant(text string) (time.Time, error) {
	d, err := ParsePartialDate(text)
	if err != nil || !d.knows(wholeDay) || d != d.Truncate(d.Precision()) {
		return time.Time{}, fmt.Errorf("imednet: not an instant such as 2026-01-31 or 2026-01-31T10:00:00Z (%d bytes)", len(text))
	}
	t := d.moment()
	if d.offset != 0 {
		return t.In(time.FixedZone("", int(d.offset)*60)), nil
	}
	return t, nil
}
