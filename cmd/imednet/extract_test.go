package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExtractAndValidate(t *testing.T) {
	s := newShell(t)
	configuration, err := os.ReadFile(filepath.Join("..", "..", "examples", "safety", "demo.json"))
	require.NoError(t, err)
	s.write("demo.json", string(configuration))
	var result struct {
		AdverseEvents    []json.RawMessage
		ValidationErrors []json.RawMessage
	}
	s.json(&result, "extract", "--configuration", "demo.json")
	require.NotEmpty(t, result.AdverseEvents)
	out := s.ok("extract", "--configuration", "demo.json")
	require.Contains(t, out, "DOMAIN  CANDIDATES  ROWS  REJECTED\n")
	require.Contains(t, out, "500 records")

	s.ok("sync", "DEMO")
	require.Equal(t, out, s.ok("extract", "--configuration", "demo.json", "--cached"), "the mirror gives the same")

	out, _ = s.run(exitInvalid, "validate", "--configuration", "demo.json")
	require.Contains(t, out, "profile general")
	text, _ := s.run(exitInvalid, "validate", "--configuration", "demo.json", "--json")
	var report struct {
		StudyKey    string
		Rejected    int
		Errors      int64
		Readiness   struct{ TotalExpectedFields int64 }
		Conformance map[string]any
	}
	require.NoError(t, json.NewDecoder(strings.NewReader(text)).Decode(&report))
	require.Equal(t, "DEMO", report.StudyKey)
	require.Len(t, result.ValidationErrors, report.Rejected)
	require.NotZero(t, report.Errors, "rules of severity ERROR count")
	require.NotZero(t, report.Readiness.TotalExpectedFields)
	require.Contains(t, report.Conformance, "Rules_Report")

	s.write("unknown.json", `{"studyKey": "DEMO", "version": "1", "reportingProfile": "moon"}`)
	s.run(exitInvalid, "validate", "--configuration", "unknown.json")
	s.run(exitNotFound, "extract", "--configuration", "missing.json")
}
