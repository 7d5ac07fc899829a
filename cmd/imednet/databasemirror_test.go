package main

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/postgrestest"
)

// TestTheMirrorIsInADatabase for every command that reads or keeps it: no file is made, and what they print is what
// they print of a file. A file that the command line names comes first.
func TestTheMirrorIsInADatabase(t *testing.T) {
	url := postgrestest.URL(t)
	demo, server, err := startDemo("--study", "OWN", "--records", "120")
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	s := newShell(t, "IMEDNET_BASE_URL="+server)
	s.write("own.yaml", "database: \""+url+"\"\n")
	in := func(args ...string) []string { return append(args, "--config", "own.yaml") }
	s.ok(in("sync", "OWN")...)
	files, err := os.ReadDir(filepath.Join(s.dir, ".imednet"))
	require.True(t, os.IsNotExist(err) || len(files) == 0, "%v", files)
	s.ok("sync", "OWN")

	for _, command := range [][]string{
		{"records", "list", "OWN", "--cached", "--form", "AE", "--format", "csv"}, {"queries", "list", "OWN", "--cached"},
		{"studies", "--cached"}, {"structure", "show", "OWN", "--cached"}, {"profile", "OWN", "--cached"}, {"cache", "verify", "OWN"},
		{"cache", "history", "OWN", "100001"}, {"cache", "verify-purges"}, {"changes", "OWN"},
	} {
		require.Equal(t, s.ok(command...), s.ok(in(command...)...), command)
	}
	require.Contains(t, s.ok(in("cache", "status")...), "OWN")
	s.ok(in("cache", "cut", "OWN", "--name", "lock")...)
	s.ok("cache", "cut", "OWN", "--name", "lock")
	require.Contains(t, s.ok(in("cache", "verify-cut", "OWN", "--name", "lock")...), "0 findings")
	for _, export := range [][]string{{"export", "OWN", "--cached", "--format", "csv", "--dir"}, {"export", "OWN", "--cut", "lock", "--format", "csv", "--dir"}} {
		s.ok(append(export, "a")...)
		s.ok(in(append(export, "b")...)...)
		require.Equal(t, contents(t, filepath.Join(s.dir, "a"), ".csv"), contents(t, filepath.Join(s.dir, "b"), ".csv"))
		require.NoError(t, os.RemoveAll(filepath.Join(s.dir, "a")))
		require.NoError(t, os.RemoveAll(filepath.Join(s.dir, "b")))
	}
	s.ok(in("report", "OWN", "--out", "report.html")...)
	s.ok(in("cache", "purge", "OWN", "--study", "--break-cuts", "--reason", "over")...)
	require.Contains(t, s.ok(in("cache", "verify-purges")...), "1 purges")
	require.NotContains(t, s.ok(in("cache", "status")...), "OWN")
	require.Contains(t, s.ok("cache", "status"), "OWN", "the file is another mirror")
	require.Contains(t, s.ok(in("cache", "status", "--cache", ".imednet/cache/records_cache.sqlite3")...), "OWN")
	s.ok(in("sync", "OWN", "--sweep")...)
}

// TestAMistypedSchemaIsNoEmptyStore: what reads says that there is none, and makes nothing; what keeps a mirror says
// that it has made one.
func TestAMistypedSchemaIsNoEmptyStore(t *testing.T) {
	url := postgrestest.URL(t)
	demo, server, err := startDemo("--study", "OWN", "--records", "60")
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	s := newShell(t, "IMEDNET_BASE_URL="+server)
	mistyped := "test_mistyped_" + strings.ToLower(rand.Text())
	s.write("own.yaml", "database: \""+url+"\"\n")
	s.write("mistyped.yaml", "database: \""+regexp.MustCompile(`search_path=\w+`).ReplaceAllString(url, "search_path="+mistyped)+"\"\n")
	schemas := func() []string {
		return postgrestest.Column(t, url, `SELECT nspname FROM pg_namespace WHERE nspname = '`+mistyped+`'`)
	}
	_, said := s.run(0, "sync", "OWN", "--config", "own.yaml")
	require.Contains(t, said, "it has one now")
	_, said = s.run(0, "sync", "OWN", "--config", "own.yaml")
	require.NotContains(t, said, "it has one now")
	for _, command := range [][]string{
		{"records", "list", "OWN", "--cached", "--form", "AE"}, {"studies", "--cached"}, {"structure", "show", "OWN", "--cached"}, {"profile", "OWN", "--cached"},
		{"cache", "status"}, {"cache", "history", "OWN", "100001"}, {"cache", "verify", "OWN"}, {"cache", "verify-purges"}, {"changes", "OWN"},
		{"cache", "cut", "OWN", "--name", "lock"}, {"cache", "purge", "OWN", "--study", "--reason", "over"}, {"report", "OWN", "--out", "report.html"},
		{"export", "OWN", "--cached", "--format", "csv", "--dir", "out"},
	} {
		_, said := s.run(4, append(command, "--config", "mistyped.yaml")...)
		require.Contains(t, said, "no mirror in schema "+mistyped, command)
		require.Empty(t, schemas(), command)
	}
	for _, command := range [][]string{
		{"state", "show"}, {"state", "verify"}, {"state", "export"}, {"triage", "queue", "OWN"}, {"triage", "verify"}, {"config", "log", "OWN"}, {"config", "verify"},
		{"submit", "list"}, {"submit", "verify"}, {"submit", "show", "OWN", "x"}, {"migrate", "--back"},
	} {
		_, said := s.run(4, append(command, "--config", "mistyped.yaml")...)
		require.Contains(t, said, "in schema "+mistyped, command)
		require.Empty(t, schemas(), command)
	}
	s.run(4, "migrate", "--config", "mistyped.yaml") // no file either
	require.Empty(t, schemas())
}

// contents are the files below a folder with an ending, by their names.
func contents(t *testing.T, dir, ending string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ending {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[name] = string(text)
		return err
	}))
	require.NotEmpty(t, all)
	return all
}
