package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

func TestCompletions(t *testing.T) {
	s := newShell(t, "IMEDNET_API_KEY=", "IMEDNET_SECURITY_KEY=")
	for line, want := range map[string]string{
		"export DEMO --format ":             "parquet csv ndjson",
		"export DEMO --layout ":             "forms wide hive hive-forms",
		"triage queue DEMO --order ":        "updated age severity due",
		"triage claim --order ":             "updated age severity due",
		"triage queue DEMO --status ":       "NEW UNDER_REVIEW RESOLVED",
		"triage status --user anna item-1 ": "NEW UNDER_REVIEW RESOLVED",
		"queries metrics DEMO --by ":        "site form variable type",
		"queries counts ":                   "",
		"workflows state show --study-key ": "",
	} {
		words := strings.Split(line, " ")
		out := s.ok(append([]string{"__complete"}, words...)...)
		offered, directive, _ := strings.Cut(out, ":")
		require.Equal(t, strings.Fields(want), strings.Fields(offered), line)
		if want != "" {
			require.Contains(t, directive, "4", "%s: no files", line)
		}
	}
	s.env = append(s.env, "IMEDNET_API_KEY="+imednettest.APIKey, "IMEDNET_SECURITY_KEY="+imednettest.SecurityKey)
	s.ok("sync", "DEMO")
	for line, want := range map[string]string{
		"queries counts ": "DEMO", "cache status ": "DEMO", "cache status DEMO ": "DEMO", "records list DEMO --form ": "AE|CM|DM|LB|LOG|NOTE|OLD|SITE|VS",
		"queries list DEMO --site ": "Site 01|Site 02 - North; Annex|Site 03", "records list NONE --form ": "", "records list --form ": "", "subject DEMO ": "",
	} {
		offered, _, _ := strings.Cut(s.ok(append([]string{"__complete"}, strings.Split(line, " ")...)...), ":")
		require.Equal(t, want, strings.ReplaceAll(strings.TrimSpace(offered), "\n", "|"), line)
	}
	require.Contains(t, s.ok("__complete", "triage", ""), "claim\tClaim an item")
	require.True(t, strings.HasSuffix(s.ok("__complete", "queries", "counts", ""), ":4\n"), "a study is no file")
	require.True(t, strings.HasSuffix(s.ok("__complete", "config", "commit", "S", ""), ":0\n"), "a configuration is one")
}

// TestCompletionsAreRegisteredForShellsAlone: cobra keeps them, and so the commands, until the process ends.
func TestCompletionsAreRegisteredForShellsAlone(t *testing.T) {
	for _, completing := range []bool{false, true} {
		list, _, err := newRoot(&app{completing: completing}).Find([]string{"records", "list"})
		require.NoError(t, err)
		for _, flag := range []string{"format", "form"} {
			_, registered := list.GetFlagCompletionFunc(flag)
			require.Equal(t, completing, registered, flag)
		}
	}
	require.True(t, asksForCompletions([]string{"__complete", "export", ""}))
	require.True(t, asksForCompletions([]string{"__completeNoDesc", "export", ""}))
	require.False(t, asksForCompletions([]string{"export", "DEMO", "--dir", "out"}))
}
