package extraction

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// The names allowed in [Settings.DateFormats] in addition to [imednet.DateFormats].
const (
	FormatEpochSeconds = "epoch-seconds" // 1704067200, since 1970 in UTC
	FormatISOWeek      = "ISO8601-week"  // 2024-W01-1
)

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
	switch name {
	case FormatEpochSeconds:
		return parseEpoch(text)
	case FormatISOWeek:
		return parseISOWeek(strings.TrimSpace(text))
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

// parseISOWeek reads YYYY-Www-D.
func parseISOWeek(text string) (imednet.PartialDate, error) {
	var year, week, day int
	n, err := fmt.Sscanf(text, "%4d-W%2d-%1d", &year, &week, &day)
	if n != 3 || err != nil || len(text) != len("2024-W01-1") || day < 1 || day > 7 || week < 1 {
		return imednet.PartialDate{}, imednet.ErrNotDate
	}
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC) // always in week 1
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	at := monday.AddDate(0, 0, 7*(week-1)+day-1)
	if inYear, inWeek := at.ISOWeek(); inYear != year || inWeek != week {
		return imednet.PartialDate{}, imednet.ErrNoSuchDate
	}
	return imednet.PartialDateOf(imednet.Date{Year: at.Year(), Month: at.Month(), Day: at.Day()})
}

// checkFormats names the entries of dateFormats that are no format.
func checkFormats(names []string) []imednet.Problem {
	var problems []imednet.Problem
	for i, name := range names {
		_, err := imednet.ParseDateFormat(name)
		if err != nil && name != FormatEpochSeconds && name != FormatISOWeek {
			problems = append(problems, imednet.Problem{
				Path:    fmt.Sprintf("/extraction/dateFormats/%d", i),
				Message: fmt.Sprintf("must be one of %v, %s or %s", imednet.DateFormats(), FormatEpochSeconds, FormatISOWeek),
			})
		}
	}
	return problems
}
