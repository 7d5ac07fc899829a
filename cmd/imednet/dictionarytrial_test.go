package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/dictionary"
)

// A study as specified passes; one that was built otherwise is found, and so is one that runs no checks.
func TestDictionaryUATInATestStudy(t *testing.T) {
	s := newShell(t)
	export := filepath.Join(s.dir, "export")
	demo, url, err := startDemo("--records", "60", "--study", "TEST", "--export", export)
	require.NoError(t, err)
	require.NoError(t, stopDemo(demo))
	rules, err := os.ReadFile(filepath.Join(export, dictionary.RulesFile))
	require.NoError(t, err)
	uat := []string{"dictionary", "uat", "export", "--submit", "TEST", "--test-study", "TEST", "--site", "Site 01", "--interval", "1ms", "--rule", "50001,50002,50011"}
	against := func(code int, text string, args ...string) (out, errOut string) {
		t.Helper()
		built := t.TempDir()
		for _, name := range []string{dictionary.FormsFile, dictionary.QuestionsFile, dictionary.ChoicesFile} {
			data, err := os.ReadFile(filepath.Join(export, name))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(built, name), data, 0o600))
		}
		require.NoError(t, os.WriteFile(filepath.Join(built, dictionary.RulesFile), []byte(text), 0o600))
		demo, url, err = startDemo("--records", "60", "--study", "TEST", "--checks", built)
		require.NoError(t, err)
		defer func() { require.NoError(t, stopDemo(demo)) }()
		other := newShell(t, "IMEDNET_BASE_URL="+url)
		other.dir = s.dir
		return other.run(code, append(uat, args...)...)
	}
	out, _ := against(exitOK, string(rules))
	require.Contains(t, out, " 0 checks behave differently")
	require.Contains(t, out, "generated")
	require.Contains(t, out, "hand-made")

	out, problem := against(exitInvalid, string(rules), "--most", "1")
	require.Contains(t, out, " 0 checks behave differently")
	require.Regexp(t, `(?m)^not told apart: rule 50002: \d+ other builds, such as .+\(`, out, "too few records are no test")
	require.Contains(t, problem, "not told from every other build")

	uat = append(uat, "--registration", "DM")
	out, _ = against(exitOK, string(rules))
	require.Contains(t, out, " 0 checks behave differently")
	out, problem = against(exitInvalid, strings.Replace(string(rules), "<gt><question>DMDTC</question><current_date_only/></gt>", "<lt><question>DMDTC</question><current_date_only/></lt>", 1))
	require.Contains(t, out, "50002")
	require.Contains(t, out, "no refusal")
	require.Contains(t, problem, "behave differently from the export")

	out, problem = against(exitUsage, string(rules), "--site", "Site 99")
	require.Empty(t, out)
	require.Contains(t, problem, `"Site 99"`)

	out, _ = against(exitInvalid, strings.ReplaceAll(string(rules), "Active", "Disabled"), "--json")
	require.Contains(t, out, `"passed": false`)

	for _, args := range [][]string{{"--submit", "TEST", "--test-study", "OTHER", "--site", "x"}, {"--submit", "TEST"}, {"--submit", "TEST", "--test-study", "TEST"}, {"--site", "x"}, {"--submit", "TEST", "--test-study", "TEST", "--site", "x", "--rule", "none"}, {"--submit", "TEST", "--test-study", "TEST", "--subject", "x", "--registration", "DM"}} {
		s.run(exitUsage, append([]string{"dictionary", "uat", "export"}, args...)...)
	}
}
