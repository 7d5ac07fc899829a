package imednet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestParseTime(t *testing.T) {
	for text, want := range map[string]string{
		"2025-02-01 10:00:05":           "2025-02-01 10:00:05",
		"2025-02-01T10:00:05":           "2025-02-01 10:00:05",
		"2025-02-01T10:00:05Z":          "2025-02-01 10:00:05",
		"2025-02-01 10:00:05Z":          "2025-02-01 10:00:05",
		"2025-02-01T10:00:05.625":       "2025-02-01 10:00:05.625",
		"2025-02-01 10:00:05.000000001": "2025-02-01 10:00:05.000000001",
		"2025-02-01T10:00:05-06:00":     "2025-02-01 16:00:05",
		"2025-02-01T10:00:05+0530":      "2025-02-01 04:30:05",
		"2024-02-29 23:59:59":           "2024-02-29 23:59:59",
		"0001-01-01 00:00:00":           "0001-01-01 00:00:00",
		"0000-01-01 00:00:00":           "0000-01-01 00:00:00",
		"9999-12-31 23:59:59":           "9999-12-31 23:59:59",
	} {
		got, err := imednet.ParseTime(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.String(), text)
		require.Equal(t, time.UTC, got.Location())
	}
	for _, text := range []string{"", "2025-02-01", "2025-02-30 10:00:05", "2025-02-01 24:00:00", "2025-02-01 10:00:60",
		" 2025-02-01 10:00:05", "01/02/2025 10:00", "1738404005", "2025-02-01t10:00:05", "9999-12-31T23:59:59-10:00", "0000-01-01T00:00:00+01:00", "SECRET"} {
		_, err := imednet.ParseTime(text)
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "SECRET")
	}
}

// TestTheDocumentedFormIsReadAsPackageTimeReadsIt for every digit of a time, right or wrong.
func TestTheDocumentedFormIsReadAsPackageTimeReadsIt(t *testing.T) {
	const good = "2024-02-29 23:59:58"
	for place := range good {
		for _, c := range "0123456789-: /T" {
			text := good[:place] + string(c) + good[place+1:]
			got, err := imednet.ParseTime(text)
			want, wrong := time.Parse(time.DateTime, text)
			if wrong != nil {
				want, wrong = time.Parse("2006-01-02T15:04:05", text)
			}
			require.Equal(t, wrong == nil, err == nil, text)
			if err == nil {
				require.Equal(t, want, got.Time, text)
			}
		}
	}
}

func TestTimeForms(t *testing.T) {
	at := imednet.NewTime(time.Date(2025, 2, 1, 4, 0, 5, 999, time.FixedZone("", -6*3600)))
	require.Equal(t, "2025-02-01 10:00:05.000000999", at.String())
	require.Equal(t, "2025-02-01T10:00:05Z", at.Filter(), "the filter form has whole seconds and another shape")
	text, err := at.MarshalText()
	require.NoError(t, err)
	var back imednet.Time
	require.NoError(t, back.UnmarshalText(text))
	require.True(t, at.Equal(back.Time))
	quoted, err := at.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `"2025-02-01 10:00:05.000000999"`, string(quoted))
	require.NoError(t, back.UnmarshalJSON([]byte("[2025,2,1,10,0]")))
	require.Equal(t, "2025-02-01 10:00:00", back.String())
	require.Error(t, back.UnmarshalJSON([]byte("5")))
}

func TestDate(t *testing.T) {
	d, err := imednet.ParseDate("2024-02-29")
	require.NoError(t, err)
	require.Equal(t, "2024-02-29", d.String())
	require.Equal(t, "2024-02-29T00:00:00Z", d.Time().Format(time.RFC3339))
	for _, text := range []string{"", "2023-02-29", "2024-2-9", "20240229", "2024-02-29 00:00:00", "SECRET"} {
		_, err := imednet.ParseDate(text)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "SECRET")
	}
}

func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{"2025-02-01 10:00:05", "2025-02-01T10:00:05.5-06:00", "[2025,2,1,10,0]", "", "9999-12-31T23:59:59-10:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := imednet.ParseTime(text)
		if err != nil {
			require.NotContains(t, strings.ReplaceAll(err.Error(), "2006-01-02 15:04:05", ""), "SECRET"+text)
			return
		}
		again, err := imednet.ParseTime(at.String())
		require.NoError(t, err, "the wire form can be read")
		require.True(t, at.Equal(again.Time))
		inFilter, err := imednet.ParseTime(at.Filter())
		require.NoError(t, err)
		require.True(t, inFilter.Equal(at.Truncate(time.Second)))
		var viaJSON imednet.Time
		quoted, err := at.MarshalJSON()
		require.NoError(t, err)
		require.NoError(t, viaJSON.UnmarshalJSON(quoted))
		require.True(t, at.Equal(viaJSON.Time))
	})
}
