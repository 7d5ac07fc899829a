package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/tables"
)

// csvRows are the rows of a table of an export, by column.
func (s *shell) csvRows(dir, form string) (all []map[string]string) {
	s.t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, dir, form, "*.csv"))
	require.NoError(s.t, err)
	require.NotEmpty(s.t, files, form)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(s.t, err)
		rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		require.NoError(s.t, err)
		for _, row := range rows[1:] {
			cells := map[string]string{}
			for i, title := range rows[0] {
				cells[title] = row[i]
			}
			all = append(all, cells)
		}
	}
	return all
}

// Where the API has no word for a date, the dictionary's decides: every answer stays as it was entered, with its day
// where that is known, and how much of it is. Where the API's word is another, it stays, and the difference is told.
func TestDatesByTheDictionarysWord(t *testing.T) {
	answers := []struct{ entered, day, precision string }{
		{"2024-02-29", "2024-02-29", "day"}, {"2024-02", "", "month"}, {"2024", "", "year"}, {"2024-02-29T10:05", "2024-02-29", "minute"},
		{"UN-UNK-2024", "", "unknown"}, {"soon", "", "unknown"}, {"2023-02-29", "", "unknown"}, {"", "", ""},
	}
	lists := []listed{{"D:", nil}, {"U:PARTIAL_DATE", nil}, {"W:TEXT", nil}, {"A:DATE", nil}}
	var data []string
	for _, a := range answers {
		data = append(data, fmt.Sprintf(`{"D":%q,"U":%q,"W":%q,"A":%q}`, a.entered, a.entered, a.entered, a.entered))
	}
	s := choiceShell(t, lists, append(data, `{}`)...)
	s.write("design/"+dictionary.QuestionsFile, "Form,Variable Type,Variable Name\nF,Date/Time Precision,D\nF,Date/Time Precision,U\nF,Date/Time Precision,W\nF,Date/Time,A\n")
	_, problem := s.run(exitOK, "export", "OWN", "--dir", "out", "--format", "csv", "--dictionary", "design")
	require.Contains(t, problem, "2 other type", "PARTIAL_DATE and TEXT")
	rows := s.csvRows("out", "F")
	require.Len(t, rows, len(answers))
	for i, a := range answers {
		for _, name := range []string{"D", "U", "A"} {
			require.Equal(t, []string{a.entered, a.day, a.precision}, []string{rows[i][name], rows[i][name+"_date"], rows[i][name+"_precision"]}, name)
		}
		require.Equal(t, a.entered, rows[i]["W"])
		require.NotContains(t, rows[i], "W_date")
	}
	s.ok("export", "OWN", "--dir", "plain", "--format", "csv")
	for i, row := range s.csvRows("plain", "F") {
		require.Equal(t, answers[i].entered, row["D"])
		require.NotContains(t, row, "D_date", "without a dictionary")
	}
	var manifest struct{ Plan tables.Plan }
	require.NoError(t, json.Unmarshal([]byte(s.read("out/_records_manifest.json")), &manifest))
	words := map[string]string{}
	for _, c := range manifest.Plan.Forms[0].Columns {
		words[c.Name] = c.DictionaryType
	}
	require.Equal(t, map[string]string{"D": "Date/Time Precision", "U": "Date/Time Precision", "W": "Date/Time Precision", "A": "Date/Time"}, words)
	s.ok("export", "OWN", "--dir", "again", "--format", "csv", "--dictionary", "design", "--plan", "out/_records_manifest.json")
	require.Equal(t, rows, s.csvRows("again", "F"), "the plan keeps the types")
}

// The pilot study's dates are the same columns by the dictionary's words alone as by the API's.
func TestDatesOfThePilotByTheDictionarysWord(t *testing.T) {
	pilot := os.Getenv("IMEDNET_PILOT")
	if pilot == "" {
		t.Skip("IMEDNET_PILOT names no folder")
	}
	design := filepath.Join(filepath.Dir(filepath.Clean(pilot)), "dictionary", "pilot")
	if _, err := os.Stat(design); err != nil {
		t.Skip("no export beside the pilot study")
	}
	study, err := imednettest.LoadDir(pilot)
	require.NoError(t, err)
	server := imednettest.NewServer(study)
	s := newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, server))
	var dates []int64
	for v, err := range server.Client().Variables(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		if v.VariableType.Or("") == "DATE" {
			dates = append(dates, v.VariableID)
		}
	}
	require.NotEmpty(t, dates)
	exported := func(dir string) map[string][]map[string]string {
		rows := map[string][]map[string]string{}
		s.ok("export", study.Key(), "--dir", dir, "--format", "csv", "--dictionary", design, "--forms", "AE,DM,DS")
		for _, form := range []string{"AE", "DM", "DS"} {
			rows[form] = s.csvRows(dir, form)
		}
		return rows
	}
	want := exported("api")
	for _, word := range []string{"", "WHEN"} {
		for _, id := range dates {
			require.NoError(t, study.EditRow(imednet.Variables, id, "variableType", word))
		}
		for form, rows := range exported("word" + word) {
			require.Len(t, rows, len(want[form]))
			for i, row := range rows {
				require.Equal(t, want[form][i], row, "%s, row %d by the word %q", form, i, word)
			}
		}
	}
}

// Who selects a variable has its codes too, by name and by form and name.
func TestVariablesSelectTheirCodes(t *testing.T) {
	s := choiceShell(t, []listed{{"POS:RADIO", []string{"Sitting=1", "Standing=2"}}, {"X:TEXT", nil}}, `{"POS":"Standing","X":"x"}`, `{}`)
	for i, name := range []string{"POS", "F.POS", "pos"} {
		dir := fmt.Sprint("out", i)
		s.ok("export", "OWN", "--dir", dir, "--format", "csv", "--dictionary", "design", "--choices", "both", "--variables", name)
		row := s.csvRows(dir, "F")[0]
		require.Equal(t, []string{"Standing", "2"}, []string{row["POS"], row["POS_CODE"]})
		require.NotContains(t, row, "X")
	}
	s.ok("export", "OWN", "--dir", "code", "--format", "csv", "--dictionary", "design", "--choices", "both", "--variables", "POS_CODE")
	require.NotContains(t, s.csvRows("code", "F")[0], "POS")
}
