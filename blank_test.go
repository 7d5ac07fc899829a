package imednet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// A name of which nothing can be seen is blank. An answer of the same characters is missing only if they
// are white space: somebody entered the others.
func TestBlank(t *testing.T) {
	for text, missing := range map[string]bool{
		"": true, " \t\r\n": true, "\u00a0\u3000\u2003": true,
		"\u200b": false, "\ufeff": false, " \u200b\u200c\u200d ": false, "\u2060": false, "\u00ad": false, "\u180e": false, "\u200e\u202e": false,
		"\ufe0f": false, "\u3164": false, "\x00\x1b": false, "\u00a0\ufeff": false,
	} {
		require.True(t, imednet.IsBlank(text), "%q", text)
		require.Equal(t, missing, imednet.IsMissing(text), "%q", text)
	}
	for _, text := range []string{"0", ".", "-", " x ", "\ufeffDay 30", "Day\u200b30", "\u200bé", "\ufffd", "日"} {
		require.False(t, imednet.IsBlank(text), "%q", text)
		require.False(t, imednet.IsMissing(text), "%q", text)
	}
}
