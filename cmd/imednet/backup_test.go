package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// TestABackupIsEverythingThatWasThere takes a backup, goes on working, loses everything, restores,
// and catches up.
func TestABackupIsEverythingThatWasThere(t *testing.T) {
	demo, url, err := startDemo("--study", "OWN", "--records", "300")
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	s := newShell(t, "IMEDNET_BASE_URL="+url)
	s.write("a.json", `{"studyKey": "OWN", "mappings": []}`)
	s.write("new.json", `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`)
	s.ok("worker", "OWN", "--once", "--stream", "mirror")
	s.ok("config", "commit", "OWN", "a.json", "--author", "anna", "-m", "first")
	s.ok("submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms")
	head := s.ok("config", "verify")
	s.ok("warehouse", "ingest", "OWN")

	var copied []copiedJSON
	s.json(&copied, "backup", "copy")
	var names []string
	for _, c := range copied {
		names = append(names, c.File)
		info, err := os.Stat(filepath.Join(s.dir, "copy", c.File))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), c.File)
		require.Equal(t, info.Size(), c.Bytes)
	}
	require.Equal(t, []string{"pipeline_ledger.json", "pipeline_ledger.json.history.jsonl", "warehouse.duckdb", "config_versions.sqlite3", "submissions.sqlite3", "records_cache.sqlite3"}, names)
	s.run(exitFailure, "backup", "copy")
	require.Contains(t, s.ok("backup", "second"), "records_cache.sqlite3")

	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(url))
	require.NoError(t, err)
	_, err = client.SubmitRecords(t.Context(), "OWN", []imednet.Submission{{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "Nausea"}}}, imednet.SubmitOptions{})
	require.NoError(t, err)
	s.ok("sync", "OWN")
	require.NoError(t, os.RemoveAll(filepath.Join(s.dir, ".imednet")))
	require.NoError(t, os.MkdirAll(filepath.Join(s.dir, ".imednet", "cache"), 0o700))
	for _, name := range names {
		to := filepath.Join(s.dir, ".imednet", name)
		if strings.HasPrefix(name, "records_cache") {
			to = filepath.Join(s.dir, ".imednet", "cache", name)
		}
		require.NoError(t, os.Rename(filepath.Join(s.dir, "copy", name), to))
	}
	require.Contains(t, s.ok("state", "show"), "OWN | mirror | ")
	require.Equal(t, head, s.ok("config", "verify"))
	require.Equal(t, "No open submissions.\n", s.ok("submit", "resume", "OWN"))
	require.Contains(t, s.ok("warehouse", "query", "SELECT count(*) AS n FROM bronze_records"), "\n301\n")
	s.run(exitInvalid, "cache", "verify", "OWN") // the copy is older than the server
	s.ok("sync", "OWN")
	require.Contains(t, s.ok("cache", "verify", "OWN"), "0 missing, 0 different; 0 held")
}

func TestStateRestore(t *testing.T) {
	for _, state := range [][]string{{"state"}, {"workflows", "state"}} {
		testStateRestore(t, state)
	}
}

func testStateRestore(t *testing.T, state []string) {
	s := newShell(t)
	s.run(exitUsage, "state", "restore")
	s.ok("state", "set", "-s", "S", "-m", "m", "-t", "2026-01-01")
	s.ok("state", "set", "-s", "S", "-m", "m", "-t", "2026-01-02")
	path := s.write(".imednet/pipeline_ledger.json", "garbage")
	_, problem := s.run(exitFailure, "state", "show")
	require.Contains(t, problem, "state restore")
	require.Contains(t, s.ok(append(state, "restore", "--reason", "disk full")...), "Restored "+path)
	require.Contains(t, s.ok("state", "show"), "S | m | 2026-01-0")
}

// TestABackupSaysThatItHasNoDatabase: files that a migration left are copied, and nobody takes them for the state of today.
func TestABackupSaysThatItHasNoDatabase(t *testing.T) {
	s := newShell(t)
	s.ok("state", "set", "-s", "DEMO", "-m", "records", "-t", "2026-01-31")
	out, told := s.run(0, "backup", "files")
	require.Contains(t, out, "pipeline_ledger.json")
	require.Empty(t, told)
	for _, flags := range [][]string{nil, {"--json"}} {
		dir := "old" + strings.Join(flags, "")
		out, told = s.run(0, append([]string{"backup", dir, "--database", "postgres:///state"}, flags...)...)
		require.Contains(t, out, "pipeline_ledger.json")
		require.Contains(t, told, "what is in the database is not among the copies")
	}
	require.NoError(t, os.RemoveAll(filepath.Join(s.dir, ".imednet")))
	_, told = s.run(exitNotFound, "backup", "none", "--database", "postgres:///state")
	require.Contains(t, told, "what is in the database is not among the copies")
}

// TestABackupOfADamagedLedgerSaysSo: all else is copied, and the damaged bytes too, which somebody may want to look at.
func TestABackupOfADamagedLedgerSaysSo(t *testing.T) {
	s := newShell(t)
	s.ok("state", "set", "-s", "S1", "-m", "records", "-t", "2026-01-01")
	s.write("found.json", twoFindings)
	s.ok("triage", "report", "S1", "found.json")
	for i, damaged := range []string{"", "{", "half a fi"} {
		s.write(".imednet/pipeline_ledger.json", damaged)
		to := fmt.Sprintf("copy%d", i)
		out, problem := s.run(exitFailure, "backup", to)
		require.Contains(t, problem, "pipeline_ledger.json")
		require.Contains(t, problem, "damaged")
		require.Contains(t, out, "triage.sqlite3")
		require.Equal(t, damaged, s.read(to+"/pipeline_ledger.json"))
		require.NotEmpty(t, s.read(to+"/triage.sqlite3"))
	}
	require.NoError(t, os.Remove(filepath.Join(s.dir, ".imednet/pipeline_ledger.json")))
	require.NoError(t, os.Symlink(os.DevNull, filepath.Join(s.dir, ".imednet/pipeline_ledger.json")))
	_, problem := s.run(exitFailure, "backup", "copy-of-a-device")
	require.Contains(t, problem, "is not a regular file")
}
