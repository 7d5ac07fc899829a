package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSubmit(t *testing.T) {
	demo, url, err := startDemo("--study", "OWN")
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	s := newShell(t, "IMEDNET_BASE_URL="+url)

	s.write("new.json", `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`)
	var dry []dryRunBatchJSON
	s.json(&dry, "submit", "records", "OWN", "new.json", "--dry-run")
	require.Len(t, dry, 1)
	require.JSONEq(t, `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`, string(dry[0].Payload))

	var batches []batchJSON
	s.json(&batches, "submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms")
	require.Equal(t, "completed", batches[0].State)
	require.NotEmpty(t, batches[0].JournalID)
	require.Equal(t, "No open submissions.\n", s.ok("submit", "resume", "OWN"))

	s.ok("submit", "records", "OWN", "new.json")
	var open []recoveredJSON
	s.json(&open, "submit", "resume", "OWN", "--wait", "--interval", "10ms")
	require.Len(t, open, 1)
	require.Equal(t, "confirmed", string(open[0].Outcome))

	s.write("subjects.json", `[{"formKey": "DM", "siteName": "Site 01", "data": {"AGE": 41}}]`)
	var registered struct{ Subjects []subjectJSON }
	s.json(&registered, "submit", "register", "OWN", "subjects.json", "--wait", "--interval", "10ms")
	require.Len(t, registered.Subjects, 1)
	require.Equal(t, "Site 01", registered.Subjects[0].SiteName)

	for _, text := range []string{`{}`, `[{"formKey": "AE", "nope": 1}]`, `[{"formKey": "AE", "formKey": "DM"}]`, `[] []`, `[{"formKey": "AE", "subjectKey": "01-001", "data": {"NOPE": 1}}]`} {
		s.write("bad.json", text)
		_, problem := s.run(exitInvalid, "submit", "records", "OWN", "bad.json")
		require.NotEmpty(t, problem, text)
	}
}

func TestSubmissionsKeepNumbers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "items.json")
	require.NoError(t, os.WriteFile(path, []byte(`[{"formKey": "VS", "data": {"W": 70.10}}]`), 0o600))
	items, err := readSubmissions(path)
	require.NoError(t, err)
	text, err := json.Marshal(items[0].Data["W"])
	require.NoError(t, err)
	require.Equal(t, "70.10", string(text))
}

func TestWarehouse(t *testing.T) {
	s := newShell(t)
	s.run(exitNotFound, "warehouse", "query", "SELECT 1")
	var runs []runJSON
	s.json(&runs, "warehouse", "ingest", "DEMO")
	require.Equal(t, int64(500), runs[1].Read)
	require.Contains(t, s.ok("warehouse", "silver", "DEMO"), "500 records = 497 rows + 0 rejected + 3 deleted")

	var rows []map[string]any
	s.json(&rows, "warehouse", "query", "SELECT count(*) AS n, NULL AS nothing, 'a' AS text FROM silver_DEMO.AE")
	require.Equal(t, []map[string]any{{"n": 113.0, "nothing": nil, "text": "a"}}, rows)
	require.Equal(t, "n\n1\n2\n2 rows\n", s.ok("warehouse", "query", "SELECT unnest([1, 2]) AS n"))
	require.Equal(t, "[]\n", s.ok("warehouse", "query", "SELECT 1 WHERE false", "--json"))
	_, problem := s.run(exitInvalid, "warehouse", "query", "SELEC 1")
	require.Contains(t, problem, "Parser Error")
	_, problem = s.run(exitFailure, "warehouse", "query", "SELECT CAST('Headache of 01-001' AS INTEGER)")
	require.NotContains(t, problem, "Headache", "an error does not quote data")
	s.run(exitInvalid, "warehouse", "query", "DELETE FROM bronze_records")
	s.json(&rows, "warehouse", "query", "SELECT count(*) AS n FROM bronze_records")
	require.InDelta(t, 500, rows[0]["n"], 0)
}
