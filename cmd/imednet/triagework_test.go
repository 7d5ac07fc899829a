package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/triage"
)

// twoFindings are a check's, of different severity.
const twoFindings = `[
	{"code": "own-rule", "recordId": 100002, "formKey": "AE", "field": "AESEV", "message": "is not graded"},
	{"code": "dates", "severity": "HIGH", "recordId": 100003, "formKey": "AE", "field": "AEENDTC", "message": "is before AESTDTC"}]`

func TestTriageFromReportToRelease(t *testing.T) {
	s := newShell(t)
	s.write("found.json", twoFindings)
	var reported reportedJSON
	s.json(&reported, "triage", "report", "DEMO", "found.json", "--user", "nightly", "--severity", "LOW")
	require.Equal(t, 2, reported.Created)
	require.Equal(t, "2 findings: 0 new, 0 updated, 2 unchanged, 0 found again after being resolved\n",
		s.ok("triage", "report", "DEMO", "found.json", "--user", "nightly", "--severity", "LOW"), "nothing twice")

	var item, next triage.Item
	s.json(&item, "triage", "claim", "--next", "DEMO", "--order", "severity", "--user", "anna", "--lease", "2h")
	require.Equal(t, "HIGH", item.Severity)
	require.Equal(t, "anna", item.ClaimedBy)
	require.InDelta(t, 2, item.ClaimUntil.Sub(item.UpdatedAt).Hours(), 0.01)
	s.json(&next, "triage", "claim", "--next", "DEMO", "--order", "severity", "--user", "bert")
	require.Equal(t, "LOW", next.Severity, "nobody gets what somebody holds")
	s.run(exitNotFound, "triage", "claim", "--next", "DEMO", "--user", "carl")

	s.run(exitBusy, "triage", "claim", item.ItemID, "--user", "bert")
	s.run(exitBusy, "triage", "release", item.ItemID, "--user", "bert")
	s.run(exitBusy, "triage", "status", item.ItemID, "under_review", "--user", "bert")
	require.Contains(t, s.ok("triage", "show", item.ItemID), "claimed   by anna until ")
	require.NotContains(t, s.ok("triage", "release", item.ItemID, "--user", "anna"), "claimed")
	require.Contains(t, s.ok("triage", "claim", item.ItemID, "--user", "bert"), "claimed   by bert until ")

	s.ok("triage", "status", item.ItemID, "under_review", "--user", "bert")
	s.ok("triage", "status", item.ItemID, "resolved", "--user", "bert", "--comment", "site confirmed")
	s.json(&reported, "triage", "report", "DEMO", "found.json", "--user", "nightly", "--severity", "LOW")
	require.Equal(t, 1, reported.Regressed, "what is found again is reopened")
}

func TestTriageReportReadsWhatExtractWrites(t *testing.T) {
	s := newShell(t)
	configuration, err := os.ReadFile(filepath.Join("..", "..", "examples", "safety", "demo.json"))
	require.NoError(t, err)
	s.write("demo.json", string(configuration))
	text := s.invalid("extract", "--configuration", "demo.json", "--json")
	report := s.command("triage", "report", "DEMO", "-", "--user", "nightly")
	report.Stdin = strings.NewReader(text)
	out, err := report.Output()
	require.NoError(t, err)
	require.Regexp(t, `^[1-9][0-9]* findings: [1-9][0-9]* new, 0 updated, 0 unchanged`, string(out))
}

func TestTriageReportRefuses(t *testing.T) {
	s := newShell(t)
	s.write("bad.json", `{"findings": [{"code": "c", "message": "01-001 is pregnant", "sevrity": "HIGH"}]}`)
	_, problem := s.run(exitInvalid, "triage", "report", "DEMO", "bad.json", "--user", "nightly")
	require.Contains(t, problem, "findings[0]")
	require.NotContains(t, problem, "pregnant")
	s.run(exitNotFound, "triage", "report", "DEMO", "missing.json", "--user", "nightly")
	_, problem = s.run(exitNotFound, "triage", "queue", "DEMO")
	require.Contains(t, problem, "`imednet triage report STUDY FILE` creates the review queue", "a refused report made no file")
}

func TestTriageLog(t *testing.T) {
	s := newShell(t)
	s.write("found.json", twoFindings)
	s.ok("triage", "report", "DEMO", "found.json", "--user", "nightly")
	var item triage.Item
	s.json(&item, "triage", "claim", "--next", "DEMO", "--user", "anna")
	s.ok("triage", "assign", item.ItemID, "bert", "--user", "anna", "--comment", "knows the site")

	var entries []logJSON
	s.json(&entries, "triage", "log")
	require.Len(t, entries, 4)
	require.Equal(t, []triage.Kind{triage.KindCreated, triage.KindCreated, triage.KindClaimed, triage.KindAssigned},
		[]triage.Kind{entries[0].Kind, entries[1].Kind, entries[2].Kind, entries[3].Kind})
	s.json(&entries, "triage", "log", "--item", item.ItemID, "--after", "3")
	require.Len(t, entries, 1)
	require.Equal(t, "bert", *entries[0].Change.Assignee)
	out := s.ok("triage", "log", "--study", "DEMO")
	require.Contains(t, out, "assigned to bert, “knows the site”\n")
	require.True(t, strings.HasSuffix(out, "\n4 entries\n"), out)
}

func TestConfigCommitIfHead(t *testing.T) {
	s := newShell(t)
	s.write("a.json", `{"studyKey": "S1", "version": "1.0.0"}`)
	s.write("b.json", `{"studyKey": "S1", "version": "1.1.0"}`)
	commit := func(code int, file, head string) (string, string) {
		return s.run(code, "config", "commit", "S1", file, "--author", "anna", "-m", "why", "--if-head", head)
	}
	commit(exitOK, "a.json", "none")
	_, problem := commit(exitBusy, "b.json", "none")
	require.Contains(t, problem, "Hint: `imednet config log S1` shows what has been committed meanwhile\n")
	var entries []entryJSON
	s.json(&entries, "config", "log", "S1")
	commit(exitOK, "b.json", entries[0].CommitID)
	commit(exitBusy, "a.json", entries[0].CommitID)
	commit(exitUsage, "a.json", "")
}

// TestNothingEmpty holds what happens to a script whose variable is not set.
func TestNothingEmpty(t *testing.T) {
	s := newShell(t)
	s.ok("state", "set", "-s", "S", "-m", "m", "-t", "2026-01-01")
	for _, line := range [][]string{
		{"state", "reset", "-s", "S", "-m", ""}, {"triage", "verify", "--head", ""}, {"config", "verify", "--head", ""},
		{"sync", ""}, {"records", "extract", "DEMO", "--record-filter", ""}, {"export", "DEMO", "--dir", "out", "--forms", ""},
		{"triage", "claim", "--next", "", "--user", "anna"}, {"subject", "DEMO", ""},
	} {
		_, problem := s.run(exitUsage, line...)
		require.Contains(t, problem, "is empty", line)
	}
	require.Contains(t, s.ok("state", "show"), "S | m |")
}
