package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A command that writes a file again never takes the place of a store, a key or a file of another kind, whatever the
// policy says of it.
func TestAFileOfAnotherKindIsNotReplaced(t *testing.T) {
	s := newShell(t)
	s.write("found.json", twoFindings)
	s.ok("sync", "DEMO")
	s.ok("export", "DEMO", "--cached", "--dir", "out")
	s.ok("triage", "report", "S1", "found.json", "--store", "queue.sqlite3")
	s.ok("state", "set", "-l", "ledger.json", "-s", "S1", "-m", "records", "-t", "2026-01-01")
	s.keyPair("anna.pem", "anna.pub", 3)
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "folder"), 0o700))
	before := hashesBelow(t, s.dir)
	for _, path := range []string{"queue.sqlite3", "ledger.json", "ledger.json.history.jsonl", "anna.pem", "found.json", "folder"} {
		for _, line := range [][]string{
			{"probe", "DEMO", "--pause", "0s", "--out", path},
			{"formats", "odm", "out", "--accept-rejected", "--escape-controls", "--to", path},
			{"formats", "odm-audit", "DEMO", "--accept-rejected", "--escape-controls", "--to", path},
			{"report", "DEMO", "--replace", "--out", path},
		} {
			_, problem := s.run(exitUsage, line...)
			require.Contains(t, problem, path, line)
			require.Equal(t, before, hashesBelow(t, s.dir), line)
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(s.dir, "again"), nil, 0o600))
	for range 2 { // an empty file, and what the command wrote
		s.ok("formats", "odm", "out", "--accept-rejected", "--escape-controls", "--to", "again")
		s.ok("report", "DEMO", "--replace", "--out", "page.html")
		s.ok("probe", "DEMO", "--pause", "0s", "--out", "probed.json")
	}
}
