package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	neturl "net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/lake"
	"github.com/imednetgo/imednet/postgres"
)

// shell runs commands over one lake.
type shell struct {
	t    *testing.T
	args []string
}

func newShell(t *testing.T) *shell {
	dir := t.TempDir()
	mirror, err := cache.NewCachedRecordsLoader(t.Context(), imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 100})).Client(), filepath.Join(dir, "mirror.sqlite3"))
	require.NoError(t, err)
	_, err = mirror.SyncStudy(t.Context(), "DEMO", cache.SyncOptions{})
	require.NoError(t, err)
	require.NoError(t, mirror.Close())
	t.Setenv("IMEDNET_LAKE_MIRROR", filepath.Join(dir, "mirror.sqlite3"))
	return &shell{t, []string{"--catalog", "sqlite://" + filepath.Join(dir, "catalog.sqlite3"), "--warehouse", filepath.Join(dir, "files")}}
}

func (s *shell) run(code int, args ...string) (out, errOut string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	require.Equal(s.t, code, run(append(args, s.args...), &stdout, &stderr), "%v: %s%s", args, stdout.String(), stderr.String())
	return stdout.String(), stderr.String()
}

// TestEveryCommand runs each command as text and as JSON, in the order in which a lake is used.
func TestEveryCommand(t *testing.T) {
	s := newShell(t)
	for _, c := range []struct {
		args []string
		text string
		json string
	}{
		{[]string{"sync", "DEMO"}, "study DEMO at version", "tables"},
		{[]string{"tag", "DEMO", "lock-1"}, "lock-1: version", "snapshot"},
		{[]string{"tags", "DEMO"}, "1 tags", "lock-1"},
		{[]string{"compact", "DEMO"}, "study DEMO: 0 tables compacted", "tables"},
		{[]string{"maintain", "DEMO"}, "study DEMO: 0 tables compacted\nstudy DEMO: 0 moments removed, 1 kept", "expiry"},
		{[]string{"maintain", "DEMO", "--keep-all"}, "study DEMO: 0 tables compacted; all moments kept", "compaction"},
		{[]string{"expire", "DEMO", "--keep-last", "2"}, "study DEMO: 0 moments removed, 1 kept", "kept"},
		{[]string{"status", "DEMO"}, "study DEMO at version", "manifests"},
		{[]string{"verify", "DEMO"}, ": 0 findings", "damage"},
	} {
		out, _ := s.run(exitOK, c.args...)
		require.Contains(t, out, c.text)
		out, _ = s.run(exitOK, append(c.args, "--json")...)
		require.True(t, json.Valid([]byte(out)), out)
		require.Contains(t, out, c.json)
	}
}

