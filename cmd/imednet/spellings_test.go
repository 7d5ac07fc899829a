package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSpellingsOfThePythonCommand holds the names, flags and lines that scripts know.
func TestSpellingsOfThePythonCommand(t *testing.T) {
	s := newShell(t)
	require.Contains(t, s.ok(), "\nNames used by the Python command:\n  subject-data ")
	require.Contains(t, s.ok("workflows"), "imednet workflows [command]", "a parent alone prints its usage")

	filters := []string{"DEMO", "--record-filter", "formKey=VS", "--subject-filter", "siteName=Site 01", "--visit-filter", "deleted=false"}
	out := s.ok(append([]string{"workflows", "extract-records"}, filters...)...)
	require.Contains(t, out, "Extracting records for study 'DEMO'...\n")
	require.Contains(t, out, "\nFound 23 matching records")
	require.Equal(t, s.ok(append([]string{"records", "extract"}, filters...)...), out, "one implementation")

	require.Contains(t, s.ok("workflows", "sync-worker", "DEMO", "--once", "--interval", "60"), "Synced 497 cached records for study 'DEMO'.\n")
	require.Equal(t, s.ok("subject", "DEMO", "01-001"), s.ok("subject-data", "DEMO", "01-001"))
}

func TestStateAsThePythonCommandSpellsIt(t *testing.T) {
	s := newShell(t)
	path := filepath.Join(s.dir, "ledger.json")
	state := func(args ...string) string { return s.ok(append([]string{"workflows", "state"}, args...)...) }
	require.Equal(t, "No ledger entries found matching filters.\n", state("show", "-l", path))
	require.Equal(t, "Successfully set high-water mark for 'S1' -> 'records' to 2026-01-31T00:00:00+00:00\n",
		state("set", "-s", "S1", "-m", "records", "-t", "2026-01-31T00:00:00Z", "-r", "3", "-l", path))
	require.Equal(t, s.ok("state", "show", "-l", path), state("show", "--ledger-path", path, "--study-key", "S1"))
	require.Equal(t, "Successfully reset stream 'records' for study 'S1'.\n", state("reset", "-s", "S1", "-m", "records", "-l", path))
	require.Equal(t, "No state found for study 'S1'.\n", state("reset", "-s", "S1", "-l", path))
}

func TestHighContrast(t *testing.T) {
	const class = `class="contrast"`
	s := newShell(t)
	require.NotContains(t, s.ok("profile", "DEMO", "--html"), class)
	require.Contains(t, s.ok("--high-contrast", "profile", "DEMO", "--html"), class)
	require.Contains(t, newShell(t, envHighContrast+"=1").ok("profile", "DEMO", "--html"), class)
}
