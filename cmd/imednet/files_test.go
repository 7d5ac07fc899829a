package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// commandsOfFiles are commands with the place of the file that they keep their data in.
var commandsOfFiles = []string{
	"sync DEMO --cache FILE", "cache status --cache FILE", "structure show DEMO --cached --cache FILE", "triage queue DEMO --store FILE",
	"triage report DEMO found.json --user u --store FILE", "config log S --store FILE", "config commit S a.json --author a -m b --store FILE",
	"submit resume DEMO --journal FILE", "warehouse ingest DEMO --db FILE", "warehouse query SELECT --db FILE",
	"state set -s S -m m -t 2026-01-01 -l FILE", "state show -l FILE",
}

// TestFilesOfAnotherKind are refused and left as they are, with a word about what they are.
func TestFilesOfAnotherKind(t *testing.T) {
	s := newShell(t)
	s.write("a.json", `{"studyKey": "S", "version": "1.0.0"}`)
	s.write("found.json", twoFindings)
	kinds := map[string]string{"directory": "is a directory", "junk": "", "other.db": "", "file/below": "not a directory"}
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "directory"), 0o700))
	junk := strings.Repeat("01-001 is pregnant\n", 300)
	s.write("junk", junk)
	s.write("file", "x")
	other := filepath.Join(s.dir, "other.db")
	db, err := sql.Open("sqlite3", other)
	require.NoError(t, err)
	_, err = db.Exec(`CREATE TABLE x (a)`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	before, err := os.ReadFile(other)
	require.NoError(t, err)

	for kind, says := range kinds {
		for _, line := range commandsOfFiles {
			_, problem := s.run(exitFailure, strings.Fields(strings.ReplaceAll(line, "FILE", kind))...)
			require.Contains(t, problem, says, line)
			require.NotContains(t, problem, "pregnant", line)
			require.NotContains(t, problem, "goroutine", line)
			if says == "" {
				require.Contains(t, problem, "\nHint: ", "%s with %s", line, kind)
			}
		}
	}
	after, err := os.ReadFile(other)
	require.NoError(t, err)
	require.Equal(t, before, after, "nobody's file was touched")
	kept, err := os.ReadFile(filepath.Join(s.dir, "junk"))
	require.NoError(t, err)
	require.Equal(t, junk, string(kept))
}

// TestNoRoomLeft limits how large a file may grow, which is to a program what a full disk is.
func TestNoRoomLeft(t *testing.T) {
	t.Parallel()
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 3000}))
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, server))
	for _, line := range []string{"sync DEMO", "export DEMO --dir out", "warehouse ingest DEMO"} {
		cmd := s.command()
		limited := append([]string{"-c", `ulimit -f 200 && exec "$0" "$@"`, cmd.Path}, strings.Fields(line)...)
		cmd.Path, cmd.Args = "/bin/sh", append([]string{"sh"}, limited...)
		out, err := cmd.CombinedOutput()
		require.Error(t, err, line)
		require.Equal(t, exitFailure, cmd.ProcessState.ExitCode(), "%s: %s", line, out)
		require.NotContains(t, string(out), "goroutine", line)
	}
	nothingExported(&stalled{shell: s})
	s.ok("sync", "DEMO")
	require.Contains(t, s.ok("cache", "verify", "DEMO"), "3000 equal", "with room again, nothing is missing")
	require.Contains(t, s.ok("export", "DEMO", "--dir", "out"), "3000 records = ")
	s.ok("warehouse", "ingest", "DEMO")
	requireIngested(s, 3000)
}

// TestOutputThatCannotBeWritten is an error: a report that is cut short must not look whole.
func TestOutputThatCannotBeWritten(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full")
	}
	defer full.Close()
	s := newShell(t)
	for _, line := range []string{"queries counts DEMO", "queries open DEMO", "queries open DEMO --json", "structure show DEMO", "profile DEMO --html", "state show"} {
		var problem strings.Builder
		cmd := s.command(strings.Fields(line)...)
		cmd.Stdout, cmd.Stderr = full, &problem
		require.Error(t, cmd.Run(), line)
		require.Equal(t, exitFailure, cmd.ProcessState.ExitCode(), line)
		require.Contains(t, problem.String(), "no space left on device", line)
	}
}

// TestServerErrorsInBetween are waited out; what lasts is told.
func TestServerErrorsInBetween(t *testing.T) {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 1500}))
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, server))
	server.Inject(
		imednettest.Fault{Path: "records", Skip: 1, Status: 429, RetryAfter: "0"},
		imednettest.Fault{Path: "records", Skip: 2, Status: 503, RetryAfter: "0"},
		imednettest.Fault{Path: "records", Skip: 3, Truncate: true})
	require.Contains(t, s.ok("records", "extract", "DEMO"), "; 1500 read, ")

	for status, title := range map[int]string{401: "Authentication Failed: ", 403: "Permission Denied: ", 400: "Invalid: "} {
		server.ClearFaults()
		server.Inject(imednettest.Fault{Path: "queries", Times: -1, Status: status})
		_, problem := s.run(map[int]int{401: exitAuth, 403: exitAuth, 400: exitInvalid}[status], "queries", "counts", "DEMO")
		require.True(t, strings.HasPrefix(problem, title), problem)
	}
}
