package imednet_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestParseInstant(t *testing.T) {
	for text, want := range map[string]string{
		"2026-01-31":                       "2026-01-31T00:00:00Z",
		" 2026-01-31\n":                    "2026-01-31T00:00:00Z",
		"2026-01-31 10:20":                 "2026-01-31T10:20:00Z",
		"2026-01-31T10":                    "2026-01-31T10:00:00Z",
		"2026-01-31T10:20+0100":            "2026-01-31T10:20:00+01:00",
		"2026-01-31T10:20:30.25-03:30":     "2026-01-31T10:20:30.25-03:30",
		"2026-01-31 10:20:30+00:00":        "2026-01-31T10:20:30Z",
		"20260131T102030Z":                 "2026-01-31T10:20:30Z",
		"2026-01-31T24:00":                 "2026-02-01T00:00:00Z",
		"2026-05-22T12:00:00.123456+02:00": "2026-05-22T12:00:00.123456+02:00",
	} {
		at, err := imednet.ParseInstant(text)
		require.NoError(t, err, text)
		require.Equal(t, want, at.Format(time.RFC3339Nano), text)
	}
	for _, text := range []string{"", " ", "2026", "2026-01", "2026-02-30", "2026-01-31T-:15", "2026-01-31T10:-:30", "--01-31", "yesterday", "2026-01-31/2026-02-01", "2026-01-31T10:00+15:00", "1769817600"} {
		_, err := imednet.ParseInstant(text)
		require.ErrorContains(t, err, "not an instant", text)
		if len(text) > 1 {
			require.NotContains(t, err.Error(), "("+text+")")
		}
	}
}
