package imednet_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestFormatsOfDates(t *testing.T) {
	for _, c := range []struct {
		format, text, want string
	}{
		{"ISO8601", "20240305", "2024-03-05"},
		{"DD-MMM-YYYY", "05-MAR-2024", "2024-03-05"}, {"DD-MMM-YYYY", " 05-mar-2024 ", "2024-03-05"}, {"DD-MMM-YYYY", "UN-UNK-2024", "2024"}, {"DD-MMM-YYYY", "UN-DEC-2013", "2013-12"},
		{"DD-MMM-YYYY", "05-UNK-2024", "2024---05"}, {"DD-MMM-YYYY", "un-un-2024", "2024"}, {"DD-MMM-YYYY", "UNK-UNK-2024", "2024"}, {"DD-MMM-YYYY", "05-MAR-UNKN", "--03-05"},
		{"DD-MMM-YYYY", "05-MAR-2024 10:05", "2024-03-05T10:05"}, {"DD-MMM-YYYY", "05-MAR-2024 24:00", "2024-03-06T00:00"}, {"DD-MMM-YYYY", "05-OCT-2024 10:05:59.5Z", "2024-10-05T10:05:59.5Z"},
		{"DD/MMM/YYYY", "UN/UNK/2024", "2024"}, {"DD MMM YYYY", "05 MAR 2024", "2024-03-05"}, {"DD MMM YYYY", "UN UNK 2024 10:05", "2024----T10:05"},
		{"DDMMMYYYY", "05MAR2024", "2024-03-05"}, {"DDMMMYYYY", "UNUNK2024", "2024"}, {"DDMMMYYYY", "UNDEC2024", "2024-12"}, {"DDMMMYYYY", "05MAR2024 10:05", "2024-03-05T10:05"},
		{"DD-MM-YYYY", "05-03-2024", "2024-03-05"}, {"DD/MM/YYYY", "05/03/2024", "2024-03-05"}, {"DD.MM.YYYY", "05.03.2024", "2024-03-05"},
		{"MM-DD-YYYY", "03-05-2024", "2024-03-05"}, {"MM/DD/YYYY", "03/05/2024", "2024-03-05"}, {"MM/DD/YYYY", "UN/UN/2024", "2024"},
		{"YYYY/MM/DD", "2024/03/05 10:05", "2024-03-05T10:05"}, {"YYYYMMDD", "20240305", "2024-03-05"}, {"YYYYMMDD", "202403UN", "2024-03"}, {"YYYYMMDD", "", ""},
	} {
		format, err := imednet.ParseDateFormat(c.format)
		require.NoError(t, err)
		d, err := format.Parse(c.text)
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, d.String(), c.text)
	}
	for _, c := range []struct {
		format imednet.DateFormat
		text   string
		want   error
	}{
		{imednet.FormatDMonYDash, "2024-03-05", imednet.ErrNotDate}, {imednet.FormatDMonYDash, "5-MAR-2024", imednet.ErrNotDate}, {imednet.FormatDMonYDash, "05/MAR/2024", imednet.ErrNotDate},
		{imednet.FormatDMonYDash, "05-MAR-24", imednet.ErrNotDate}, {imednet.FormatDMonYDash, "05-MAR-20240", imednet.ErrNotDate}, {imednet.FormatDMonYDash, "05-MÄR-2024", imednet.ErrNotDate},
		{imednet.FormatDMonYDash, "05-MAR", imednet.ErrNotDate}, {imednet.FormatDMonYDash, "05", imednet.ErrNotDate}, {imednet.FormatDMonYDash, "05-MAR-", imednet.ErrNotDate}, {imednet.FormatDMonYDash, "05-MAR-2024x", imednet.ErrNotDate},
		{imednet.FormatDMonYDash, "UN-UNK-UNKN", imednet.ErrDateUnknown}, {imednet.FormatDMonYDash, "UNK-UNK-UNK", imednet.ErrDateUnknown}, {imednet.FormatDMonYDash, "30-FEB-2024", imednet.ErrNoSuchDate}, {imednet.FormatDMonYDash, "30-FEB-UNKN", imednet.ErrNoSuchDate},
		{imednet.FormatDMonYDash, "00-MAR-2024", imednet.ErrNoSuchDate}, {imednet.FormatDMonYDash, "ND-MAR-2024", imednet.ErrNotDate}, {imednet.FormatDMonYDash, "---MAR-2024", imednet.ErrNotDate}, {imednet.FormatDMonYDash, "05-MAR-2024 25:00", imednet.ErrNoSuchTime},
		{imednet.FormatDMonYDash, "05-MAR-2024T10:00", imednet.ErrNotDate}, {imednet.FormatDMonYDash, "05-MAR-2024 1000", imednet.ErrNotDate},
		{imednet.FormatMDYSlash, "13/05/2024", imednet.ErrNoSuchDate}, {imednet.FormatDMYSlash, "05/13/2024", imednet.ErrNoSuchDate}, {imednet.FormatYMDBasic, "2024-03-05", imednet.ErrNotDate}, {imednet.FormatYMDBasic, "202403", imednet.ErrNotDate},
		{"", "2024", imednet.ErrNotDate}, {"YYYY", "2024", imednet.ErrNotDate}, {imednet.FormatDMonYBasic, "UNKMAR2024", imednet.ErrNotDate},
	} {
		d, err := c.format.Parse(c.text)
		require.Equal(t, c.want, err, c.text)
		require.True(t, d.IsZero())
	}
}

// TestISOWeeks against the calendar of package time, week by week, and texts that only look alike.
func TestISOWeeks(t *testing.T) {
	for day := time.Date(1999, 12, 25, 0, 0, 0, 0, time.UTC); day.Year() < 2030; day = day.AddDate(0, 0, 1) {
		year, week := day.ISOWeek()
		text := fmt.Sprintf(" %04d-W%02d-%d ", year, week, (int(day.Weekday())+6)%7+1)
		d, err := imednet.FormatISOWeek.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, day.Format(time.DateOnly), d.String(), text)
	}
	for text, want := range map[string]error{
		"2024-W00-1": imednet.ErrNoSuchDate, "2024-W53-1": imednet.ErrNoSuchDate, "2020-W53-7": nil, "2024-W01-0": imednet.ErrNoSuchDate, "2024-W01-8": imednet.ErrNoSuchDate,
		"+202-W01-1": imednet.ErrNotDate, "2024-W 1-1": imednet.ErrNotDate, "2024-W+1-1": imednet.ErrNotDate, "2024-w01-1": imednet.ErrNotDate, "2024-W01-1 10:00": imednet.ErrNotDate,
		"2024W011": imednet.ErrNotDate, "2024-W01": imednet.ErrNotDate, "٢٠٢٤-W01-1": imednet.ErrNotDate, "9999-W53-7": imednet.ErrNoSuchDate, "0000-W01-1": imednet.ErrNoSuchDate,
	} {
		_, err := imednet.FormatISOWeek.Parse(text)
		require.Equal(t, want, err, text)
	}
}

func TestNamesOfDateFormats(t *testing.T) {
	require.Len(t, imednet.DateFormats(), 13)
	for _, f := range imednet.DateFormats() {
		got, err := imednet.ParseDateFormat(string(f))
		require.NoError(t, err)
		require.Equal(t, f, got)
	}
	f, err := imednet.ParseDateFormat("dd-mmm-yyyy")
	require.NoError(t, err)
	require.Equal(t, imednet.FormatDMonYDash, f)
	for _, name := range []string{"", "iso", "DD-MON-YYYY"} {
		_, err = imednet.ParseDateFormat(name)
		require.Error(t, err)
	}
}
