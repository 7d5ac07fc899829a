package imednet_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func partial(tb testing.TB, text string) imednet.PartialDate {
	tb.Helper()
	d, err := imednet.ParsePartialDate(text)
	require.NoError(tb, err, text)
	return d
}

func TestFormsOfDates(t *testing.T) {
	for _, c := range []struct {
		text      string
		canonical string
		precision imednet.DatePrecision
	}{
		{"\u30002003-12-15\u3000", "2003-12-15", imednet.PrecisionDay},
		{"", "", imednet.PrecisionUnknown},
		{" \t\u00a0\n", "", imednet.PrecisionUnknown},
		{"2003", "2003", imednet.PrecisionYear},
		{"2003-12", "2003-12", imednet.PrecisionMonth},
		{"2003-12-15", "2003-12-15", imednet.PrecisionDay},
		{"20031215", "2003-12-15", imednet.PrecisionDay},
		{"\u00a0 2003-12-15\t", "2003-12-15", imednet.PrecisionDay},
		{"2012-02-29", "2012-02-29", imednet.PrecisionDay},
		{"2000-02-29", "2000-02-29", imednet.PrecisionDay},
		{"2003-12-15T13", "2003-12-15T13", imednet.PrecisionHour},
		{"2003-12-15T13:05", "2003-12-15T13:05", imednet.PrecisionMinute},
		{"2003-12-15 13:05", "2003-12-15T13:05", imednet.PrecisionMinute},
		{"2003-12-15T13:05:17", "2003-12-15T13:05:17", imednet.PrecisionSecond},
		{"2003-12-15T13:05:17.50", "2003-12-15T13:05:17.50", imednet.PrecisionFraction},
		{"2003-12-15T13:05:17,050", "2003-12-15T13:05:17.050", imednet.PrecisionFraction},
		{"2003-12-15T13:05:17.123456789Z", "2003-12-15T13:05:17.123456789Z", imednet.PrecisionFraction},
		{"20031215T13", "2003-12-15T13", imednet.PrecisionHour},
		{"20031215T1305", "2003-12-15T13:05", imednet.PrecisionMinute},
		{"20031215T130517", "2003-12-15T13:05:17", imednet.PrecisionSecond},
		{"20031215 130517.5+0100", "2003-12-15T13:05:17.5+01:00", imednet.PrecisionFraction},
		{"20031215T13:05", "2003-12-15T13:05", imednet.PrecisionMinute},
		{"2003-12-15T13Z", "2003-12-15T13Z", imednet.PrecisionHour},
		{"2003-12-15T13:05+07", "2003-12-15T13:05+07:00", imednet.PrecisionMinute},
		{"2003-12-15T13:05+0700", "2003-12-15T13:05+07:00", imednet.PrecisionMinute},
		{"2003-12-15T13:05-05:30", "2003-12-15T13:05-05:30", imednet.PrecisionMinute},
		{"2003-12-15T13:05+14:00", "2003-12-15T13:05+14:00", imednet.PrecisionMinute},
		{"2003-12-15T13:05-12:00", "2003-12-15T13:05-12:00", imednet.PrecisionMinute},
		{"2003-12-15T13:05+00:00", "2003-12-15T13:05Z", imednet.PrecisionMinute},
		{"2003-12-15T13:05-00", "2003-12-15T13:05Z", imednet.PrecisionMinute},
		{"2003-12-15T24:00", "2003-12-16T00:00", imednet.PrecisionMinute},
		{"2003-12-31T24:00:00.0", "2004-01-01T00:00:00.0", imednet.PrecisionFraction},
		{"20031231T2400Z", "2004-01-01T00:00Z", imednet.PrecisionMinute},
		// The examples of the SDTM Implementation Guide, section 4.4.2, and their kin.
		{"2003-12-15T-:15", "2003-12-15T-:15", imednet.PrecisionDay},
		{"2003-12-15T13:-:17", "2003-12-15T13:-:17", imednet.PrecisionHour},
		{"2003-12-15T-:-:17", "2003-12-15T-:-:17", imednet.PrecisionDay},
		{"2003---15", "2003---15", imednet.PrecisionYear},
		{"2003---31", "2003---31", imednet.PrecisionYear},
		{"--12-15", "--12-15", imednet.PrecisionUnknown},
		{"--02-29", "--02-29", imednet.PrecisionUnknown},
		{"----15", "----15", imednet.PrecisionUnknown},
		{"-----T07:15", "-----T07:15", imednet.PrecisionUnknown},
		{"-----T07:15Z", "-----T07:15Z", imednet.PrecisionUnknown},
		{"2003-12--T10:00", "2003-12--T10:00", imednet.PrecisionMonth},
		{"2003----T0715", "", ""},
		{"2003-12--", "2003-12", imednet.PrecisionMonth},
		{"2003--", "2003", imednet.PrecisionYear},
		{"2003----", "2003", imednet.PrecisionYear},
		{"--12", "--12", imednet.PrecisionUnknown},
		{"2003-12-15T-", "2003-12-15", imednet.PrecisionDay},
		{"2003-12-15T13:--05:00", "2003-12-15T13-05:00", imednet.PrecisionHour},
	} {
		d, err := imednet.ParsePartialDate(c.text)
		if c.precision == "" {
			require.Equal(t, imednet.ErrNotDate, err, c.text)
			continue
		}
		require.NoError(t, err, c.text)
		require.Equal(t, c.canonical, d.String(), c.text)
		require.Equal(t, c.precision, d.Precision(), c.text)
		require.Equal(t, imednet.IsMissing(c.text), d.IsZero(), c.text)
		require.Equal(t, d, partial(t, d.String()), c.text)
		fromBytes, err := imednet.ParsePartialDate([]byte(c.text))
		require.NoError(t, err)
		require.Equal(t, d, fromBytes)
	}
}

