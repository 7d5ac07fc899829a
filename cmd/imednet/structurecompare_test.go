package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A study is compared with a file, with an earlier version of its mirror and with a data cut, and the records
// that a change concerns are those that a plain look at the records finds.
func TestStructureCompare(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	s.ok("cache", "cut", "DEMO", "--name", "IA1")
	require.Equal(t, "No changes.\n", s.ok("structure", "compare", "DEMO", "--with", "IA1", "--cached"))
	var status []struct{ Version int64 }
	s.json(&status, "cache", "status")
	require.Equal(t, "No changes.\n", s.ok("structure", "compare", "DEMO", "--with", strconv.FormatInt(status[0].Version, 10), "--cached"))
	s.run(exitNotFound, "structure", "compare", "DEMO", "--with", "IA2", "--cached")
	s.run(exitUsage, "structure", "compare", "DEMO")
	s.run(exitUsage, "structure", "compare", "a", "b", "--with", "IA1")

	design := s.ok("structure", "show", "DEMO", "--json")
	s.write("old.json", strings.Replace(design, `"Severity"`, `"<b>Grade</b>"`, 1))
	s.write("new.json", design)
	want := "AE.AESEV label changed: <b>Grade</b> → Severity\n"
	for _, args := range [][]string{{"old.json", "DEMO"}, {"old.json", "new.json"}, {"DEMO", "--with", "old.json"}, {"DEMO", "--with", "old.json", "--cached"}} {
		out, errOut := s.run(exitDiffers, append([]string{"structure", "compare"}, args...)...)
		require.Equal(t, want, out, "%v", args)
		require.Contains(t, errOut, "the designs differ")
	}
	out, _ := s.run(exitDiffers, "structure", "compare", "old.json", "DEMO", "--impact", "--format", "csv", "--columns", "form,variable,member,before,after,records")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{{"form", "variable", "member", "before", "after", "records"}, {"AE", "AESEV", "label", "<b>Grade</b>", "Severity", strconv.Itoa(answered(t, s, "AE", "AESEV"))}}, rows)
	page, _ := s.run(exitDiffers, "structure", "compare", "old.json", "DEMO", "--impact", "--html")
	require.Contains(t, page, "<pre>&lt;b&gt;Grade&lt;/b&gt;</pre>")
	s.run(exitUsage, "structure", "compare", "old.json", "new.json", "--impact")
	s.run(exitUsage, "structure", "compare", "old.json", "new.json", "--html", "--format", "csv")
	require.NoFileExists(t, filepath.Join(s.dir, "DEMO"))
	_, err = os.Stat(filepath.Join(s.dir, "old.json"))
	require.NoError(t, err)
}

// answered counts the records of a form with an answer to a variable, out of the JSON of all records.
func answered(t *testing.T, s *shell, form, variable string) (n int) {
	t.Helper()
	var records []struct {
		FormKey    string
		RecordData map[string]json.RawMessage
	}
	s.json(&records, "records", "extract", "DEMO")
	for _, r := range records {
		for name, value := range r.RecordData {
			text := strings.Trim(string(value), `" `)
			if r.FormKey == form && strings.EqualFold(name, variable) && text != "" && text != "null" {
				n++
			}
		}
	}
	require.Positive(t, n)
	return n
}
