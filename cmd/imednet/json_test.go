package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/storetest"
)

// TestJSON holds what --json writes, command by command.
func TestJSON(t *testing.T) {
	demo, url, err := startDemo("--study", "OWN", "--records", "500")
	require.NoError(t, err)
	defer func() { require.NoError(t, stopDemo(demo)) }()
	r := &recorder{newShell(t, "IMEDNET_BASE_URL="+url), map[string]schema{}}

	r.reading()
	r.mirror()
	r.marks()
	r.configurations()
	r.reviews()
	r.submissions()
	r.note("demo", demoLine(t))
	r.note("migrate", migrated(t))
	for _, cmd := range leaves() {
		name := strings.TrimPrefix(cmd.CommandPath(), "imednet ")
		if _, exempt := neverAsJSON[cmd.CommandPath()]; !exempt {
			require.Contains(t, r.found, name, "the JSON of this command is held by nothing")
		}
	}
	golden(t, "json.txt", r.text())
}

// migrated is what migrate writes, of which TestMigrateThereAndBack holds the values: that test needs a
// server of PostgreSQL, this one does not.
func migrated(t *testing.T) string {
	out, err := json.Marshal([]movedJSON{{Store: "ledger", File: "ledger.json", Rows: 2}})
	require.NoError(t, err)
	return string(out)
}

func (r *recorder) reading() {
	r.run("studies")
	r.run("version")
	r.bundle("qualified", r.keys(), 2)
	r.run("qualify check", "qualified")
	r.run("probe", "OWN", "--pause", "0s")
	for _, command := range []string{"records extract", "workflows extract-records"} {
		r.run(command, "OWN", "--include-deleted")
	}
	for _, command := range []string{"subject", "subject-data"} {
		r.run(command, "OWN", "01-001", "--revisions", "--codings")
	}
	r.run("queries open", "OWN")
	r.run("queries list", "OWN")
	r.run("records list", "OWN", "--form", "AE", "--columns", "record,subject,site,visitId,status,deleted,AETERM")
	r.run("queries site", "OWN", "Site 01")
	r.run("queries subject", "OWN", "01-001")
	r.run("queries counts", "OWN")
	r.run("queries metrics", "OWN", "--as-of", "2025-09-01")
	design := r.run("structure show", "OWN")
	r.write("design.json", strings.Replace(design, `"AESEV"`, `"AEGRADE"`, 1))
	r.exits(exitDiffers, "structure compare", "design.json", "OWN")
	r.exits(exitDiffers, "structure compare", "design.json", "OWN", "--impact")
	r.run("profile", "OWN", "--show-values")
	writeExport(r.shell, "design", "OWN")
	r.run("dictionary read", "design")
	r.run("dictionary validate", "design")
	r.run("dictionary list", "design")
	r.run("dictionary diff", "design", "design")
	r.run("dictionary uat", "design")
	r.run("dictionary check", "OWN", "--dictionary", "design")
	r.run("dictionary survey", "OWN", "--dictionary", "design")
	writeExport(r.shell, "other", "OWN")
	r.write("other/QUESTIONS.csv", strings.Replace(r.read("other/QUESTIONS.csv"), ",AETERM,", ",aeterm,", 1))
	r.run("dictionary join", "OWN", "--dictionary", "other")
	r.run("dictionary commit", "OWN", "design", "--author", "anna", "-m", "as built")
	r.run("dictionary log", "OWN")
	r.run("dictionary save", "store:OWN@1", "saved")
	r.run("export", "OWN", "--dir", "out")
	r.formats()

	configuration, err := os.ReadFile(filepath.Join("..", "..", "examples", "safety", "demo.json"))
	require.NoError(r.t, err)
	r.write("own.json", strings.ReplaceAll(string(configuration), `"DEMO"`, `"OWN"`))
	r.exits(exitInvalid, "extract", "--configuration", "own.json")
	r.run("explain", "--configuration", "own.json", "--subject", "01-001")
	r.exits(exitInvalid, "validate", "--configuration", "own.json")
}

func (r *recorder) formats() {
	names := r.run("formats names", "out")
	r.write("names.json", names)
	flags := []string{"out", "--names", "names.json", "--accept-rejected", "--escape-controls", "--split-texts"}
	r.run("formats export", append(flags, "--to", "agency")...)
	r.run("formats export", append(flags, "--to", "internal", "--formats", "ndjson", "--numeric-dates")...)
	r.run("formats odm", "out", "--to", "odm.xml", "--accept-rejected", "--escape-controls")
	r.exits(exitDiffers, "formats diff", "agency/ae.xpt", "internal/ae.ndjson", "--values", "--key", "RECID")
}