func TestTextsThatAreNoDates(t *testing.T) {
	for want, texts := range map[error][]string{
		imednet.ErrNotDate: {
			"13", "201", "20131", "201402", "2014020", "201402031", "2013-5", "2013-129", "2013-05-09x", "2013/05/09", "09/05/2013", "09-MAY-2013", "UN-UNK-2013",
			"2013--09", "-2013", "2013-", "2013-05-", "2013-05T10:00", "2013T10", "2013-05-09T", "2013-05-09  14:45", "2013-05-09t14:45", "2013-05-09T14:45z",
			"2013-05-09T1445", "2013-05-09T14:4", "2013-05-09T14:45:5", "2013-05-09T14:45.5", "2013-05-09T14,5", "2013-05-09T14:45:59.", "2013-05-09T14:45:59.1234567890",
			"2013-05-09T14:45:-.5", "2013-05-09T14:45+5", "2013-05-09T14:45+", "2013-05-09T14:45+05:0", "2013-05-09T14:45+050", "2013-05-09T14:45+05:000", "2013-05-09T14:45 +05:00",
			"2013-05-09Z", "2013-05-09+01:00", "2013-05-09T-Z", "2013-05-09T14:45ZZ", "20130509T-15", "20130509T144", "20130509T14455", "2013----14",
			"２０１３", "2013-05-09\x00", "2013/", "/2013", "01/02/2020", "2013/2014/2015", "P1Y", "now", "1367971200", "\xff", strings.Repeat("2", 500),
		},
		imednet.ErrDateUnknown:  {"-", "---", "-----", "-----T-", "-----T-:-:-"},
		imednet.ErrNoSuchDate:   {"0000", "0000-01-01", "2013-13", "2013-00", "2013-05-32", "2013-05-00", "2013-02-29", "1900-02-29", "2013-04-31", "--02-30", "--04-31", "20140230", "9999-12-31T24:00"},
		imednet.ErrNoSuchTime:   {"2013-05-09T25", "2013-05-09T24", "2013-05-09T24:01", "2013-05-09T24:00:01", "2013-05-09T24:00:00.1", "2013-05-09T14:60", "2013-05-09T14:45:60", "2016-12-31T23:59:60Z", "-----T24:00", "2013-05--T24:00", "2013-05-09T24:-:00"},
		imednet.ErrNoSuchOffset: {"2013-05-09T14:45+14:01", "2013-05-09T14:45+15", "2013-05-09T14:45+24:00", "2013-05-09T14:45-12:01", "2013-05-09T14:45-13:00", "2013-05-09T14:45-1300", "2013-05-09T14:45+05:60", "2013-05-09T14:45+25:00"},
		imednet.ErrDateInterval: {"2013/2014", " 2013-05-09/2013-05-10T10:00 "},
	} {
		for _, text := range texts {
			d, err := imednet.ParsePartialDate(text)
			require.Equal(t, want, err, "%q", text)
			require.True(t, d.IsZero(), "%q", text)
			require.NotContains(t, err.Error(), text+" ")
		}
	}
	_, err := imednet.ParsePartialDate("2013-05-09" + strings.Repeat(" ", 1000))
	require.NoError(t, err, "white space has no limit")
}

