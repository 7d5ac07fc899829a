package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/postgrestest"
)

// TestStateIsKeptInADatabase by every command that keeps some, and no file is made. A file that the
// command line names comes first.
func TestStateIsKeptInADatabase(t *testing.T) {
	url := postgrestest.URL(t)
	demo, server, err := startDemo("--study", "OWN", "--records", "100")
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	s := newShell(t, "IMEDNET_BASE_URL="+server)
	s.write("own.yaml", "database: \""+url+"\"\n")
	s.write("a.json", `{"studyKey": "OWN", "version": "1.0.0", "mappings": []}`)
	s.write("found.json", `[{"code": "R1", "severity": "HIGH", "recordId": 7, "formKey": "AE", "message": "end before start"}]`)
	s.write("new.json", `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`)
	in := func(args ...string) []string { return append(args, "--config", "own.yaml") }

	s.ok(in("state", "set", "-s", "OWN", "-m", "records", "-t", "2026-01-31")...)
	require.Contains(t, s.ok(in("state", "show")...), "iMednet Extraction Ledger (schema test_")
	require.Contains(t, s.ok("state", "show", "--database", url), "OWN | records | 2026-01-31T00:00:00+00:00")
	require.Contains(t, s.ok(in("state", "verify")...), "1 runs, 1 entries: intact")
	s.ok(in("config", "commit", "OWN", "a.json", "--author", "anna", "-m", "first")...)
	require.Contains(t, s.ok(in("config", "log", "OWN")...), "first")
	s.ok(in("config", "verify")...)
	s.ok(in("triage", "report", "OWN", "found.json")...)
	require.Contains(t, s.ok(in("triage", "queue", "OWN")...), "end before start")
	require.Contains(t, s.ok(in("triage", "verify")...), "intact")
	s.ok(in("submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms")...)
	require.Equal(t, "No open submissions.\n", s.ok(in("submit", "resume", "OWN")...))
	s.run(exitBusy, in("submit", "records", "OWN", "new.json")...)
	require.Contains(t, s.ok(in("submit", "verify")...), ": intact")

	files, err := os.ReadDir(filepath.Join(s.dir, ".imednet"))
	require.True(t, os.IsNotExist(err) || len(files) == 0, "%v", files)
	require.NotContains(t, s.ok(in("state", "show", "-l", "own.json")...), "OWN")
	for _, args := range [][]string{{"triage", "import"}, {"config", "import"}, {"state", "restore", "--reason", "x"}} {
		_, problem := s.run(exitUsage, in(args...)...)
		require.Contains(t, problem, "done to a file", args)
	}
}

// TestADatabaseThatCannotBeUsed is named without its password.
func TestADatabaseThatCannotBeUsed(t *testing.T) {
	s := newShell(t)
	for url, code := range map[string]int{
		"postgres://anna:sesame@localhost/x":              exitUsage,
		"postgres://anna@localhost/x?password=sesame":     exitUsage,
		"postgres://anna@db.example.com/x":                exitUsage,
		"postgres://anna@localhost:1/x":                   exitFailure,
		"sqlite:///sesame":                                exitInvalid,
		"postgres://anna@localhost/x?sslmode=sesame":      exitInvalid,
		"postgres://anna@localhost/x?search_path=pg_temp": exitInvalid,
	} {
		_, problem := s.run(code, "state", "show", "--database", url)
		require.NotContains(t, problem, "sesame")
	}
	s.write("c.yaml", "database: postgres://anna:sesame@db.example.com/x\n")
	_, problem := s.run(exitUsage, "state", "show", "--config", "c.yaml")
	require.Contains(t, problem, "sslmode=verify-full")
	require.NotContains(t, problem, "sesame")
}

