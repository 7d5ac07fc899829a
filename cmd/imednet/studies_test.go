package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/workflows/profiles"
	"github.com/imednetgo/imednet/workflows/queries"
	"github.com/imednetgo/imednet/workflows/structure"
)

func TestQueries(t *testing.T) {
	s := newShell(t)
	var counts queries.StateCounts
	s.json(&counts, "queries", "counts", "DEMO")
	require.Equal(t, queries.StateCounts{Open: 6, Closed: 7, Unknown: 5}, counts)

	var rows []struct{ AnnotationID int64 }
	s.json(&rows, "queries", "open", "DEMO")
	require.Len(t, rows, 6)
	s.json(&rows, "queries", "site", "DEMO", "Site 01")
	require.Len(t, rows, 7)
	s.json(&rows, "queries", "subject", "DEMO", "01-001")
	require.Len(t, rows, 2)
	for _, format := range [][]string{nil, {"--json"}, {"--format", "csv"}, {"--state", "open"}} {
		out, problem := s.run(exitNotFound, append([]string{"queries", "subject", "DEMO", "nobody"}, format...)...)
		require.Empty(t, out)
		require.Contains(t, problem, "no such subject")
	}
	s.json(&rows, "queries", "subject", "DEMO", "01-001", "--older-than", "20000d")
	require.Empty(t, rows)
	require.Equal(t, "0 queries\n", s.ok("queries", "subject", "DEMO", "01-001", "--older-than", "20000d"), "no header over nothing")

	var metrics queries.Metrics
	s.json(&metrics, "queries", "metrics", "DEMO", "--as-of", "2025-09-01")
	require.Equal(t, counts, metrics.Total.States)
	lines := strings.Split(s.ok("queries", "metrics", "DEMO", "--as-of", "2025-09-01"), "\n")
	require.Equal(t, []string{"SITE", "OPEN", "CLOSED", "UNKNOWN"}, strings.Fields(lines[0])[:4])
	require.Equal(t, []string{"total", "6", "7", "5"}, strings.Fields(lines[len(lines)-4])[:4])
}

func TestRecordsExtract(t *testing.T) {
	s := newShell(t)
	var rows []struct {
		RecordID int64
		FormKey  string
	}
	s.json(&rows, "records", "extract", "DEMO", "--record-filter", "formKey=VS", "--subject-filter", "siteName=Site 01")
	require.Len(t, rows, 23)
	require.Equal(t, "VS", rows[0].FormKey)
	var later []struct{ RecordID int64 }
	s.json(&later, "records", "extract", "DEMO", "--record-filter", "formKey=VS", "--record-filter", "recordId>100100")
	require.NotEmpty(t, later)
	for _, row := range later {
		require.Greater(t, row.RecordID, int64(100100))
	}
	out := s.ok("records", "extract", "DEMO", "--record-filter", "formKey=VS", "--subject-filter", "siteName=Site 01")
	require.True(t, strings.HasPrefix(out, "Extracting records for study 'DEMO'...\nRECORD  FORM"), out)
	require.True(t, strings.HasSuffix(out, "Found 23 matching records; 23 read, 0 deleted (0 with their subject) and 0 others left out.\n"), out)
	require.Equal(t, "Extracting records for study 'DEMO'...\nNo records found matching the criteria.\n",
		s.ok("records", "extract", "DEMO", "--record-filter", "formKey=NOPE"))
	all, deleted := s.csv("records", "list", "DEMO", "--form", "AE", "--include-deleted"), []string{}
	for _, row := range all {
		if row["deleted"] == "true" {
			deleted = append(deleted, row["record"])
		}
	}
	require.NotEmpty(t, deleted)
	events := []string{"records", "extract", "DEMO", "--record-filter", "formKey=AE"}
	require.Contains(t, s.ok(events...), fmt.Sprintf("\nFound %d matching records; %d read, %d deleted (0 with their subject) and 0 others left out.\n", len(all)-len(deleted), len(all), len(deleted)))
	one := append(events, "--record-filter", "recordId="+deleted[0])
	require.Contains(t, s.ok(one...), "\nFound 0 matching records; 1 read, 1 deleted (0 with their subject) and 0 others left out.\n")
	for _, format := range [][]string{{"--format", "csv"}, {"--json"}} {
		_, note := s.run(exitOK, append(events, format...)...)
		require.Equal(t, fmt.Sprintf("%d deleted records left out; --include-deleted lists them\n", len(deleted)), note, format)
	}
	_, note := s.run(exitOK, "records", "extract", "DEMO", "--subject-filter", "deleted=true")
	require.Regexp(t, `^[1-9]\d* deleted subjects and 0 deleted visits match and were left out; --include-deleted takes theirs\n$`, note)
}