// TestOnlyASyncMakesACatalog: over a mistyped catalog every other command fails and makes neither a file nor a directory,
// a schema nor a table, and who reads changes no byte of one that is there.
func TestOnlyASyncMakesACatalog(t *testing.T) {
	s := newShell(t)
	commands := [][]string{{"status", "DEMO"}, {"verify", "DEMO"}, {"tags", "DEMO"}, {"tag", "DEMO", "x"}, {"compact", "DEMO"}, {"expire", "DEMO"}, {"maintain", "DEMO"}}
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.sqlite3")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for _, args := range commands {
		for _, catalog := range []string{filepath.Join(dir, "mistyped", "catalog.sqlite3"), filepath.Join(dir, "mistyped.sqlite3"), empty} {
			var out bytes.Buffer
			code := run(append(args, "--catalog", "sqlite://"+catalog, "--warehouse", filepath.Join(dir, "files")), &out, &out)
			require.Equal(t, exitNotFound, code, out.String())
			require.Contains(t, out.String(), "there is no catalog here")
		}
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
	content, err := os.ReadFile(empty)
	require.NoError(t, err)
	require.Empty(t, content)

	s.run(exitOK, "sync", "DEMO")
	path := strings.TrimPrefix(s.args[1], "sqlite://")
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	s.run(exitOK, "status", "DEMO")
	s.run(exitOK, "tags", "DEMO")
	_, text := s.run(exitNotFound, "status", "OTHER")
	require.Contains(t, text, "the lake does not hold the study")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// TestOnlyASyncMakesASchema is TestOnlyASyncMakesACatalog of a database.
func TestOnlyASyncMakesASchema(t *testing.T) {
	url, ctx := postgrestest.URL(t), t.Context()
	s := newShell(t)
	u, err := neturl.Parse(url)
	require.NoError(t, err)
	query := u.Query()
	query.Set("search_path", "mistyped_lake")
	u.RawQuery = query.Encode()
	s.args[1] = u.String()
	for _, args := range [][]string{{"status", "DEMO"}, {"verify", "DEMO"}, {"tags", "DEMO"}, {"tag", "DEMO", "x"}, {"compact", "DEMO"}, {"expire", "DEMO"}, {"maintain", "DEMO"}} {
		_, text := s.run(exitNotFound, args...)
		require.Contains(t, text, "there is no catalog here")
	}
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	defer db.Close()
	var made int
	require.NoError(t, db.QueryRowContext(ctx, `SELECT count(*) FROM pg_namespace WHERE nspname = 'mistyped_lake'`).Scan(&made))
	require.Zero(t, made)
	s.run(exitOK, "sync", "DEMO")
	s.run(exitOK, "tag", "DEMO", "x")
	out, _ := s.run(exitOK, "tags", "DEMO")
	require.Contains(t, out, "1 tags")
	s.run(exitOK, "status", "DEMO")
}

// TestAMirrorInPostgreSQL syncs from a database in place of a file.
func TestAMirrorInPostgreSQL(t *testing.T) {
	url, ctx := postgrestest.URL(t), t.Context()
	s := newShell(t)
	s.run(exitNotFound, "sync", "DEMO", "--mirror", url)
	db, err := postgres.Open(ctx, url)
	require.NoError(t, err)
	mirror, err := db.Mirror(ctx, imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 100})).Client())
	require.NoError(t, err)
	study, err := mirror.SyncStudy(ctx, "DEMO", cache.SyncOptions{})
	require.NoError(t, err)
	require.NoError(t, db.Close())
	out, _ := s.run(exitOK, "sync", "DEMO", "--mirror", url, "--json")
	var report lake.Report
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.Equal(t, study.Resources.Version, report.Version)
	_, out = s.run(exitUsage, "sync", "DEMO", "--mirror", "postgres://lake:secret@db.example.com/lake")
	require.NotContains(t, out, "secret")
}

// TestExitCodes: a failure is never exit code 0, and says what it is.
func TestExitCodes(t *testing.T) {
	s := newShell(t)
	s.run(exitUsage, "sync")
	s.run(exitUsage, "nonsense")
	s.run(exitUsage, "sync", "DEMO", "--file-size", "0")
	for _, property := range []string{"sesame", "=sesame"} {
		_, out := s.run(exitUsage, "status", "DEMO", "--property", property)
		require.NotContains(t, out, "sesame")
	}
	s.run(exitUsage, "compact", "DEMO", "--min-files", "1")
	s.run(exitNotFound, "sync", "OTHER")
	s.run(exitNotFound, "sync", "DEMO", "--mirror", filepath.Join(t.TempDir(), "none.sqlite3"))
	s.run(exitNotFound, "tag", "DEMO", "x")
	s.run(exitUsage, "expire", "DEMO", "--keep-most", "-1")
	s.run(exitUsage, "maintain", "DEMO", "--keep-most", "-1")
	s.run(exitUsage, "maintain", "DEMO", "--keep-all", "--keep", "1h")
	s.run(exitNotFound, "maintain", "DEMO")
	s.run(exitOK, "sync", "DEMO", "--fence", "2")
	s.run(exitBusy, "sync", "DEMO", "--rewrite", "--fence", "1")
	s.run(exitBusy, "tag", "DEMO", "x", "--fence", "1")
	s.run(exitNotFound, "tag", "DEMO", "x", "--fence", "2", "--mirror-version", "999")
	s.run(exitUsage, "tag", "DEMO", "main")
	_, out := s.run(exitNotFound, "status", "OTHER", "--json")
	var f failure
	require.NoError(t, json.Unmarshal([]byte(out), &f))
	require.Equal(t, exitNotFound, f.ExitCode)
	require.Equal(t, "not found", f.Kind)
}

