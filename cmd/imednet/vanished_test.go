package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
)

// A store that had heads and is gone, or has less than them, is told by whoever writes the next ones; those of the other stores
// are written nevertheless.
func TestAStoreThatHadHeadsAndIsGone(t *testing.T) {
	s := kept(t)
	home := filepath.Join(s.dir, ".imednet")
	write := []string{"heads", "--heads", "kept", "--heads-key", "headskey.pem"}
	s.ok(write...)
	moved := filepath.Join(s.dir, "moved.sqlite3")
	require.NoError(t, os.Rename(filepath.Join(home, "submissions.sqlite3"), moved))
	out, problem := s.run(exitInvalid, write...)
	require.Empty(t, out)
	require.Contains(t, problem, "submissions.sqlite3 is gone")
	require.Contains(t, problem, "has the heads of the other stores only")
	files, err := filepath.Glob(filepath.Join(s.dir, "kept", "*.heads"))
	require.NoError(t, err)
	require.Len(t, files, 4)

	require.NoError(t, os.Rename(moved, filepath.Join(home, "submissions.sqlite3")))
	s.ok(write...)
	storetest.WithoutGuards(t, filepath.Join(home, "triage.sqlite3"), `DELETE FROM triage_events`, `DELETE FROM triage_items`)
	_, problem = s.run(exitInvalid, write...)
	require.Contains(t, problem, "triage")
	s.run(exitInvalid, write...)

	out, _ = s.run(exitInvalid, "triage", "verify", "--heads", "kept", "--public-key", "headspublic.pem")
	require.Regexp(t, `^not intact:\n`, out)
	require.NotContains(t, out, "\nhead ")

	for _, name := range []string{"submissions.sqlite3", "triage.sqlite3", "config_versions.sqlite3", "pipeline_ledger.json"} {
		require.NoError(t, os.Remove(filepath.Join(home, name)))
	}
	_, problem = s.run(exitInvalid, write...)
	require.Contains(t, problem, "pipeline_ledger.json is gone")
}
