package imednet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestTimesOfDay(t *testing.T) {
	for text, want := range map[string]string{
		"14:05": "2000-01-01T14:05", " 14:05:59 ": "2000-01-01T14:05:59", "14": "2000-01-01T14", "00:00": "2000-01-01T00:00",
		"14:05:59.25": "2000-01-01T14:05:59.25", "": "", " \u00a0": "",
	} {
		at, err := imednet.ParseTimeOfDay(text)
		require.NoError(t, err, text)
		require.Equal(t, want, at.String(), text)
	}
	for _, text := range []string{"2024-01-01", "2024-01-01T14:05", "14:05Z", "14:05+01:00", "-:05", "14:-", "14:05/15:05", "25:00", "14:60", "5 pm", "1405", "١٤:٠٥"} {
		at, err := imednet.ParseTimeOfDay(text)
		require.Error(t, err, text)
		require.True(t, at.IsZero(), text)
	}
	earlier, _ := imednet.ParseTimeOfDay("9:5")
	require.True(t, earlier.IsZero(), "hours have two digits")
	early, _ := imednet.ParseTimeOfDay("09:05")
	late, _ := imednet.ParseTimeOfDay("14:05")
	hour, _ := imednet.ParseTimeOfDay("14")
	require.Equal(t, imednet.Before, early.Compare(late))
	require.Equal(t, imednet.NotCertain, hour.Compare(late))
}
