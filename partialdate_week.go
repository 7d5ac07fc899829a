package imednet

import "time"

// parseISOWeek reads YYYY-Www-D without white space around it.
func parseISOWeek(text []byte) (PartialDate, error) {
	const shape = "0000-W00-0"
	if len(text) != len(shape) {
		return PartialDate{}, ErrNotDate
	}
	var numbers [3]int // year, week, day
	at := 0
	for i := range shape {
		switch c := text[i]; {
		case shape[i] != '0' && c != shape[i], shape[i] == '0' && (c < '0' || c > '9'):
			return PartialDate{}, ErrNotDate
		case shape[i] == '0':
			numbers[at] = numbers[at]*10 + int(c-'0')
		case shape[i] == '-':
			at++
		}
	}
	year, week, day := numbers[0], numbers[1], numbers[2]
	if week < 1 || day < 1 || day > 7 {
		return PartialDate{}, ErrNoSuchDate
	}
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC) // always in week 1
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	date := monday.AddDate(0, 0, 7*(week-1)+day-1)
	if inYear, inWeek := date.ISOWeek(); inYear != year || inWeek != week {
		return PartialDate{}, ErrNoSuchDate
	}
	return PartialDateOf(Date{Year: date.Year(), Month: date.Month(), Day: date.Day()})
}
