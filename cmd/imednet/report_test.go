package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/report"
)

func fileText(t *testing.T, s *shell, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	require.NoError(t, err)
	return string(text)
}

// TestReportIsMadeOfTheMirror writes pages of now, of a data cut and of a version, and never over a file.
func TestReportIsMadeOfTheMirror(t *testing.T) {
	s := newShell(t)
	s.run(exitUsage, "report", "DEMO")
	s.run(exitNotFound, "report", "DEMO", "--out", "none.html")
	require.NoFileExists(t, filepath.Join(s.dir, "none.html"))
	s.ok("sync", "DEMO")
	s.ok("cache", "cut", "DEMO", "--name", "IA1")

	out := s.ok("report", "DEMO", "--out", "study.html", "--ae-form", "AE")
	require.Regexp(t, `^\d+ subjects at \d+ sites, \d+ visits, \d+ open queries, \d+ records\nWritten to study.html\n$`, out)
	page := fileText(t, s, "study.html")
	require.Contains(t, page, "Mirror version")
	require.Contains(t, page, "No review queue was given.")
	require.Contains(t, page, "0 changes")
	info, err := os.Stat(filepath.Join(s.dir, "study.html"))
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())

	_, message := s.run(exitFailure, "report", "DEMO", "--out", "study.html")
	require.Contains(t, message, "--replace replaces it")
	require.Equal(t, page, fileText(t, s, "study.html"))
	s.ok("report", "DEMO", "--out", "study.html", "--replace", "--cut", "IA1")
	require.Contains(t, fileText(t, s, "study.html"), "IA1")

	var now, then report.Report
	s.json(&now, "report", "DEMO")
	s.json(&then, "report", "DEMO", "--as-of", number(int64(now.Origin.Version)))
	require.Equal(t, now.Queries, then.Queries)
	require.Equal(t, now.Origin.ServerTime, now.AsOf)
	require.Equal(t, imednet.MirrorVersion(now.Origin.Version), then.Origin.Version)
	require.Nil(t, now.AdverseEvents, "nothing said which form holds them")
	require.NotNil(t, now.DesignChanges)
	s.run(exitNotFound, "report", "DEMO", "--json", "--as-of", "9999")
	s.run(exitNotFound, "report", "DEMO", "--json", "--cut", "IA2")
	s.run(exitNotFound, "report", "NONE", "--json")
	_, message = s.run(exitNotFound, "report", "DEMO", "--out", "other.html", "--ae-form", "AES")
	require.Contains(t, message, "did you mean AE?")
	_, message = s.run(exitNotFound, "report", "DEMO", "--out", "other.html", "--ae-form", "AE", "--ae-severity", "AESEVX", "--ae-serious", "aeserr")
	require.Contains(t, message, "did you mean AESEV")
	for study, code := range map[string]int{"DEMO": exitOK, "OTHER": exitUsage} {
		s.write("events.json", `{"studyKey": "`+study+`", "version": "1.0.0", "mappings": [{"domain": "AE", "targetField": "aeSeverity", "sourceFormKey": "AE", "sourceVariableName": "recordData.AESEV"}]}`)
		out, _ := s.run(code, "report", "DEMO", "--json", "--configuration", "events.json")
		require.Equal(t, code == exitOK, strings.Contains(out, `"severity":"AESEV"`) || strings.Contains(out, `"severity": "AESEV"`), study)
	}
	require.Contains(t, message, "did you mean AESER")
	s.run(exitUsage, "report", "DEMO", "--json", "--ae-severity", "X")
	s.run(exitUsage, "report", "DEMO", "--json", "--as-of", "0")
	s.run(exitNotFound, "report", "DEMO", "--json", "--store", "none.sqlite3")
}

// TestReportCountsTheReviewQueue: the store is read if it exists.
func TestReportCountsTheReviewQueue(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	s.write("findings.json", twoFindings)
	s.ok("triage", "report", "DEMO", "findings.json", "--user", "nightly", "--severity", "LOW")
	var r report.Report
	s.json(&r, "report", "DEMO")
	require.NotNil(t, r.Review)
	require.EqualValues(t, 2, r.Review.Open)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.NotContains(t, string(text), "is before AESTDTC")
}

// TestReportTakesRequirementsOfADictionary: only with one are blank answers called missing.
func TestReportTakesRequirementsOfADictionary(t *testing.T) {
	s := newShell(t)
	s.ok("sync", "DEMO")
	writeExport(s, "export", "DEMO")
	var with, without report.Report
	s.json(&without, "report", "DEMO", "--out", "without.html")
	s.json(&with, "report", "DEMO", "--out", "with.html", "--dictionary", "export")
	require.Contains(t, fileText(t, s, "without.html"), "Blank answers by form")
	require.Contains(t, fileText(t, s, "with.html"), "Missing answers by form")
	require.False(t, without.RequiredKnown)
	for i, m := range with.Missing {
		require.Equal(t, m.Cells, without.Missing[i].Cells)
		require.Equal(t, m.Cells, m.Required, "every question of the export is required")
		require.Zero(t, without.Missing[i].Required)
	}
	s.run(exitNotFound, "report", "DEMO", "--json", "--dictionary", "none")
}
