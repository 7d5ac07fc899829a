package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheWarehouseAnswers(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out))
	text := out.String()
	require.Contains(t, text, "NORTH: 1000 states of records, 5990 cells, 1375 revisions, 9 typed tables")
	require.Contains(t, text, "NORTH: 1 states of records, 1 cells, 1 revisions, 9 typed tables", "only the difference travels")
	require.Regexp(t, `SOUTH +2025-Q2 +4 +24\n`, text)
	require.Regexp(t, `NORTH +older +10\n`, text)
	require.Regexp(t, `SOUTH +341 +32\n`, text)
	require.Regexp(t, `100001 +NOTE +- +corrected after monitoring +revision +coord01 +2026-03-01 09:30 +Data entry error`, text)
}