func TestStudies(t *testing.T) {
	s := newShell(t)
	require.Contains(t, s.ok("studies"), "STUDY  NAME")
	var studies []struct{ StudyKey string }
	s.json(&studies, "studies")
	require.Len(t, studies, 1)
	require.Equal(t, "DEMO", studies[0].StudyKey)
	_, problem := newShell(t, "IMEDNET_API_KEY=wrong").run(exitAuth, "studies")
	require.Contains(t, problem, "check IMEDNET_API_KEY")
}

// TestStudiesOfTheMirror: the studies that were mirrored are listed like the server lists them, without asking it.
func TestStudiesOfTheMirror(t *testing.T) {
	s := newShell(t)
	_, problem := s.run(exitNotFound, "studies", "--cached")
	require.Contains(t, problem, "`imednet sync STUDY` creates the mirror")
	s.ok("sync", "DEMO")
	listed := s.ok("studies", "--format", "csv")
	require.Contains(t, listed, "DEMO,")
	s.env = append(s.env, "IMEDNET_BASE_URL=http://127.0.0.1:1")
	require.Equal(t, listed, s.ok("studies", "--cached", "--format", "csv"))
}

func TestSubjectAndStructure(t *testing.T) {
	s := newShell(t)
	var data struct {
		Subject struct{ SubjectKey string }
		Records []json.RawMessage
	}
	s.json(&data, "subject", "DEMO", "01-001")
	require.Equal(t, "01-001", data.Subject.SubjectKey)
	require.NotEmpty(t, data.Records)
	require.Contains(t, s.ok("subject", "DEMO", "01-001"), "Subject 01-001, Site 01")

	require.True(t, strings.HasPrefix(s.ok("structure", "show", "DEMO"), "DEMO\n├── intervals"))
	design := s.ok("structure", "show", "DEMO", "--json")
	s.write("design.json", design)
	require.Equal(t, "No changes.\n", s.ok("structure", "compare", "design.json", "DEMO"))
	s.write("earlier.json", strings.Replace(design, `"AESEV"`, `"AEGRADE"`, 1))
	var changes []structure.Change
	out, _ := s.run(exitDiffers, "structure", "compare", "earlier.json", "DEMO", "--json")
	require.NoError(t, json.Unmarshal([]byte(out), &changes))
	require.Len(t, changes, 1)
	s.run(exitNotFound, "structure", "compare", "missing.json", "DEMO")
}

func TestMirror(t *testing.T) {
	s := newShell(t)
	require.True(t, strings.HasPrefix(s.ok("sync", "DEMO"), "Synced 497 cached records for study 'DEMO'.\n  500 received: 500 added"))
	var reports []reportJSON
	s.json(&reports, "sync", "DEMO", "--sweep")
	require.Len(t, reports, 1)
	require.Equal(t, int64(500), reports[0].Unchanged)
	require.True(t, reports[0].Swept)

	var status []statusJSON
	s.json(&status, "cache", "status")
	require.Equal(t, countsJSON{Active: 497, Deleted: 3}, status[0].Records)
	require.True(t, status[0].Whole)
	var verified struct {
		OK       bool
		Compared int64
	}
	s.json(&verified, "cache", "verify", "DEMO")
	require.True(t, verified.OK)
	require.Equal(t, int64(500), verified.Compared)
	var history []struct{ State string }
	s.json(&history, "cache", "history", "DEMO", "100002")
	require.Equal(t, "active", history[0].State)
	s.run(exitNotFound, "cache", "history", "DEMO", "1")
	s.run(exitNotFound, "cache", "status", "OTHER")

	require.Contains(t, s.ok("worker", "DEMO", "--once", "--stream", "mirror"), "Synced 497 cached records for study 'DEMO'.")
	require.Contains(t, s.ok("state", "show"), "DEMO | mirror | ")

	offline := newShell(t, "IMEDNET_API_KEY=", "IMEDNET_SECURITY_KEY=")
	mirror := filepath.Join(s.dir, ".imednet", "cache", "records_cache.sqlite3")
	require.Contains(t, offline.ok("structure", "show", "DEMO", "--cached", "--cache", mirror), "Demographics")
	require.Contains(t, offline.ok("profile", "DEMO", "--cached", "--cache", mirror), "497 records; 3 deleted ones left out")

	var purged map[string]any
	s.json(&purged, "cache", "purge", "DEMO", "--study", "--reason", "ended")
	require.InDelta(t, 500, purged["records"].(float64)+purged["tombstones"].(float64), 0)
	s.run(exitNotFound, "cache", "status", "DEMO")
}

func TestProfile(t *testing.T) {
	s := newShell(t)
	profile, err := profiles.Read(strings.NewReader(s.ok("profile", "DEMO", "--json")))
	require.NoError(t, err)
	require.Equal(t, int64(497), profile.Records)
	require.True(t, strings.HasPrefix(strings.ToLower(s.ok("profile", "DEMO", "--html")), "<!doctype html>"))
}

