package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every list has the same forms, and the same values in each of them.
func TestEveryListHasTheSameForms(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	s.ok("cache", "cut", "DEMO", "--name", "IA1")
	for _, args := range [][]string{
		{"studies"}, {"records", "list", "DEMO", "--form", "AE"}, {"records", "extract", "DEMO", "--record-filter", "formKey=AE"},
		{"queries", "list", "DEMO"}, {"queries", "open", "DEMO"}, {"queries", "site", "DEMO", "Site 01"}, {"queries", "subject", "DEMO", "01-001"},
		{"changes", "DEMO", "--form", "AE"}, {"cache", "status"}, {"cache", "cuts", "DEMO"}, {"cache", "history", "DEMO", "100001"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) { checkForms(t, s, args) })
	}
}

func checkForms(t *testing.T, s *shell, args []string) {
	t.Helper()
	with := func(more ...string) string { return s.ok(append(append([]string{}, args...), more...)...) }
	table, err := csv.NewReader(strings.NewReader(with("--format", "csv"))).ReadAll()
	require.NoError(t, err)
	header, rows := table[0], table[1:]
	require.NotEmpty(t, rows)

	lines := strings.Split(strings.TrimSuffix(with("--format", "ndjson"), "\n"), "\n")
	require.Len(t, lines, len(rows))
	var documents []map[string]any
	require.NoError(t, json.Unmarshal([]byte(with("--format", "json")), &documents))
	require.Len(t, documents, len(rows))
	for i, line := range lines {
		var object map[string]any
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		require.NoError(t, decoder.Decode(&object))
		for at, name := range header {
			require.Equal(t, rows[i][at], cellIn(object[name]), "%d %s", i, name)
		}
		require.Len(t, object, len(header))
	}

	two := []string{header[1], header[0]}
	chosen, err := csv.NewReader(strings.NewReader(with("--format", "csv", "--columns", strings.Join(two, ","), "--no-header"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, chosen, len(rows))
	for i, row := range chosen {
		require.Equal(t, []string{rows[i][1], rows[i][0]}, row)
	}
	_, errOut := s.run(exitUsage, append(append([]string{}, args...), "--columns", "nosuch")...)
	require.Contains(t, errOut, header[0])
	s.run(exitUsage, append(append([]string{}, args...), "--format", "xml")...)
}

// cellIn is a JSON value as a cell.
func cellIn(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// TestTextInAListIsNoFormula: CSV opens in spreadsheets. Numbers, and other forms, are left alone.
func TestTextInAListIsNoFormula(t *testing.T) {
	s := newShell(t)
	s.ok("warehouse", "ingest", "DEMO")
	query := func(format string, more ...string) string {
		return s.ok(append([]string{"warehouse", "query", "--format", format,
			`SELECT '=1+1' AS a, chr(39) || 'x' AS b, -5 AS c, '-5' AS d, '+' AS "=e", '@x' AS f, DATE '2024-01-01' AS g`}, more...)...)
	}
	require.Equal(t, "a,b,c,d,'=e,f,g\n'=1+1,''x,-5,-5,+,'@x,2024-01-01\n", query("csv"))
	require.Equal(t, "a,b,c,d,=e,f,g\n=1+1,'x,-5,-5,+,@x,2024-01-01\n", query("csv", "--no-formula-guard"))
	require.Contains(t, query("ndjson"), `"a":"=1+1","b":"'x"`)
	require.Equal(t, "a\n\"\"\n1\n", s.ok("warehouse", "query", "--format", "csv", "SELECT NULL AS a UNION ALL SELECT 1 ORDER BY a NULLS FIRST"))
}
