package imednet

import (
	"strings"

	"github.com/imednetgo/imednet/internal/answers"
)

// ParseTimeOfDay reads the answer to a variable of kind [TimeVariable]: what may follow the T of a date,
// such as 14, 14:05 or 14:05:59.5, without an offset and without a hyphen for an unknown part. White
// space around it is ignored. The result is that time on some day, the same for all answers, so that
// [PartialDate.Compare] compares times of day; blank text gives the zero PartialDate. Anything else is
// an error that wraps [ErrNotDate] or [ErrNoSuchDate].
func ParseTimeOfDay(text string) (PartialDate, error) {
	text = answers.TrimSpace(text)
	if text == "" {
		return PartialDate{}, nil
	}
	at, err := ParsePartialDate("2000-01-01T" + text)
	if _, zoned := at.Offset(); err == nil && (zoned || strings.Contains(text, "-")) {
		return PartialDate{}, ErrNotDate
	}
	return at, err
}