func TestJobsWait(t *testing.T) {
	demo, url, err := startDemo("--study", "OWN")
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(url))
	require.NoError(t, err)
	job, err := client.SubmitRecords(t.Context(), "OWN",
		[]imednet.Submission{{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "Headache"}}}, imednet.SubmitOptions{})
	require.NoError(t, err)

	s := newShell(t, "IMEDNET_BASE_URL="+url)
	batch := job.BatchID.Or("")
	var jobs []jobJSON
	s.json(&jobs, "jobs", "wait", "OWN", batch, "--interval", "10ms", "--results")
	require.Equal(t, "completed", jobs[0].State, "as the server wrote it")
	require.Contains(t, s.ok("jobs", "wait", "OWN", batch), batch+"  completed")
	_, problem := s.run(exitFailure, "jobs", "wait", "OWN", "unknown", "--interval", "10ms", "--timeout", "50ms")
	require.Contains(t, problem, "run the same command again")
}

func TestTriage(t *testing.T) {
	s := newShell(t)
	path := filepath.Join(s.dir, ".imednet", "triage.sqlite3")
	store, err := triage.NewTriageStore(t.Context(), path)
	require.NoError(t, err)
	_, err = store.UpsertItem(t.Context(), triage.ItemUpsert{ItemID: "item-1", StudyKey: "DEMO", UserID: "check", Severity: "HIGH", Summary: "end before start\x1b[31m"})
	require.NoError(t, err)
	require.NoError(t, store.Close())

	var items []triage.Item
	s.json(&items, "triage", "queue", "DEMO", "--status", "new")
	require.Len(t, items, 1)
	out := s.ok("triage", "queue", "DEMO")
	require.Contains(t, out, "end before start·[31m", "data cannot colour the terminal")
	s.ok("triage", "assign", "item-1", "anna", "--user", "bert")
	s.ok("triage", "status", "item-1", "under_review", "--user", "anna")
	s.run(exitBusy, "triage", "status", "item-1", "resolved", "--user", "anna", "--version", "1")
	s.ok("triage", "annotate", "item-1", "asked the site", "--user", "anna")
	out = s.ok("triage", "show", "item-1")
	require.Contains(t, out, "assignee  anna\n")
	require.Contains(t, out, "anna  NEW → UNDER_REVIEW")
	require.Contains(t, out, "“asked the site”")
	s.run(exitNotFound, "triage", "show", "item-2")
	require.Contains(t, s.ok("triage", "verify"), "4 entries: intact\nhead ")
}

func TestConfig(t *testing.T) {
	s := newShell(t)
	s.write("a.json", `{"studyKey": "S1", "version": "1.0.0"}`)
	s.write("b.json", `{"studyKey": "S1", "version": "1.1.0", "phiFields": ["DM.BRTHDTC"]}`)
	var a, b entryJSON
	s.json(&a, "config", "commit", "S1", "a.json", "--author", "anna", "-m", "first")
	require.Equal(t, "47e68f7f7ce753c1c60120fb4e425fd3edb61f8888b3e98252d4ef079b2500a8", a.CommitID)
	s.json(&b, "config", "commit", "S1", "b.json", "--author", "anna", "-m", "second")
	s.run(exitBusy, "config", "commit", "S1", "b.json", "--author", "anna", "-m", "again")
	s.write("bad.json", `{"studyKey": 1}`)
	s.run(exitInvalid, "config", "commit", "S1", "bad.json", "--author", "anna", "-m", "bad")

	var entries []entryJSON
	s.json(&entries, "config", "log", "S1")
	require.Equal(t, []string{"second", "first"}, []string{entries[0].Reason, entries[1].Reason})
	require.Contains(t, s.ok("config", "diff", a.CommitID, b.CommitID), "DM.BRTHDTC")
	require.Contains(t, s.ok("config", "rollback", "S1", a.CommitID), `"version": "1.0.0"`)
	s.run(exitNotFound, "config", "rollback", "S1", strings.Repeat("0", 64))
	require.Contains(t, s.ok("config", "verify"), "2 entries, 2 configurations: intact\nhead ")
	info, err := os.Stat(filepath.Join(s.dir, ".imednet", "config_versions.sqlite3"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestQueriesOfASiteByAge(t *testing.T) {
	s := newShell(t)
	var all, old []struct{ AnnotationID int64 }
	s.json(&all, "queries", "open", "DEMO", "--site", "Site 01")
	require.NotEmpty(t, all)
	s.json(&old, "queries", "open", "DEMO", "--site", "Site 01", "--older-than", "36500d")
	require.Empty(t, old)
	s.json(&old, "queries", "site", "DEMO", "Site 01", "--state", "open", "--older-than", "1h")
	require.Equal(t, all, old)
	s.run(exitUsage, "queries", "open", "DEMO", "--older-than", "a month")
	s.run(exitUsage, "queries", "open", "DEMO", "--older-than", "-1d")
	s.run(exitNotFound, "queries", "open", "DEMO", "--site", "Site 99")
}
