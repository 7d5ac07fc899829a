package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheTourOfAGeneratedStudy(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, "", 2_000, t.TempDir()))
	text := out.String()
	require.Contains(t, text, "2000 records received; 2000 added, 0 updated, 0 deleted, 0 vanished; 2000 held.")
	require.Contains(t, text, "25 added, 150 updated, 10 deleted, 2 vanished; 2023 held.")
	require.Contains(t, text, "0 added, 0 updated, 0 deleted, 0 vanished; 2023 held.")
	require.Contains(t, text, "2023 records read again and compared byte by byte: mirror = server.")
	require.Regexp(t, `Parquet +9 tables, one per form: 2023 records = \d+ rows \+ \d+ deleted \+ 0 rejected`, text)
	require.Regexp(t, `recordId +subjectKey +AETERM`, text)
	require.Regexp(t, `AE +\d+ +\d+ +\d+`, text)
}

func TestTheTourOfThePilotStudy(t *testing.T) {
	data := os.Getenv("IMEDNET_PILOT")
	if data == "" {
		t.Skip("IMEDNET_PILOT names no folder with the pilot study")
	}
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, data, 0, t.TempDir()))
	require.Contains(t, out.String(), "21113 added")
	require.Contains(t, out.String(), "28743 records read again and compared byte by byte: mirror = server.")
}

func TestAMissingFolderIsNamed(t *testing.T) {
	var out strings.Builder
	err := run(t.Context(), &out, "no-such-folder", 0, "")
	require.ErrorContains(t, err, "no-such-folder")
	require.Empty(t, out.String())
}