func TestPartsOfDates(t *testing.T) {
	d := partial(t, "2003---15T13:-:17.250+05:30")
	year, ok := d.Year()
	require.True(t, ok)
	require.Equal(t, 2003, year)
	_, ok = d.Month()
	require.False(t, ok)
	day, ok := d.Day()
	require.True(t, ok)
	require.Equal(t, 15, day)
	hour, ok := d.Hour()
	require.True(t, ok)
	require.Equal(t, 13, hour)
	_, ok = d.Minute()
	require.False(t, ok)
	second, ok := d.Second()
	require.True(t, ok)
	require.Equal(t, 17, second)
	fraction, digits := d.Fraction()
	require.Equal(t, 250*time.Millisecond, fraction)
	require.Equal(t, 3, digits)
	offset, ok := d.Offset()
	require.True(t, ok)
	require.Equal(t, 5*time.Hour+30*time.Minute, offset)
	_, ok = d.Date()
	require.False(t, ok)
	_, ok = d.Instant()
	require.False(t, ok)

	d = partial(t, "2003-12-15T23:05:17.5-05:00")
	date, ok := d.Date()
	require.True(t, ok)
	require.Equal(t, imednet.Date{Year: 2003, Month: 12, Day: 15}, date, "the offset does not move the day")
	instant, ok := d.Instant()
	require.True(t, ok)
	require.Equal(t, "2003-12-16 04:05:17.5", instant.String())
	for _, text := range []string{"2003-12-15T23:05:17", "2003-12-15T23:05Z", "9999-12-31T23:00:00-12:00", ""} {
		_, ok = partial(t, text).Instant()
		require.False(t, ok, text)
	}
	month, ok := partial(t, "--12-15").Month()
	require.True(t, ok)
	require.Equal(t, time.December, month)
	_, ok = partial(t, "--12-15").Year()
	require.False(t, ok)
}

func TestTruncateDates(t *testing.T) {
	for _, c := range []struct {
		text string
		to   imednet.DatePrecision
		want string
	}{
		{"2003-12-15T13:05:17.5Z", imednet.PrecisionFraction, "2003-12-15T13:05:17.5Z"}, {"2003-12-15T13:05:17.5Z", imednet.PrecisionSecond, "2003-12-15T13:05:17Z"},
		{"2003-12-15T13:05:17.5Z", imednet.PrecisionMinute, "2003-12-15T13:05Z"}, {"2003-12-15T13:05:17.5Z", imednet.PrecisionHour, "2003-12-15T13Z"},
		{"2003-12-15T13:05:17.5Z", imednet.PrecisionDay, "2003-12-15"}, {"2003-12-15T13:05:17.5Z", imednet.PrecisionMonth, "2003-12"},
		{"2003-12-15T13:05:17.5Z", imednet.PrecisionYear, "2003"}, {"2003-12-15", imednet.PrecisionUnknown, ""}, {"2003-12-15", "week", ""},
		{"2003---15", imednet.PrecisionMonth, "2003"}, {"--12-15", imednet.PrecisionMonth, "--12"}, {"--12-15", imednet.PrecisionYear, ""},
		{"2003", imednet.PrecisionDay, "2003"}, {"2003-12-15T-:15+01:00", imednet.PrecisionHour, "2003-12-15"},
	} {
		got := partial(t, c.text).Truncate(c.to)
		require.Equal(t, c.want, got.String(), "%s to %s", c.text, c.to)
		require.Equal(t, partial(t, c.want), got)
	}
}

