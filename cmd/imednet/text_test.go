package main

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQueryTables(t *testing.T) {
	s := newShell(t)
	require.Regexp(t, `^STUDY  NAME .*\nDEMO   `, s.ok("studies"))
	for _, line := range []string{"queries open DEMO", "queries subject DEMO 01-001"} {
		out := s.ok(strings.Fields(line)...)
		require.True(t, strings.HasPrefix(out, "QUERY  STATE"), out)
		require.Regexp(t, `\n[1-9][0-9]* queries\n$`, out)
	}
	require.Contains(t, s.ok("queries", "site", "DEMO", "Site 01", "--filter", "subjectKey=01-001"), "\n2 queries\n")
}

func TestMirrorTables(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	require.Contains(t, s.ok("cache", "verify", "DEMO"), "500 records compared: 500 equal, 0 missing, 0 different; 0 held that the server does not list; 0 findings in the file\n")
	require.Regexp(t, `^VERSION  STATE   SEEN .*\n[0-9]+ +active +`, s.ok("cache", "history", "DEMO", "100002"))
	s.ok("sync", "DEMO", "--records-only", "--cache", "alone.sqlite3")
	out, note := s.run(exitOK, "warehouse", "ingest", "DEMO", "--cached", "--cache", "alone.sqlite3", "--db", "alone.duckdb")
	require.Contains(t, out, "\nrecords ")
	require.Contains(t, note, "visits: left out: the source does not hold it; what the warehouse held of it stays\n")
	s.env = append(s.env, "IMEDNET_BASE_URL=http://127.0.0.1:1", "IMEDNET_API_KEY=", "IMEDNET_SECURITY_KEY=") // neither server nor keys
	require.Contains(t, s.ok("warehouse", "ingest", "DEMO", "--cached"), "\nrecords ")
	require.Contains(t, s.ok("cache", "purge", "DEMO", "--before", "2020-01-01", "--reason", "ended"), "Removed 0 records, 0 tombstones, 0 former states")
	require.Regexp(t, `^Removed 497 records, 3 tombstones, 0 former states, `, s.ok("cache", "purge", "DEMO", "--study", "--reason", "ended"))
}

func TestConfigTables(t *testing.T) {
	s := newShell(t)
	s.write("a.json", `{"studyKey": "S1", "version": "1.0.0"}`)
	s.ok("config", "commit", "S1", "a.json", "--author", "anna", "-m", "first")
	require.Regexp(t, `^NO  COMMIT .*\n1   47e68f7f`, s.ok("config", "log", "S1"))
}

func TestStateOfTheReferencesSpelling(t *testing.T) {
	s := newShell(t)
	s.ok("workflows", "state", "set", "-s", "S", "-m", "m", "-t", "2026-01-02", "-r", "7")
	backup := s.write("backup.json", s.ok("workflows", "state", "export"))
	for _, state := range []string{"state", "workflows state"} {
		require.Contains(t, s.ok(append(strings.Fields(state), "import", backup, "-l", "other.json")...), "Read into other.json: 1 entries: ")
	}
}

func TestRegistrationForPeople(t *testing.T) {
	demo, url, err := startDemo("--study", "OWN")
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	s := newShell(t, "IMEDNET_BASE_URL="+url)
	s.write("subjects.json", `[{"formKey": "DM", "siteName": "Site 01", "data": {"AGE": 41}}]`)
	require.Contains(t, s.ok("submit", "register", "OWN", "subjects.json", "--dry-run"), `"siteName": "Site 01"`)
	s.run(exitNotFound, "submit", "resume", "OWN") // nothing was sent
	out := s.ok("submit", "register", "OWN", "subjects.json", "--wait", "--interval", "10ms")
	require.Regexp(t, `(?s)^submission [0-9a-f-]+: 1 record: 1 standing\nSUBJECT  ID .*Site 01`, out)

	s.write("lost.json", `[{"formKey": "DM", "siteName": "Atlantis", "data": {}}]`)
	_, problem := s.run(exitInvalid, "submit", "register", "OWN", "lost.json", "--dry-run")
	require.Contains(t, problem, "item 1 (line 1): site not found")
}

func TestDemoForPeople(t *testing.T) {
	s := newShell(t)
	cmd := s.command("demo", "--study", "TRIAL", "--records", "10")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	var text strings.Builder
	for lines.Scan() && lines.Text() != "Press Ctrl+C to stop." {
		text.WriteString(lines.Text() + "\n")
	}
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.NoError(t, cmd.Wait(), "an interrupt is how a demo ends")
	noteRun([]string{"demo"})
	require.Regexp(t, `^Serving study TRIAL\. Run this in another terminal:\n\n  export IMEDNET_BASE_URL=http://127\.0\.0\.1:[0-9]+\n  export IMEDNET_API_KEY=\S+\n  export IMEDNET_SECURITY_KEY=\S+\n  imednet queries counts TRIAL\n`, text.String())
}

func TestCompletionScripts(t *testing.T) {
	s := newShell(t)
	for _, kind := range []string{"bash", "zsh", "fish", "powershell"} {
		require.Contains(t, s.ok("completion", kind), "__complete", kind)
	}
	require.Contains(t, s.ok("help"), "Names used by the Python command:")
}

func TestProfileRefusesPHIThatMatchesNothing(t *testing.T) {
	out, problem := newShell(t).run(exitInvalid, "profile", "DEMO", "--show-values", "--phi", "DM.BIRTHDATE")
	require.Empty(t, out, "nothing is shown before it is certain what is hidden")
	require.Contains(t, problem, "DM.BIRTHDATE: the study has no such variable")
}
