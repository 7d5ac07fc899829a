package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatePrintsTheReferencesLines(t *testing.T) {
	s := newShell(t)
	path := filepath.Join(s.dir, "marks", "ledger.json")

	require.Equal(t, "No ledger entries found matching filters.\n", s.ok("state", "show", "-l", path))
	require.Equal(t, "Successfully set high-water mark for 'S1' -> 'records' to 2026-01-31T12:00:00.250000+00:00\n",
		s.ok("state", "set", "-l", path, "-s", "S1", "-m", "records", "-t", "2026-01-31T14:00:00.25+02:00", "-r", "42"))
	require.Equal(t, "Successfully set high-water mark for 'S2' -> 'queries' to 2026-02-01T00:00:00+00:00\n",
		s.ok("state", "set", "--ledger-path", path, "--study-key", "S2", "--stream", "queries", "--timestamp", "2026-02-01"))
	require.Equal(t, "iMednet Extraction Ledger ("+path+")\n"+
		"Study Key | Stream Name | Last Timestamp (UTC) | Records Processed | Status | Error Message\n"+
		"S1 | records | 2026-01-31T12:00:00.250000+00:00 | 42 | success | \n"+
		"S2 | queries | 2026-02-01T00:00:00+00:00 | 0 | success | \n", s.ok("state", "show", "-l", path))
	require.NotContains(t, s.ok("state", "show", "-l", path, "-s", "S2"), "S1")

	require.Equal(t, "No stream 'other' found for study 'S1'.\n", s.ok("state", "reset", "-l", path, "-s", "S1", "-m", "other"))
	require.Equal(t, "Successfully reset stream 'records' for study 'S1'.\n", s.ok("state", "reset", "-l", path, "-s", "S1", "-m", "records"))
	require.Equal(t, "Successfully reset all streams for study 'S2'.\n", s.ok("state", "reset", "-l", path, "-s", "S2"))
	require.Equal(t, "No state found for study 'S2'.\n", s.ok("state", "reset", "-l", path, "-s", "S2"))
	_, problem := s.run(exitNotFound, "state", "reset", "-l", path, "-s", "S2", "--strict")
	require.Contains(t, problem, "No state found for study 'S2'.")
}

func TestStateNeedsNoKeys(t *testing.T) {
	s := newShell(t, "IMEDNET_API_KEY=", "IMEDNET_SECURITY_KEY=")
	s.ok("state", "set", "-s", "S", "-m", "m", "-t", "2026-01-01T00:00:00Z")
	var marks []markJSON
	s.json(&marks, "state", "show")
	require.Len(t, marks, 1)
	require.Equal(t, "2026-01-01T00:00:00+00:00", isoTime(marks[0].LastTimestamp))
	require.FileExists(t, filepath.Join(s.dir, ".imednet", "pipeline_ledger.json"))
}

func TestStateRefusesToGoBackUnasked(t *testing.T) {
	s := newShell(t)
	s.ok("state", "set", "-s", "S", "-m", "m", "-t", "2026-01-02")
	s.run(exitBusy, "state", "set", "-s", "S", "-m", "m", "-t", "2026-01-01")
	s.ok("state", "set", "-s", "S", "-m", "m", "-t", "2026-01-01", "--allow-backward", "--reason", "read again")
	require.Contains(t, s.ok("state", "show"), "2026-01-01T00:00:00+00:00")
}

func TestStateExportIsImported(t *testing.T) {
	s := newShell(t)
	s.ok("state", "set", "-s", "S", "-m", "m", "-t", "2026-01-02", "-r", "7")
	file := s.write("backup.json", s.ok("state", "export"))
	var report map[string]int
	s.json(&report, "state", "import", file, "-l", filepath.Join(s.dir, "other.json"))
	require.Equal(t, map[string]int{"read": 1, "added": 1, "changed": 0, "unchanged": 0}, report)
	require.Contains(t, s.ok("state", "show", "-l", filepath.Join(s.dir, "other.json")), "S | m | 2026-01-02T00:00:00+00:00 | 7 | success | \n")
}

func TestStateWithADamagedLedger(t *testing.T) {
	s := newShell(t)
	path := s.write("ledger.json", "{")
	_, problem := s.run(exitFailure, "state", "show", "-l", path)
	require.Contains(t, problem, "Failed to read ledger from "+path+": ")
	_, problem = s.run(exitFailure, "state", "set", "-l", path, "-s", "S", "-m", "m", "-t", "2026-01-02")
	require.Contains(t, problem, "Failed to write ledger: ")
	_, problem = s.run(exitFailure, "state", "reset", "-l", path, "-s", "S")
	require.Contains(t, problem, "Failed to reset ledger state: ")
}