func TestDaysOfDates(t *testing.T) {
	for _, c := range []struct {
		text string
		days int
		want string
	}{
		{"2013-12-26", 10, "2014-01-05"}, {"2013-12-26T14:45Z", -26, "2013-11-30T14:45Z"}, {"2012-02-28", 1, "2012-02-29"}, {"0001-01-01", 0, "0001-01-01"},
		{"0001-01-01", 3652058, "9999-12-31"}, {"0001-01-01", -1, ""}, {"9999-12-31", 1, ""}, {"2013-12", 1, ""}, {"2013-12-26", 1 << 62, ""}, {"2013-12-26", -1 << 62, ""}, {"--12-26", 1, ""},
	} {
		moved, ok := partial(t, c.text).AddDays(c.days)
		require.Equal(t, c.want != "", ok, c.text)
		require.Equal(t, c.want, moved.String(), c.text)
	}
	for _, c := range []struct {
		d, reference string
		day          int
		ok           bool
	}{
		{"2013-05-10", "2013-05-10", 1, true}, {"2013-05-09T23:59", "2013-05-10T00:00", -1, true}, {"2013-05-11", "2013-05-10", 2, true}, {"2014-05-10", "2013-05-10", 366, true},
		{"2013-05-10T23:00-05:00", "2013-05-10T23:00+14:00", 1, true}, {"2013-05", "2013-05-10", 0, false}, {"2013-05-10", "", 0, false}, {"0001-01-01", "9999-12-31", -3652058, true},
	} {
		day, ok := partial(t, c.d).StudyDay(partial(t, c.reference))
		require.Equal(t, c.ok, ok)
		require.Equal(t, c.day, day, "%s %s", c.d, c.reference)
	}
}

func TestDatesFromDaysAndTimes(t *testing.T) {
	d, err := imednet.PartialDateOf(imednet.Date{Year: 2012, Month: 2, Day: 29})
	require.NoError(t, err)
	require.Equal(t, partial(t, "2012-02-29"), d)
	for _, day := range []imednet.Date{{Year: 1, Month: 1, Day: 1}, {Year: 9999, Month: 12, Day: 31}} {
		d, err = imednet.PartialDateOf(day)
		require.NoError(t, err)
		back, ok := d.Date()
		require.True(t, ok)
		require.Equal(t, day, back)
	}
	for _, day := range []imednet.Date{{}, {Year: 10000, Month: 1, Day: 1}, {Year: 2013, Month: 2, Day: 29}, {Year: 2013, Month: 13, Day: 1}, {Year: 2013, Month: 1, Day: 0}, {Year: 2013, Month: 1, Day: 287}, {Year: 67549, Month: 1, Day: 1}, {Year: -1, Month: 1, Day: 1}} {
		_, err = imednet.PartialDateOf(day)
		require.ErrorIs(t, err, imednet.ErrNoSuchDate)
	}
	for text, want := range map[string]string{
		"2026-03-01 22:59:59": "2026-03-01T22:59:59Z", "2026-03-01T22:59:59.250+01:00": "2026-03-01T21:59:59.25Z", "2026-03-01 22:59:59.000000001": "2026-03-01T22:59:59.000000001Z", "2026-03-01 22:59:59.1": "2026-03-01T22:59:59.1Z",
	} {
		instant, err := imednet.ParseTime(text)
		require.NoError(t, err)
		d, err = imednet.PartialDateOfTime(instant)
		require.NoError(t, err)
		require.Equal(t, partial(t, want), d)
		back, ok := d.Instant()
		require.True(t, ok)
		require.Equal(t, instant, back)
	}
	_, err = imednet.PartialDateOfTime(imednet.NewTime(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.ErrorIs(t, err, imednet.ErrNoSuchDate)
}

func TestDatesAreWrittenAndRead(t *testing.T) {
	type row struct {
		At     imednet.PartialDate
		Within imednet.DateInterval
	}
	var r row
	require.NoError(t, json.Unmarshal([]byte(`{"At": " 20140203", "Within": "2014/2015-02"}`), &r))
	written, err := json.Marshal(r)
	require.NoError(t, err)
	require.JSONEq(t, `{"At": "2014-02-03", "Within": "2014/2015-02"}`, string(written))
	require.Error(t, json.Unmarshal([]byte(`{"At": "2014-02-30"}`), &r))
}

// The same dates are read and refused as by Python's datetime.fromisoformat, whose answers
// testdata/partialdate/python.py recorded, but for two oversights of Python.
func TestDatesAsPythonReadsThem(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "partialdate", "python.json"))
	require.NoError(t, err)
	var rows [][3]any
	require.NoError(t, json.Unmarshal(raw, &rows))
	require.Greater(t, len(rows), 2000)
	for _, row := range rows {
		text := row[0].(string)
		d, err := imednet.ParsePartialDate(text)
		want, isDate := row[1].(string)
		if !isDate {
			require.Error(t, err, text)
			continue
		}
		if strings.HasSuffix(text, "+07:60") && !strings.Contains(text, ".+") { // which Python takes for +08:00
			require.Equal(t, imednet.ErrNoSuchOffset, err, text)
			continue
		}
		if strings.Contains(text, ".Z") || strings.Contains(text, ".+") || strings.Contains(text, ".-") { // a fraction without digits
			require.Equal(t, imednet.ErrNotDate, err, text)
			continue
		}
		require.NoError(t, err, text)
		first := d.First()
		wall, err := time.Parse("2006-01-02T15:04:05", first.String()[:19])
		require.NoError(t, err, text)
		fraction, _ := first.Fraction()
		require.Equal(t, want, wall.Add(fraction).Format("2006-01-02T15:04:05.000000"), text)
		offset, zoned := d.Offset()
		seconds, hasOffset := row[2].(float64)
		require.Equal(t, hasOffset, zoned, text)
		require.Equal(t, seconds, offset.Seconds(), text)
	}
}

