package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestErrorsAreOneSentence(t *testing.T) {
	t.Parallel()
	missing := &fs.PathError{Op: "stat", Path: "/a/mirror", Err: syscall.ENOENT}
	inner := &imednet.Error{Package: "cache", Op: "read", StudyKey: "S", RecordID: 5, Err: errors.New("the row is damaged"), Hint: "restore it"}
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("plain"), "plain"},
		{missing, "/a/mirror: no such file or directory"},
		{&imednet.Error{Package: "cache", Op: "open", Err: missing, Hint: "sync"}, "/a/mirror: no such file or directory"},
		{inner, "study S, record 5: the row is damaged"},
		{&imednet.Error{Package: "tables", Op: "map", StudyKey: "S", Place: "form AE", Err: inner}, "form AE: study S, record 5: the row is damaged"},
		{fmt.Errorf("--listen: %w", inner), "--listen: study S, record 5: the row is damaged"},
		{errors.Join(inner, missing), "study S, record 5: the row is damaged\n/a/mirror: no such file or directory"},
		{&imednet.Error{Package: "cache", Op: "open"}, "failed"},
		{&imednet.Error{Package: "queries", Op: "list", StudyKey: "S", Err: &imednet.ValidationError{What: "options", Problems: []imednet.Problem{{Path: "State", Message: "is wrong"}}}}, "study S: invalid options: State: is wrong"},
	} {
		require.Equal(t, c.want, sentence(c.err), "%v", c.err)
	}
}

// TestVerboseShowsTheChain, for people and as JSON; without it the packages that an error went through are
// not named.
func TestVerboseShowsTheChain(t *testing.T) {
	s := newShell(t)
	_, plain := s.run(exitNotFound, "changes", "DEMO")
	require.Regexp(t, `^Not Found: \S+records_cache.sqlite3: no such file or directory\nHint: `, plain)
	_, verbose := s.run(exitNotFound, "changes", "DEMO", "--verbose")
	require.Contains(t, verbose, strings.SplitAfter(plain, "\n")[0])
	require.Regexp(t, `\nChain: cache: open: stat \S+: no such file or directory`, verbose)
	_, document := s.run(exitNotFound, "changes", "DEMO", "--verbose", "--json")
	var told failure
	require.NoError(t, json.Unmarshal([]byte(document), &told))
	require.Contains(t, told.Chain, "cache: open: stat ")
	require.NotContains(t, told.Error, "cache: open")
}

// TestMisspeltFlags: the flag that was meant is named, also one that every command has.
func TestMisspeltFlags(t *testing.T) {
	s := newShell(t)
	for line, want := range map[string]string{
		"queries list DEMO --fromat csv": "did you mean --format?", "records list DEMO --forn AE": "did you mean --form?", "studies --jsn": "did you mean --json?",
		"report DEMO --showvalues": "did you mean --show-values?", "worker --pln x": "did you mean --plan?", "queries list DEMO --Site x": "did you mean --site?",
	} {
		_, problem := s.run(exitUsage, strings.Fields(line)...)
		require.Contains(t, problem, want, line)
	}
	s.ok("sync", "DEMO")
	for line, code := range map[string]int{"records list DMEO --form AE --cached": exitNotFound, "changes DEMOO": exitNotFound, "queries list DEM": exitAuth} {
		_, problem := s.run(code, strings.Fields(line)...)
		require.Contains(t, problem, "did you mean DEMO?", line)
	}
	_, problem := s.run(exitUsage, "studies", "--banana")
	require.NotContains(t, problem, "did you mean")
	require.Contains(t, problem, "`imednet studies --help` shows details")
}

// TestAFilterIsGivenOnce: of two, one would be left out in silence.
func TestAFilterIsGivenOnce(t *testing.T) {
	s := newShell(t)
	for _, line := range []string{"queries list DEMO --form AE --form VS", "records list DEMO --form AE --site A --site B", "changes DEMO --subject a --subject b"} {
		_, problem := s.run(exitUsage, strings.Fields(line)...)
		require.Contains(t, problem, "is given twice", line)
	}
}

// TestUnknownTopics: a misspelt topic or shell is no success.
func TestUnknownTopics(t *testing.T) {
	s := newShell(t)
	for line, want := range map[string]string{"help recrods": "did you mean records?", "help records lst": "did you mean list?", "completion zssh": "did you mean zsh?"} {
		out, problem := s.run(exitUsage, strings.Fields(line)...)
		require.Empty(t, out, line)
		require.Contains(t, problem, want, line)
	}
	require.Contains(t, s.ok("help", "records", "list"), "imednet records list STUDY")
	require.Contains(t, s.ok("help"), "Usage:")
	require.Contains(t, s.ok("completion"), "bash")
}
