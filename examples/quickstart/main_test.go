package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func output(t *testing.T, data string, records int) string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, data, records, t.TempDir()))
	return out.String()
}

func golden(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(text)
}

func TestTheTourOfAGeneratedStudy(t *testing.T) {
	require.Equal(t, golden(t, "generated.txt"), output(t, "", 2_000))
}

func TestTheTourOfThePilotStudy(t *testing.T) {
	data := os.Getenv("IMEDNET_PILOT")
	if data == "" {
		t.Skip("IMEDNET_PILOT names no folder with the pilot study")
	}
	require.Equal(t, golden(t, "pilot.txt"), output(t, data, 0))
}

func TestAMissingFolderIsNamed(t *testing.T) {
	var out strings.Builder
	err := run(t.Context(), &out, "no-such-folder", 0, "")
	require.ErrorContains(t, err, "no-such-folder")
	require.Empty(t, out.String())
}