func (r *recorder) mirror() {
	r.run("sync", "OWN")
	r.run("report", "OWN", "--out", "report.html")
	r.run("worker", "OWN", "--once")
	r.run("workflows sync-worker", "OWN", "--once")
	r.note("worker", r.events("worker"))
	r.note("workflows sync-worker", r.events("workflows", "sync-worker"))
	r.run("formats odm-audit", "OWN", "--to", "audit.xml", "--accept-rejected", "--escape-controls")
	r.run("changes", "OWN", "--form", "AE")
	r.run("who", "OWN", "--subject", "01-001", "--form", "AE", "--variable", "AETERM")
	r.run("cache status")
	r.run("cache verify", "OWN")
	r.run("cache history", "OWN", "100002")
	r.run("warehouse ingest", "OWN")
	r.run("warehouse silver", "OWN")
	r.run("warehouse query", "SELECT 1 AS n, 'a' AS text, NULL AS nothing, true AS yes, DATE '2026-01-31' AS day")
	r.plan()
	r.run("cache cut", "OWN", "--name", "first")
	r.run("cache cuts", "OWN")
	r.run("cache verify-cut", "OWN", "--name", "first")
	r.run("cache purge", "OWN", "--study", "--break-cuts", "--reason", "ended", "--key", "private.pem")
	r.run("cache verify-purges")
	r.write("policy.yaml", "roles: {archivist: [mirror.purge]}\nusers: {anna: {roles: [archivist]}}\ntwoPersons: {config: required}\nsignatures: {mirror: required}\n")
	r.run("policy check", "policy.yaml")
}

// plan is made with one data set more than it keeps, and with an output that fails.
func (r *recorder) plan() {
	const text = "name: nightly\nevery: 6h\nstudies: [OWN]\nexports:\n  - {name: tables, dir: plan, keep: 1}\n  - {name: blocked, dir: own.json}\n" +
		"extracts:\n  - {name: safety, dir: plan-safety, configuration: own.json}\n"
	r.write("study.yaml", text)
	r.exits(exitFailure, "refresh", "--plan", "study.yaml")
	require.NoError(r.t, os.CopyFS(filepath.Join(r.dir, "plan/v000001"), os.DirFS(filepath.Join(r.dir, "plan", "v"+r.version()))))
	r.run("plan", "--plan", "study.yaml")
	r.exits(exitFailure, "refresh", "--plan", "study.yaml")
	r.write("paused.yaml", "name: paused\nstudies: [OWN]\nonDesignChange: pause\n")
	r.run("refresh", "--plan", "paused.yaml")
	r.run("plan acknowledge", "OWN", "--version", strings.TrimLeft(r.version(), "0"), "--plan", "paused.yaml")
}

// version is that of the mirror, as directories have it.
func (r *recorder) version() string {
	entries, err := os.ReadDir(filepath.Join(r.dir, "plan"))
	require.NoError(r.t, err)
	return strings.TrimPrefix(entries[0].Name(), "v")
}

// events are the lines that a worker writes until it has synced.
func (r *recorder) events(command ...string) string {
	r.t.Helper()
	cmd := r.command(append(command, "OWN", "--json")...)
	out, err := cmd.StdoutPipe()
	require.NoError(r.t, err)
	require.NoError(r.t, cmd.Start())
	var all strings.Builder
	decoder := json.NewDecoder(out)
	interrupted := false
	for {
		var line json.RawMessage
		if err := decoder.Decode(&line); err != nil {
			break
		}
		all.Write(append(line, '\n'))
		if strings.Contains(string(line), `"synced"`) && !interrupted {
			interrupted = true
			require.NoError(r.t, cmd.Process.Signal(os.Interrupt))
		}
	}
	require.NoError(r.t, cmd.Wait())
	noteRun(append(command, "--json"))
	return all.String()
}

func (r *recorder) marks() {
	for _, state := range []string{"state", "workflows state"} {
		r.run(state+" set", "-s", "OWN", "-m", "records", "-t", "2026-01-31", "-r", "7", "-l", "marks.json")
		r.run(state+" show", "-l", "marks.json")
		r.run(state+" verify", "-l", "marks.json")
		r.write("backup.json", r.run(state+" export", "-l", "marks.json"))
		r.run(state+" import", "backup.json", "-l", "marks.json")
		r.run(state+" reset", "-s", "OWN", "-l", "marks.json")
		r.run(state+" restore", "-l", "marks.json", "--reason", "by mistake")
	}
}

