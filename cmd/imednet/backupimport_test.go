package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
)

// The manual says to back up files of the Python package before they are imported: such a file is copied with what it
// holds, and stays as it is.
func TestABackupHasWhatWasNotImportedYet(t *testing.T) {
	s := newShell(t)
	home := filepath.Join(s.dir, ".imednet")
	require.NoError(t, os.MkdirAll(home, 0o700))
	queue, history := filepath.Join(home, "triage.sqlite3"), filepath.Join(home, "config_versions.sqlite3")
	storetest.Exec(t, queue, `CREATE TABLE triage_items (item_id TEXT PRIMARY KEY, study_key TEXT NOT NULL, status TEXT NOT NULL, assignee TEXT, severity TEXT NOT NULL);
		INSERT INTO triage_items VALUES ('a', 'S', 'NEW', NULL, 'HIGH')`)
	storetest.Exec(t, history, `CREATE TABLE config_commits (commit_id TEXT PRIMARY KEY, study_key TEXT NOT NULL, version_tag TEXT NOT NULL, config_data TEXT NOT NULL,
		modified_by TEXT NOT NULL, description TEXT NOT NULL, timestamp TEXT NOT NULL); INSERT INTO config_commits VALUES ('c', 'S', '1', '{}', 'anna', 'first', '2026-01-01T00:00:00+00:00')`)
	before := map[string][]byte{}
	for _, path := range []string{queue, history} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		before[path] = text
	}
	s.run(exitInvalid, "triage", "queue", "S")
	require.Contains(t, s.ok("backup", "copies"), "triage.sqlite3")
	for path, text := range before {
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, after)
	}
	for name, query := range map[string]string{"triage.sqlite3": `SELECT item_id || status FROM triage_items`, "config_versions.sqlite3": `SELECT commit_id || modified_by FROM config_commits`} {
		copied := filepath.Join(s.dir, "copies", name)
		var got string
		require.NoError(t, storetest.Raw(t, copied).QueryRow(query).Scan(&got))
		require.Equal(t, map[string]string{"triage.sqlite3": "aNEW", "config_versions.sqlite3": "canna"}[name], got)
		info, err := os.Stat(copied)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
}

// The history of a ledger behind a symbolic link is beside the ledger, and in the backup.
func TestABackupFollowsALinkToTheLedger(t *testing.T) {
	s := newShell(t)
	require.NoError(t, os.MkdirAll(filepath.Join(s.dir, ".imednet"), 0o700))
	real := filepath.Join(s.dir, "shared", "l.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(real), 0o700))
	require.NoError(t, os.Symlink(real, filepath.Join(s.dir, ".imednet", "pipeline_ledger.json")))
	s.ok("state", "set", "-s", "S", "-m", "records", "-t", "2026-01-31")
	s.ok("backup", "copies")
	for copied, from := range map[string]string{"pipeline_ledger.json": real, "pipeline_ledger.json.history.jsonl": real + ".history.jsonl"} {
		want, err := os.ReadFile(from)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(s.dir, "copies", copied))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
}
