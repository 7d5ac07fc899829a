package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/postgrestest"
)

// TestMigrateNeedsADatabase that is named.
func TestMigrateNeedsADatabase(t *testing.T) {
	s := newShell(t)
	for _, args := range [][]string{{"migrate"}, {"migrate", "--json"}, {"migrate", "--back"}} {
		_, problem := s.run(exitUsage, args...)
		require.Contains(t, problem, "name the database with --database or in the configuration file", args)
	}
}

// TestMigrateThereAndBack: what `verify` prints, heads included, is the same in the files, in the
// database, and in the files that come back.
func TestMigrateThereAndBack(t *testing.T) {
	url := postgrestest.URL(t)
	demo, server, err := startDemo("--study", "OWN", "--records", "60")
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	s := newShell(t, "IMEDNET_BASE_URL="+server)
	s.write("a.json", `{"studyKey": "DEMO", "version": "1.0.0", "mappings": []}`)
	s.write("found.json", twoFindings)
	s.ok("state", "set", "-s", "DEMO", "-m", "records", "-t", "2026-01-31")
	s.ok("config", "commit", "DEMO", "a.json", "--author", "anna", "-m", "first")
	s.ok("triage", "report", "DEMO", "found.json")
	s.ok("sync", "OWN")
	s.ok("cache", "cut", "OWN", "--name", "lock")
	proofs := func(flags ...string) (all []string) {
		for _, store := range []string{"state", "config", "triage"} {
			all = append(all, s.ok(append([]string{store, "verify"}, flags...)...))
		}
		for _, command := range [][]string{{"cache", "status", "OWN", "--columns", "study,state,active,deleted,vanished,history,pending,doubtful,asOf"}, {"cache", "verify", "OWN"}, {"cache", "cuts", "OWN"}, {"cache", "verify-cut", "OWN", "--name", "lock"}, {"cache", "verify-purges"}} {
			all = append(all, s.ok(append(command, flags...)...))
		}
		return all
	}
	before := proofs()
	out := s.ok("migrate", "--database", url)
	require.Contains(t, out, "ledger: 2 rows copied and compared")
	require.Contains(t, out, "configurations: 2 rows copied and compared")
	require.NotContains(t, out, "journal", "there is none")
	require.Equal(t, before, proofs("--database", url))
	require.Equal(t, out, s.ok("migrate", "--database", url), "what is there is compared")
	postgrestest.Exec(t, url, `DELETE FROM imednet_notes`, `TRUNCATE ledger_entry, ledger_run`) // as a kill between the stores leaves them
	require.Equal(t, out, s.ok("migrate", "--database", url))
	require.Equal(t, before, proofs("--database", url))
	s.ok("state", "set", "-s", "DEMO", "-m", "records", "-t", "2026-02-28", "--database", url)
	out, problem := s.run(exitFailure, "migrate", "--database", url)
	require.Contains(t, out, "mirror: ", "what was copied before is said")
	require.NotContains(t, out, "ledger: ")
	require.Contains(t, problem, "ledger: ")
	require.Contains(t, problem, "neither empty nor the same")
	require.Equal(t, before[1:], proofs("--database", url)[1:])
	postgrestest.Exec(t, url, `TRUNCATE ledger_entry, ledger_run`)
	s.ok("migrate", "--database", url)
	_, problem = s.run(exitUsage, "migrate", "--back", "--database", url)
	require.Contains(t, problem, "exists already")
	require.NoError(t, os.Rename(filepath.Join(s.dir, ".imednet"), filepath.Join(s.dir, "old")))
	var moved []movedJSON
	s.json(&moved, "migrate", "--back", "--database", url)
	require.Equal(t, "mirror", moved[0].Store)
	require.Greater(t, moved[0].Rows, int64(60))
	require.Equal(t, []movedJSON{
		{"ledger", filepath.Join(s.dir, ".imednet", "pipeline_ledger.json"), 2}, {"review queue", filepath.Join(s.dir, ".imednet", "triage.sqlite3"), 4},
		{"configurations", filepath.Join(s.dir, ".imednet", "config_versions.sqlite3"), 2},
	}, moved[1:])
	require.Equal(t, before, proofs())
}