func (r *recorder) configurations() {
	r.write("a.json", `{"studyKey": "OWN", "version": "1.0.0"}`)
	r.write("b.json", `{"studyKey": "OWN", "version": "1.1.0", "phiFields": ["DM.BRTHDTC"]}`)
	a := r.member(r.run("config commit", "OWN", "a.json", "--author", "anna", "-m", "first"), "commitId")
	b := r.member(r.run("config commit", "OWN", "b.json", "--author", "anna", "-m", "second"), "commitId")
	r.keys()
	r.run("config review", "OWN", b, "--author", "bert", "-m", "read")
	r.run("config approve", "OWN", b, "--author", "bert", "-m", "for use")
	r.run("config sign", "OWN", b, "--author", "bert", "--meaning", "approval", "--key", "private.pem")
	r.run("config import", "--author", "chris")
	r.run("config export", "--dir", "config-copy")
	r.run("config log", "OWN")
	r.run("config diff", a, b)
	r.run("config rollback", "OWN", a)
	r.run("config verify", "--public-key", "public.pem")
}

func (r *recorder) reviews() {
	r.write("found.json", twoFindings)
	r.run("triage report", "OWN", "found.json", "--user", "nightly")
	item := r.member(r.run("triage claim", "--next", "OWN", "--user", "anna"), "item_id")
	r.run("triage annotate", item, "asked the site", "--user", "anna")
	r.run("triage assign", item, "anna", "--user", "anna")
	r.run("triage status", item, "under_review", "--user", "anna", "--comment", "looks wrong")
	r.run("triage release", item, "--user", "anna")
	r.run("triage status", item, "resolved", "--user", "anna", "--comment", "corrected")
	var confirmed struct{ Version int64 }
	require.NoError(r.t, json.Unmarshal([]byte(r.run("triage confirm", item, "--user", "bert", "--comment", "seen")), &confirmed))
	r.keys()
	r.run("triage sign", item, "--version", number(confirmed.Version), "--user", "bert", "--meaning", "approval", "--key", "private.pem")
	r.run("triage show", item)
	r.run("triage queue", "OWN")
	r.run("triage log")
	r.run("triage verify")
	storetest.Exec(r.t, filepath.Join(r.dir, "python.sqlite3"), `CREATE TABLE triage_items (item_id TEXT PRIMARY KEY, study_key TEXT NOT NULL,
		status TEXT NOT NULL, assignee TEXT, severity TEXT NOT NULL); INSERT INTO triage_items VALUES ('a', 'S', 'NEW', NULL, 'HIGH')`)
	r.run("triage export", "--dir", "triage-copy")
	r.run("triage import", "--store", "python.sqlite3", "--user", "chris")
}

func (r *recorder) submissions() {
	r.write("new.json", `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`)
	r.run("submit records", "OWN", "new.json", "--dry-run")
	sent := r.run("submit records", "OWN", "new.json")
	r.run("jobs wait", "OWN", r.member(sent, "batches", 0, "batchId"), "--interval", "10ms", "--results")
	r.run("submit list", "OWN", "--open")
	r.run("submit show", "OWN", r.member(sent, "submissionId"))
	r.run("submit settle", "OWN", r.member(sent, "submissionId"))
	r.run("submit resume", "OWN")
	refusedAgain := r.exits(exitBusy, "submit records", "OWN", "new.json")
	require.Contains(r.t, refusedAgain, `"olderItem": 1`)
	again := r.run("submit records", "OWN", "new.json", "--again")
	r.run("submit discard", "OWN", r.member(again, "submissionId"), "--reason", "looked at by hand")
	r.write("lost.json", `[{"formKey": "AE", "subjectKey": "99-999", "data": {"AETERM": "Headache"}}]`)
	refused := r.exits(exitInvalid, "submit records", "OWN", "lost.json", "--wait", "--interval", "10ms")
	r.run("submit resend", "OWN", r.member(refused, "submissionId"), "--refused", "--settle-delay", "20ms")
	r.run("submit verify")
	r.run("submit export", "--dir", "submit-copy")
	r.write("subjects.json", `[{"formKey": "DM", "siteName": "Site 01", "data": {"AGE": 41}}]`)
	r.run("submit register", "OWN", "subjects.json", "--wait", "--interval", "10ms")
	r.run("backup", "copy")
	r.run("heads", "--heads", "kept", "--heads-key", "private.pem")
	r.run("submit verify", "--heads", "kept", "--public-key", "public.pem")
}

// demoLine is what `imednet demo --json` announces.
func demoLine(t *testing.T) string {
	t.Helper()
	s := newShell(t)
	cmd := s.command("demo", "--json")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var line json.RawMessage
	require.NoError(t, json.NewDecoder(out).Decode(&line))
	require.NoError(t, stopDemo(cmd))
	noteRun([]string{"demo", "--json"})
	return string(line)
}
