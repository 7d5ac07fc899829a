package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A version of the history and a document of the Python toolkit name their study: every command refuses them for
// another, although all of its forms are the study's, writes nothing, and names both.
func TestADictionaryThatNamesAnotherStudyIsRefused(t *testing.T) {
	s := newShell(t)
	writeExport(s, "export", "DEMO")
	s.write("TEST.json", s.ok("dictionary", "read", "export", "--toolkit", "--study", "TEST"))
	s.write("none.json", s.ok("dictionary", "read", "export", "--toolkit"))
	s.write("design.json", s.ok("structure", "show", "DEMO", "--json"))
	s.write("new.json", `[{"formKey": "AE", "subjectKey": "DEMO-01-0001", "data": {"AETERM": "Headache"}}]`)
	s.demoConfiguration()
	for _, study := range []string{"TEST", "DEMO"} {
		s.ok("dictionary", "commit", study, "export", "--author", "anna", "-m", "as built")
	}
	s.ok("sync", "DEMO")
	s.ok("export", "DEMO", "--dir", "plain")

	const both = `it is that of study "TEST", not of "DEMO"`
	commands := [][]string{
		{"export", "DEMO", "--dir", "never", "--dictionary"},
		{"profile", "DEMO", "--dictionary"},
		{"report", "DEMO", "--out", "never.html", "--dictionary"},
		{"extract", "--configuration", "demo.json", "--dictionary"},
		{"submit", "records", "DEMO", "new.json", "--dry-run", "--dictionary"},
		{"dictionary", "check", "DEMO", "--dictionary"},
		{"dictionary", "survey", "DEMO", "--dictionary"},
		{"formats", "export", "plain", "--to", "agency", "--dictionary"},
		{"structure", "compare", "design.json", "DEMO", "--dictionaries", "store:DEMO@1,"},
		{"structure", "compare", "design.json", "design.json", "--dictionaries", "store:DEMO@1,"},
		{"dictionary", "read", "--toolkit", "--study", "DEMO"},
		{"dictionary", "commit", "DEMO", "--author", "anna", "-m", "copied"},
		{"dictionary", "uat", "--submit", "DEMO", "--test-study", "DEMO", "--site", "Site 01"},
		{"dictionary", "uat", "store:DEMO@1", "--against"},
	}
	with := func(args []string, source string) []string {
		if last := args[len(args)-1]; strings.HasSuffix(last, ",") {
			return append(args[:len(args)-1:len(args)-1], last+source)
		}
		return append(args[:len(args):len(args)], source)
	}
	for _, source := range []string{"store:TEST@1", "TEST.json"} {
		for _, args := range commands {
			out, problem := s.run(exitInvalid, with(args, source)...)
			require.Contains(t, problem, both, "%s %s", args, source)
			require.Empty(t, out, args)
		}
	}
	require.NoDirExists(t, filepath.Join(s.dir, "never"))
	require.NoFileExists(t, filepath.Join(s.dir, "never.html"))

	// The same without a study's name, or with the study's own, is taken.
	for _, source := range []string{"none.json", "store:DEMO@1"} {
		for _, args := range commands[:2] {
			s.ok(with(args, source)...)
			require.NoError(t, os.RemoveAll(filepath.Join(s.dir, "never")))
		}
	}
	// Whoever says so gets what an export without a name gives.
	for _, command := range []string{"check", "survey"} {
		for named, unnamed := range map[string]string{"store:TEST@1": "export", "TEST.json": "none.json"} {
			want := s.ok("dictionary", command, "DEMO", "--dictionary", unnamed)
			require.Equal(t, want, s.ok("dictionary", command, "DEMO", "--dictionary", named, "--any-study"))
		}
	}
	s.ok("dictionary", "uat", "store:DEMO@1", "--against", "store:TEST@1", "--any-study")
	// What is only looked at is for no study.
	require.Equal(t, s.ok("dictionary", "list", "export"), s.ok("dictionary", "list", "store:TEST@1"))
	require.Equal(t, "No changes.\n", s.ok("dictionary", "diff", "store:DEMO@1", "store:TEST@1"))

	require.NotContains(t, s.ok("dictionary", "log", "DEMO"), "copied")
}
