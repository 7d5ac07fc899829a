package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// TestADeletionFlagThatCannotBeReadIsSaid: such a record is left out like a deleted one, but never called deleted: every
// list, export and build of typed tables says how many there are, and --include-deleted marks them apart.
func TestADeletionFlagThatCannotBeReadIsSaid(t *testing.T) {
	dir := t.TempDir()
	var records []string
	for i, flag := range []string{`false`, `true`, `"yes"`, `1`, `null`} {
		records = append(records, `{"studyKey":"OWN","recordId":`+number(i+1)+`,"formId":1,"formKey":"AE","subjectId":1,"subjectKey":"001","deleted":`+flag+`,"recordData":{"AETERM":"x"}}`)
	}
	for resource, rows := range map[string][]string{
		"studies": {`{"studyKey":"OWN","studyId":1}`}, "forms": {`{"studyKey":"OWN","formId":1,"formKey":"AE"}`},
		"sites": {`{"studyKey":"OWN","siteId":1,"siteName":"One"}`}, "subjects": {`{"studyKey":"OWN","subjectId":1,"subjectKey":"001","siteId":1}`},
		"variables": {`{"studyKey":"OWN","variableId":1,"formId":1,"formKey":"AE","variableName":"AETERM","variableType":"TEXT"}`}, "records": records,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, resource+".ndjson"), []byte(strings.Join(rows, "\n")+"\n"), 0o600))
	}
	study, err := imednettest.LoadDir(dir)
	require.NoError(t, err)
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, imednettest.NewServer(study)))
	s.ok("sync", "OWN")

	note := "2 of the records left out as deleted have a deletion flag that " + whyDoubtful + "\n"
	list := []string{"records", "list", "OWN", "--form", "AE", "--cached", "--columns", "record,deleted"}
	extract := []string{"records", "extract", "OWN", "--columns", "record,deleted"}
	for _, command := range [][]string{list, extract} {
		out, said := s.run(exitOK, command...)
		require.Contains(t, said, note)
		require.Regexp(t, `(?s)\n1 *(false)?\n5 *(false)?\n`, out)
		for _, format := range []string{"csv", "ndjson"} {
			_, said := s.run(exitOK, append(command, "--format", format)...)
			require.Contains(t, said, note)
			require.Contains(t, said, "3 deleted records left out")
		}
	}
	marks := func(deleted, active string) (rows []map[string]string) {
		for i, mark := range []string{active, deleted, "unreadable", "unreadable", active} {
			rows = append(rows, map[string]string{"record": number(i + 1), "deleted": mark})
		}
		return rows
	}
	require.Equal(t, marks("true", "false"), s.csv(append(list, "--include-deleted")...))
	require.Equal(t, marks("deleted", ""), s.csv(append(extract, "--include-deleted")...))
	for _, command := range [][]string{{"export", "OWN", "--cached", "--dir", "out"}, {"warehouse", "silver", "OWN", "--cached", "--db", "own.duckdb"}} {
		require.Contains(t, s.ok(command...), "2 of the deleted have a deletion flag that "+whyDoubtful)
	}
	require.Contains(t, s.ok("profile", "OWN", "--cached"), "2 records; 3 deleted ones left out, 2 of them with a flag that cannot be read")
	page := s.ok("subject", "OWN", "001", "--cached", "--include-deleted")
	require.Equal(t, 2, strings.Count(page, ", its deletion flag is unreadable\n"), page)
	require.Equal(t, 1, strings.Count(page, ", deleted\n"), page)
}
