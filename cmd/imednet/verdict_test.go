package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
)

// TestNothingThatIsNotIntactReadsAsSuccess: no verification of a store, or of its heads, that finds a fault prints a count
// without faults, the word for what is intact, or a head to keep.
func TestNothingThatIsNotIntactReadsAsSuccess(t *testing.T) {
	s := kept(t)
	home := filepath.Join(s.dir, ".imednet")
	s.ok("heads", "--heads", "kept", "--heads-key", "headskey.pem")
	stores := [][]string{{"state", "verify"}, {"config", "verify"}, {"triage", "verify"}, {"submit", "verify"}}
	with := []string{"--heads", "kept", "--public-key", "headspublic.pem"}
	fails := func(faults bool, command []string) {
		t.Helper()
		out, _ := s.run(exitInvalid, command...)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		require.Equal(t, "not intact:", lines[0], command)
		for _, word := range []string{": intact", ", intact", "0 faults", "\nhead "} {
			require.NotContains(t, out, word, command)
		}
		if faults {
			require.Regexp(t, `^[1-9]\d* faults? in \d`, lines[len(lines)-1], command)
		}
		out, _ = s.run(exitInvalid, append(command, "--json")...)
		var said map[string]any
		require.NoError(t, json.Unmarshal([]byte(out), &said), command)
		require.Equal(t, false, said["ok"], command)
		require.Empty(t, said["head"], command)
		require.Empty(t, said["heads"], command)
	}
	for _, command := range stores {
		require.Contains(t, s.ok(append(command, with...)...), ": intact\nhead ", command)
	}
	files, err := filepath.Glob(filepath.Join(s.dir, "kept", "*.heads"))
	require.NoError(t, err)
	whole, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files[0], append(whole, ' '), 0o600))
	for _, command := range stores {
		fails(false, append(command, with...))
	}
	require.NoError(t, os.WriteFile(files[0], whole, 0o600))

	storetest.WithoutGuards(t, filepath.Join(home, "triage.sqlite3"), `UPDATE triage_events SET user_id = 'mallory' WHERE sequence = 1`)
	storetest.WithoutGuards(t, filepath.Join(home, "config_versions.sqlite3"), `UPDATE config_entries SET author = 'mallory'`)
	storetest.WithoutGuards(t, filepath.Join(home, "submissions.sqlite3"), `UPDATE submission_events SET author = 'mallory'`)
	history := filepath.Join(home, "pipeline_ledger.json.history.jsonl")
	runs, err := os.ReadFile(history)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(history, []byte(strings.Replace(string(runs), `"study_key":"`, `"study_key":"X`, 1)), 0o600))
	for _, command := range stores {
		fails(true, command)
		fails(true, append(command, with...))
	}
}
