package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// TestVariablesThatDifferInCaseHaveAnswersOfTheirOwn: list, conditions, page of the subject and life of a
// value agree with the export on which of the variables Case and CASE an answer belongs to.
func TestVariablesThatDifferInCaseHaveAnswersOfTheirOwn(t *testing.T) {
	dir := t.TempDir()
	write := func(resource string, rows ...string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, resource+".ndjson"), []byte(strings.Join(rows, "\n")+"\n"), 0o600))
	}
	write("studies", `{"studyKey":"OWN","studyId":1}`)
	write("forms", `{"studyKey":"OWN","formId":1,"formKey":"LB"}`)
	write("sites", `{"studyKey":"OWN","siteId":1,"siteName":"One"}`)
	write("subjects", `{"studyKey":"OWN","subjectId":1,"subjectKey":"001","siteId":1}`)
	write("variables", `{"studyKey":"OWN","variableId":1,"formId":1,"formKey":"LB","variableName":"Case","variableType":"TEXT"}`,
		`{"studyKey":"OWN","variableId":2,"formId":1,"formKey":"LB","variableName":"CASE","variableType":"TEXT"}`)
	answers := []string{`{"Case":"a","CASE":"5"}`, `{"case":"z"}`, `{"CASE":"6"}`}
	var records []string
	for i, data := range answers {
		records = append(records, `{"studyKey":"OWN","recordId":`+number(i+1)+`,"formId":1,"formKey":"LB","subjectId":1,"subjectKey":"001","recordData":`+data+`}`)
	}
	write("records", records...)
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, imednettest.NewServer(study)))
	s.ok("sync", "OWN")

	require.Equal(t, []map[string]string{
		{"record": "1", "Case": "a", "CASE": "5"}, {"record": "2", "Case": ambiguous, "CASE": ambiguous}, {"record": "3", "Case": "", "CASE": "6"},
	}, s.csv("records", "list", "OWN", "--form", "LB", "--columns", "record,Case,CASE"))
	require.Equal(t, []map[string]string{{"record": "3"}}, s.csv("records", "list", "OWN", "--form", "LB", "--columns", "record", "--where", "CASE==6"))
	require.Empty(t, s.csv("records", "list", "OWN", "--form", "LB", "--where", "Case==6"))
	require.Equal(t, []map[string]string{
		{"id": "1", "variable": "Case", "new": "a"}, {"id": "2", "variable": "case", "new": "z"}, {"id": "3", "variable": "Case", "new": ""},
	}, s.csv("who", "OWN", "--subject", "001", "--form", "LB", "--variable", "Case", "--columns", "id,variable,new"))
	for condition, want := range map[string]int{"Case==6": 0, "CASE==6": 1} {
		out := t.TempDir()
		s.ok("export", "OWN", "--dir", out, "--format", "ndjson", "--forms", "LB", "--where", condition)
		files, err := filepath.Glob(filepath.Join(out, "LB", "*.ndjson"))
		require.NoError(t, err)
		rows := 0
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for line := range strings.Lines(string(text)) {
				if strings.TrimSpace(line) != "" {
					require.True(t, json.Valid([]byte(line)))
					rows++
				}
			}
		}
		require.Equal(t, want, rows, condition)
	}
}
