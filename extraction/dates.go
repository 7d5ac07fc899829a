package extraction

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// FormatEpochSeconds is the name allowed in [Settings.DateFormats] in addition to [imednet.DateFormats]. It
// reads seconds since 1970 in UTC, such as 1704067200.
const FormatEpochSeconds = "epoch-seconds"

// dateReader reads dates as a configuration says. The zero value reads ISO 8601.
type dateReader struct{ formats []string }

var errSeveralDates = errors.New("a different date in several of the dateFormats")

// read reads a date in ISO 8601 and in every format that the configuration names. A text that says
// different things in two of them is an error: choosing one would be a guess.
func (r dateReader) read(text string) (imednet.PartialDate, error) {
	found, err := imednet.ParsePartialDate(text)
	for _, name := range r.formats {
		d, bad := parseDateFormat(name, text)
		switch {
		case bad != nil:
		case err != nil:
			found, err = d, nil
		case d != found:
			return imednet.PartialDate{}, errSeveralDates
		}
	}
	if err != nil {
		return imednet.PartialDate{}, err
	}
	return found, nil
}

func parseDateFormat(name, text string) (imednet.PartialDate, error) {
	if name == FormatEpochSeconds {
		return parseEpoch(text)
	}
	format, err := imednet.ParseDateFormat(name)
	if err != nil {
		return imednet.PartialDate{}, err
	}
	return format.Parse(text)
}

func parseEpoch(text string) (imednet.PartialDate, error) {
	n, ok := imednet.ParseNumber(text)
	seconds, accuracy := n.Int64()
	if !ok || accuracy != imednet.Exact {
		return imednet.PartialDate{}, imednet.ErrNotDate
	}
	return imednet.PartialDateOfTime(imednet.NewTime(time.Unix(seconds, 0)))
}

// whyNoDate is what is wrong with a text, as a message completes the name of a field.
func whyNoDate(err error) string { return "is " + strings.TrimPrefix(err.Error(), "imednet: ") }

// checkFormats names the entries of dateFormats that are no format.
func checkFormats(names []string) []imednet.Problem {
	var problems []imednet.Problem
	for i, name := range names {
		_, err := imednet.ParseDateFormat(name)
		if err != nil && name != FormatEpochSeconds {
			problems = append(problems, imednet.Problem{
				Path:    fmt.Sprintf("/extraction/dateFormats/%d", i),
				Message: fmt.Sprintf("must be one of %v or %s", imednet.DateFormats(), FormatEpochSeconds),
			})
		}
	}
	return problems
}