func TestParsingADateAllocatesNothing(t *testing.T) {
	for _, text := range []string{"2014-02-03", " 2014-02-03T10:05:59.123456789+01:00 ", "2003---15", "UN-UNK-2024", "2013/2014", "2014-02-30", strings.Repeat("x", 300)} {
		raw := []byte(text)
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = imednet.ParsePartialDate(text) }), text)
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = imednet.ParsePartialDate(raw) }), text)
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = imednet.ParseDateInterval(raw) }), text)
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = imednet.FormatDMonYDash.Parse(text) }), text)
	}
	a, b := partial(t, "2014-02-03T10:05:59"), partial(t, "2014-02")
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = a.Compare(b) }))
	room := make([]byte, 0, 64)
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = a.AppendText(room) }))
}

func BenchmarkParsePartialDate(b *testing.B) {
	for _, text := range []string{"2014-02-03", "2014-02-03T10:05:59.123+01:00", "UN-UNK-2024"} {
		b.Run(text, func(b *testing.B) {
			raw := []byte(text)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = imednet.ParsePartialDate(raw)
			}
		})
	}
}

func FuzzParsePartialDate(f *testing.F) {
	for _, text := range []string{"2003-12-15T13:05:17.5+01:00", "2003---15", "--12-15", "-----T07:15", "2003-12-15T13:-:17", "20140203T123000Z", "2003-12-01/2003-12-10", " 2003", "2003-12-15T24:00", "05-MAR-2024 10:05", "UN/UNK/2024"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := imednet.ParsePartialDate(text)
		ofBytes, errOfBytes := imednet.ParsePartialDate([]byte(text))
		require.Equal(t, d, ofBytes)
		require.Equal(t, err, errOfBytes)
		checkDate(t, d, err, imednet.IsMissing(text))
		v, err := imednet.ParseDateInterval(text)
		if err == nil {
			again, err := imednet.ParseDateInterval(v.String())
			require.NoError(t, err)
			require.Equal(t, v, again)
			require.NotEqual(t, imednet.Before, v.End().Compare(v.Start()))
		}
		for _, format := range imednet.DateFormats() {
			d, err := format.Parse(text)
			checkDate(t, d, err, imednet.IsMissing(text))
		}
	})
}

// checkDate checks what holds for whatever was read.
func checkDate(t *testing.T, d imednet.PartialDate, err error, missing bool) {
	require.Equal(t, missing || err != nil, d.IsZero())
	if err != nil || missing {
		return
	}
	require.Equal(t, d, partial(t, d.String()))
	for _, completion := range []imednet.PartialDate{d.First(), d.Last()} {
		require.Equal(t, completion, partial(t, completion.String()))
		_, ok := completion.Date()
		require.True(t, ok)
	}
	require.NotEqual(t, imednet.After, d.First().Compare(d.Last()))
	require.LessOrEqual(t, imednet.CompareEarliest(d.First(), d.Last()), 0)
	if order := d.Compare(d); order != imednet.NotCertain {
		require.Equal(t, imednet.Same, order)
	}
}