// TestADatabaseThatIsLateIsWaitedFor where that is asked for, by the command line or the configuration; otherwise a
// command fails at once.
func TestADatabaseThatIsLateIsWaitedFor(t *testing.T) {
	url, arrive := postgrestest.Late(t, postgrestest.URL(t))
	s := newShell(t)
	_, problem := s.run(exitFailure, "state", "show", "--database", url)
	require.Contains(t, problem, "the database server cannot be reached")
	_, problem = s.run(exitFailure, "state", "show", "--database", url, "--database-wait", "50ms")
	require.Contains(t, problem, "The database server cannot be reached; waiting for it for 50ms at most.")
	s.run(exitUsage, "state", "show", "--database", url, "--database-wait", "0s")
	s.run(exitUsage, "state", "show", "--database", url, "--database-wait", "-1s")
	s.write("bad.yaml", "databaseWait: -1s\n")
	_, problem = s.run(exitUsage, "state", "show", "--config", "bad.yaml")
	require.Contains(t, problem, "databaseWait is negative")

	s.write("own.yaml", "databaseWait: 1h\n")
	cmd := s.command("worker", "OWN", "--once", "--database", url, "--config", "own.yaml")
	said, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(said)
	require.True(t, lines.Scan())
	require.Equal(t, "The database server cannot be reached; waiting for it for 1h0m0s at most.", lines.Text())
	arrive()
	text := ""
	for lines.Scan() {
		text += lines.Text() + "\n"
	}
	require.Error(t, cmd.Wait(), "the demo has no such study")
	require.NotContains(t, text, "database server")
}

// TestWhatAUserOfTheDatabaseMayNot is left out, or refused with what to do; a full disk of the server is no room.
func TestWhatAUserOfTheDatabaseMayNot(t *testing.T) {
	_, url := postgrestest.Start(t)
	config, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	schema := config.RuntimeParams["search_path"]
	anna := strings.Replace(url, "user=imednet", "user=anna", 1)
	demo, server, err := startDemo("--study", "OWN", "--records", "30")
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	s := newShell(t, "IMEDNET_BASE_URL="+server)
	s.ok("sync", "OWN", "--database", url)
	s.ok("state", "set", "-s", "OWN", "-m", "records", "-t", "2026-01-31", "--database", url)
	postgrestest.Exec(t, url, `CREATE ROLE anna LOGIN`, `GRANT USAGE ON SCHEMA `+schema+` TO anna`, `GRANT SELECT ON ALL TABLES IN SCHEMA `+schema+` TO anna`)
	want := s.ok("cache", "status", "OWN", "--database", anna)
	require.Contains(t, want, "HELD BY")

	postgrestest.Exec(t, url, `REVOKE SELECT ON imednet_lease, ledger_entry FROM anna`)
	status, note := s.run(exitOK, "cache", "status", "OWN", "--database", anna)
	require.NotContains(t, status, "HELD BY")
	require.Equal(t, strings.Fields(strings.ReplaceAll(want, "HELD BY", "")), strings.Fields(status))
	require.Contains(t, note, "may not read the leases")
	for _, grant := range []string{"the mirror alone", `REVOKE SELECT ON triage_events FROM anna`} {
		if grant != "the mirror alone" {
			require.Contains(t, s.ok("migrate", "--tables", "--database", url), "in schema "+schema)
			postgrestest.Exec(t, url, `GRANT SELECT ON ALL TABLES IN SCHEMA `+schema+` TO anna`, grant, `REVOKE SELECT ON imednet_lease, ledger_entry FROM anna`)
		}
		_, note = s.run(exitOK, "report", "OWN", "--out", "report.html", "--replace", "--database", anna)
		require.Equal(t, grant != "the mirror alone", strings.Contains(note, "the review queue is not in the report"), note)
		require.NotContains(t, note, "Hint", grant)
	}
	_, problem := s.run(exitFailure, "state", "show", "--database", anna)
	require.Contains(t, problem, "permission denied for table ledger_entry")
	require.Contains(t, problem, "Hint: connect as a user who may do this")
	_, problem = s.run(exitFailure, "state", "show", "--database", strings.Replace(url, "user=imednet", "user=nobody", 1))
	require.Contains(t, problem, "Hint: check the user")

	postgrestest.Exec(t, url, `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`,
		`CREATE TRIGGER full_disk BEFORE INSERT ON imednet_write EXECUTE FUNCTION full_disk()`)
	for _, write := range [][]string{{"sync", "OWN"}, {"state", "set", "-s", "OWN", "-m", "records", "-t", "2026-01-31"}, {"cache", "cut", "OWN", "--name", "lock"}} {
		_, problem = s.run(exitFailure, append(write, "--database", url)...)
		require.Contains(t, problem, "No Room Left", write)
		require.Contains(t, problem, "Hint: free space on the database server", write)
	}
}