// TestADatabaseThatIsLateIsWaitedFor, of catalog and mirror, where that is asked for; otherwise a command fails at once,
// and not as if something were not found.
func TestADatabaseThatIsLateIsWaitedFor(t *testing.T) {
	url, ctx := postgrestest.URL(t), t.Context()
	s := newShell(t)
	db, err := postgres.Open(ctx, url)
	require.NoError(t, err)
	mirror, err := db.Mirror(ctx, imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 30})).Client())
	require.NoError(t, err)
	_, err = mirror.SyncStudy(ctx, "DEMO", cache.SyncOptions{})
	require.NoError(t, err)
	require.NoError(t, db.Close())
	late, arrive := postgrestest.Late(t, url)
	s.args[1] = late
	s.run(exitFailure, "status", "DEMO")
	s.run(exitFailure, "sync", "DEMO")
	s.run(exitFailure, "sync", "DEMO", "--mirror", late)
	_, text := s.run(exitFailure, "status", "DEMO", "--database-wait", "20ms")
	require.Contains(t, text, "The database server cannot be reached; waiting for it for 20ms at most.")
	_, text = s.run(exitFailure, "sync", "DEMO", "--mirror", late, "--database-wait", "20ms", "--json")
	require.Contains(t, text, `"kind": "connection"`)
	s.run(exitUsage, "status", "DEMO", "--database-wait", "0s")
	s.run(exitUsage, "status", "DEMO", "--database-wait", "-1s")
	var stdout bytes.Buffer
	waiting := writerFunc(func(b []byte) (int, error) { arrive(); return len(b), nil })
	require.Equal(t, exitOK, run(append([]string{"sync", "DEMO", "--mirror", late, "--database-wait", "1h"}, s.args...), &stdout, waiting))
	require.Contains(t, stdout.String(), "study DEMO at version")
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// TestALostFileIsSaid by status and verify, which print what they know, and by what would write; the code is 6.
func TestALostFileIsSaid(t *testing.T) {
	s := newShell(t)
	s.run(exitOK, "sync", "DEMO")
	s.run(exitOK, "tag", "DEMO", "lock")
	files, err := filepath.Glob(filepath.Join(s.args[3], "DEMO.db", "VS", "data", "*.parquet"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	require.NoError(t, os.Remove(files[0]))
	for _, command := range []string{"status", "verify"} {
		out, problem := s.run(exitInvalid, command, "DEMO")
		require.Contains(t, out, files[0]+": is missing")
		require.Contains(t, out, "study DEMO at version")
		require.Contains(t, problem, "files of the lake are missing")
		out, _ = s.run(exitInvalid, command, "DEMO", "--json")
		require.True(t, json.Valid([]byte(out)), out)
		require.Contains(t, out, "is missing")
	}
	for _, args := range [][]string{{"sync", "DEMO"}, {"tag", "DEMO", "other"}, {"maintain", "DEMO"}, {"compact", "DEMO"}, {"expire", "DEMO"}} {
		out, problem := s.run(exitInvalid, args...)
		require.Empty(t, out)
		require.Contains(t, problem, "files of the lake are missing")
	}
	s.run(exitOK, "sync", "DEMO", "--rewrite")
	_, problem := s.run(exitInvalid, "status", "DEMO")
	require.Contains(t, problem, "VS", "the tag has lost it")
}

// TestNoCatalogIsShown: neither help nor an error shows what the environment says of a catalog.
func TestNoCatalogIsShown(t *testing.T) {
	t.Setenv("IMEDNET_LAKE_CATALOG", "postgres://lake:secret@127.0.0.1:1/lake")
	for _, args := range [][]string{{"--help"}, {"status", "DEMO", "--warehouse", t.TempDir()}, {"sync", "--help"}} {
		var out bytes.Buffer
		run(args, &out, &out)
		require.NotContains(t, out.String(), "secret")
	}
}

// TestAMistypedMirrorShowsNoPassword: what is not the URL of a database is a file's name, and is not repeated.
func TestAMistypedMirrorShowsNoPassword(t *testing.T) {
	s := newShell(t)
	for _, mirror := range []string{"mysql://anna:sesame@db/x", "anna:sesame@db/x", "host=db password=sesame", "postgres:/anna:sesame@db/x", "postgresql:anna:sesame@db/x"} {
		t.Setenv("IMEDNET_LAKE_MIRROR", mirror)
		_, problem := s.run(exitNotFound, "sync", "DEMO")
		require.NotContains(t, problem, "sesame")
		require.Contains(t, problem, "no such file")
		_, problem = s.run(exitNotFound, "sync", "DEMO", "--json")
		require.NotContains(t, problem, "sesame")
	}
}

// TestTheCommandLineTakesNoSecret, which others on the computer can read; the environment does.
func TestTheCommandLineTakesNoSecret(t *testing.T) {
	s := newShell(t)
	for _, args := range [][]string{
		{"--property", "token=sesame"}, {"--property", "credential=a:sesame"}, {"--property", "s3.secret-access-key=sesame"},
		{"--property", "s3.session-token=sesame"}, {"--property", "header.Authorization=sesame"}, {"--property", "adls.sas-token=sesame"},
		{"--catalog", "postgres://lake:sesame@localhost/lake"}, {"--catalog", "postgres://lake@localhost/lake?password=sesame"},
		{"--catalog", "https://lake:sesame@localhost/"}, {"--mirror", "postgres://lake:sesame@localhost/lake"},
	} {
		var out bytes.Buffer
		code := run(append([]string{"sync", "DEMO", "--warehouse", t.TempDir()}, args...), &out, &out)
		require.Equal(t, exitUsage, code, out.String())
		require.Contains(t, out.String(), "others on this computer can read")
		require.NotContains(t, out.String(), "sesame")
	}
	s.run(exitOK, "sync", "DEMO")
	s.run(exitOK, "status", "DEMO", "--property", "s3.region=a=b,c", "--property", "s3.access-key-id=x")
	t.Setenv("IMEDNET_LAKE_PROPERTIES", "token=sesame\r\n\ncredential=a=b,c\n")
	s.run(exitOK, "status", "DEMO")
	for _, wrong := range []string{"sesame", "=sesame", "token=x\nsesame"} {
		t.Setenv("IMEDNET_LAKE_PROPERTIES", wrong)
		_, out := s.run(exitUsage, "status", "DEMO")
		require.Contains(t, out, "IMEDNET_LAKE_PROPERTIES goes name=value")
		require.NotContains(t, out, "sesame")
	}
}

// TestHelpFitsATerminal: no line of a help text is wider than 80 columns.
func TestHelpFitsATerminal(t *testing.T) {
	for _, command := range []string{"", "sync", "tag", "tags", "maintain", "expire", "compact", "status", "verify"} {
		var out bytes.Buffer
		require.Equal(t, exitOK, run(strings.Fields(command+" --help"), &out, &out))
		for _, line := range strings.Split(out.String(), "\n") {
			require.LessOrEqual(t, len(line), 80, line)
		}
	}
}
