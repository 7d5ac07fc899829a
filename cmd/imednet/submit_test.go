package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

const headache = `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`

// desk is a shell beside a server whose study can be looked at.
type desk struct {
	*shell
	study  *imednettest.Study
	server *imednettest.Server
}

func newDesk(t *testing.T) *desk {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "OWN", Records: 300})
	server := imednettest.NewServer(study)
	return &desk{newShell(t, "IMEDNET_BASE_URL="+imednettest.Start(t, server)), study, server}
}

// posted is how many records the server took.
func (d *desk) posted() int {
	n := 0
	for _, sub := range d.study.Submissions() {
		n += len(sub.Items)
	}
	return n
}

var hintCommand = regexp.MustCompile("`imednet (submit [^`]*)`")

// follow runs the first command that a hint names.
func (d *desk) follow(code int, problem string) (out string) {
	d.t.Helper()
	found := hintCommand.FindStringSubmatch(problem)
	require.NotEmpty(d.t, found, problem)
	require.NotContains(d.t, found[1], "STUDY", "a hint that can be typed as it is")
	args := strings.Fields(strings.ReplaceAll(found[1], "…", "handled"))
	if slices.Contains(args, "--wait") {
		args = append(args, "--interval", "10ms", "--timeout", "2s", "--settle-delay", "20ms")
	}
	out, _ = d.run(code, args...)
	return out
}

func TestSubmit(t *testing.T) {
	d := newDesk(t)
	d.write("new.json", headache)
	var dry []dryRunBatchJSON
	d.json(&dry, "submit", "records", "OWN", "new.json", "--dry-run")
	require.Len(t, dry, 1)
	require.JSONEq(t, headache, string(dry[0].Payload))
	require.Equal(t, []imednet.SubmissionKind{imednet.NewRecord}, dry[0].Kinds)

	var receipt receiptJSON
	d.json(&receipt, "submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms")
	require.Equal(t, "completed", receipt.Batches[0].State)
	item := receipt.Items[0]
	require.Equal(t, []any{submissions.Standing, 1, 1, "AE", true}, []any{item.State, item.Item, item.Line, item.FormKey, item.Closed})
	require.Positive(t, item.RecordID)
	require.Equal(t, "No open submissions.\n", d.ok("submit", "resume", "OWN"))

	out := d.ok("submit", "records", "OWN", "new.json", "--again", "--author", "bert")
	require.Contains(t, out, "1 record: 1 accepted\n")
	require.Contains(t, out, "Accepted does not mean stored")
	require.Contains(t, d.follow(exitOK, out), "1 record: 1 standing")
	require.Equal(t, 2, d.study.StoredItems())

	var listed []submissionJSON
	d.json(&listed, "submit", "list", "OWN", "--state", "standing", "--newer-than", "1h")
	require.Len(t, listed, 2)
	require.Equal(t, []any{"bert (claimed)", "new.json", 1, 0}, []any{listed[1].Author, listed[1].Source, listed[1].Records, listed[1].Open})
	require.NotEmpty(t, listed[0].Author, "the user of this computer")
	require.Contains(t, d.ok("submit", "list"), "1 standing")
	require.Equal(t, "No matching submissions.\n", d.ok("submit", "list", "OWN", "--older-than", "1h"))
	require.Equal(t, "No matching submissions.\n", d.ok("submit", "list", "OWN", "--open"))
	d.run(exitUsage, "submit", "list", "--state", "gone")
	shown := d.ok("submit", "show", "OWN", listed[0].SubmissionID)
	require.Contains(t, shown, "new record")
	require.NotContains(t, shown, "Headache")
	d.run(exitNotFound, "submit", "show", "OTHER", listed[0].SubmissionID)

	d.write("subjects.json", `[{"formKey": "DM", "siteName": "Site 01", "data": {"AGE": 41}}]`)
	var registered receiptJSON
	d.json(&registered, "submit", "register", "OWN", "subjects.json", "--wait", "--interval", "10ms")
	require.Equal(t, "Site 01", registered.Subjects[0].SiteName)
}

func TestTheInputOfASubmission(t *testing.T) {
	d := newDesk(t)
	for text, problem := range map[string]string{
		``:                                     "bad.json: the file is empty",
		" \n":                                  "bad.json: the file is empty",
		`{}`:                                   "line 1: not a JSON array of records with the members data, ",
		`"Headache"`:                           "line 1: not a JSON array of records",
		`Headache`:                             "line 1, column 1: not JSON from here on",
		`[]`:                                   "line 1: there are no records in the array",
		`[] []`:                                "line 1, column 4: something follows the array of records",
		headache + "\n\n Headache":             "line 3, column 2: something follows the array of records",
		"\ufeff" + headache:                    "line 1: the file begins with a byte order mark: save it as UTF-8 without one",
		"\xff\xfe[\x00]\x00":                   "line 1, column 1: not JSON from here on",
		strings.TrimSuffix(headache, "]"):      "line 1: the JSON ends in the middle",
		strings.TrimSuffix(headache, `"}}]`):   "line 1: the JSON ends in the middle",
		`[{"formKey": "AE", "formKey": "DM"}]`: "line 1, item 1: member formKey is given twice",
		`[{"formKey": "AE", "data": {}, "data": {"AETERM": "Headache"}}]`: "line 1, item 1: member data is given twice",
		`[{"formKey": "AE", "nope": 1}]`:                                  "line 1, item 1: member 2 of the record is unknown",
		"[\n1]":                                                           "line 2, item 1: not an object",
		`[[]]`:                                                            "line 1, item 1: not an object",
		"[{\"formKey\": \"AE\", \"subjectKey\": \"01-001\", \"data\": {}},\n{\"formKey\": \"AE\", \"subjectKey\": \"01-001\"}]":   "line 2, item 2: member data is missing",
		`[{"formKey": "AE", "subjectKey": "01-001", "data": []}]`:                                                                 "line 1, item 1: data is not an object",
		`[{"formKey": "AE", "subjectKey": "01-001", "data": null}]`:                                                               "line 1, item 1: data is not an object",
		`[{"formKey": "AE", "subjectKey": "01-001", "data": "Headache"}]`:                                                         "line 1, item 1: data is not an object",
		"[{\"formKey\": \"AE\", \"subjectKey\": \"01-001\", \"data\": {\"AETERM\": \"x\",\n\"AETERM\": \"Headache\"}}]":           "line 2, item 1: member 2 of data has the name of member 1",
		`[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": NaN}}]`:                                                    "line 1, column 63: not JSON from here on",
		`[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": Infinity}}]`:                                               "line 1, column 63: not JSON from here on",
		`[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": {"Headache": 1}}}]`:                                        "item 1 (line 1), form AE, variable AETERM: Value must be a string, a finite number, a boolean or null",
		`[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": ["Headache"]}}]`:                                           "variable AETERM: Value must be a string, a finite number, a boolean or null",
		`[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": 5}}]`:                                                      "item 1 (line 1), form AE, variable AETERM: Value must be a string",
		`[{"formKey": "AE", "subjectKey": "01-001", "intervalName": "", "data": {"AETERM": "Headache"}}]`:                         "line 1, item 1: member intervalName is blank",
		`[{"formKey": "AE", "subjectKey": "01-001", "intervalName": null, "data": {"AETERM": "Headache"}}]`:                       "line 1, item 1: member intervalName is blank",
		"[{\"formKey\": \"AE\", \"subjectKey\": \"01-001\", \"intervalName\": \"\u200b\", \"data\": {\"AETERM\": \"Headache\"}}]": "line 1, item 1: member intervalName is blank",
		`[{"formKey": "AE", "subjectKey": "01-001", "intervalName": " \ufeff\u200d", "data": {"AETERM": "Headache"}}]`:            "line 1, item 1: member intervalName is blank",
		`[{"formKey": "AE", "subjectKey": "01-001", "intentKey": "\u2060", "data": {"AETERM": "Headache"}}]`:                      "line 1, item 1: member intentKey is blank",
		`[{"formKey": "AE", "subjectKey": "01-001", "intervalId": 0, "data": {"AETERM": "Headache"}}]`:                            "line 1, item 1: member intervalId is blank",
		"[\n{\"formKey\": \"AE\",\n\"subjectKey\": \" \", \"data\": {}}]":                                                         "line 3, item 1: member subjectKey is blank",
		`[{"formKey": "AE", "subjectKey": "01-001", "kind": "scheduled record", "data": {"AETERM": "Headache"}}]`:                 "Kind is scheduled record, but its keys make a new record",
		`[{"formKey": "AE", "subjectKey": "01-001", "data": {"NOPE": 1}}]`:                                                        "unknown variable",
		`[{"formKey": 5, "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`:                                                "line 1, item 1: member formKey is not a text",
		`[{"formKey": "AE", "subjectKey": 101, "data": {"AETERM": "Headache"}}]`:                                                  "line 1, item 1: member subjectKey is not a text",
		`[{"formKey": "AE", "subjectKey": {"Headache": 1}, "data": {}}]`:                                                          "line 1, item 1: member subjectKey is not a text",
		`[{"formKey": "AE", "subjectKey": "01-001", "intentKey": 7, "data": {"AETERM": "Headache"}}]`:                             "line 1, item 1: member intentKey is not a text",
		`[{"formKey": "AE", "subjectKey": "01-001", "kind": true, "data": {"AETERM": "Headache"}}]`:                               "line 1, item 1: member kind is not a text",
		`[{"formId": "5", "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`:                                               "line 1, item 1: member formId is not a whole number above 0",
		`[{"formId": 5.5, "subjectKey": "01-001", "data": {"AETERM": "Headache"}}]`:                                               "line 1, item 1: member formId is not a whole number above 0",
		`[{"formKey": "AE", "subjectId": -5, "data": {"AETERM": "Headache"}}]`:                                                    "line 1, item 1: member subjectId is not a whole number above 0",
		`[{"formKey": "AE", "subjectId": 9223372036854775808, "data": {"AETERM": "Headache"}}]`:                                   "line 1, item 1: member subjectId is not a whole number above 0",
	} {
		d.write("bad.json", text)
		for _, more := range []string{"--wait", "--dry-run"} {
			_, said := d.run(exitInvalid, "submit", "records", "OWN", "bad.json", more)
			require.Contains(t, said, problem, text)
			require.NotContains(t, said, "Headache")
		}
	}
	require.Zero(t, d.posted())
}

// TestARefusedRecordOfASubmission: one of three records names a subject that does not exist.
func TestARefusedRecordOfASubmission(t *testing.T) {
	for _, results := range []bool{true, false} {
		d := newDesk(t)
		d.study.PlanJobs(imednettest.JobPlan{ShowResults: results}, imednettest.JobPlan{ShowResults: true})
		d.write("three.json", `[
{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Headache"}},
{"formKey": "AE", "subjectKey": "99-999", "data": {"AETERM": "Nausea"}},
{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Rash"}}]`)
		out, problem := d.run(exitInvalid, "submit", "records", "OWN", "three.json", "--wait", "--interval", "10ms", "--settle-delay", "20ms")
		require.Regexp(t, `: 3 records: 2 standing, 1 (refused|absent)\n`, out)
		require.Regexp(t, `(?m)^2 +3 +AE +new record +(refused .* subjectKey is unknown|absent .* two looks found nothing of it)$`, out)
		require.NotContains(t, out+problem, "99-999")
		require.Contains(t, problem, "(line 3)")
		if results {
			_, problem = d.run(exitInvalid, "jobs", "wait", "OWN", d.study.Submissions()[0].BatchID, "--results", "--interval", "10ms")
			require.Contains(t, problem, "the server rejected 1 of the 3 records in the results of batch ")
		}
		_, problem = d.run(exitInvalid, "submit", "resume", "OWN", "--wait", "--interval", "10ms", "--settle-delay", "20ms")
		out = d.follow(exitInvalid, problem)
		require.Regexp(t, "1 (refused|absent)", out, "the subject is still unknown, and nothing else was sent")
		require.Equal(t, 4, d.posted())
		var listed []submissionJSON
		d.json(&listed, "submit", "list", "OWN", "--open")
		d.ok("submit", "discard", "OWN", listed[0].SubmissionID, "--item", "2", "--reason", "handled on paper")
		require.Equal(t, "No open submissions.\n", d.ok("submit", "resume", "OWN"))
	}
}

// TestTheHintOfEveryState: what a hint names can be typed, and does what it says.
func TestTheHintOfEveryState(t *testing.T) {
	page := "<html><title>Log in</title></html>"
	for name, c := range map[string]struct {
		plan      imednettest.JobPlan
		fault     imednettest.Fault
		code      int
		follow    int
		afterward string
	}{
		"no answer, and taken":   {fault: imednettest.Fault{Reset: true, AfterApply: true}, code: exitFailure, follow: exitOK, afterward: "1 standing"},
		"no answer, not taken":   {fault: imednettest.Fault{Reset: true}, code: exitFailure, follow: exitInvalid, afterward: "1 unknown"},
		"a login page":           {fault: imednettest.Fault{Status: 200, Body: &page}, code: exitFailure, follow: exitInvalid, afterward: "1 unknown"},
		"a gateway's 409":        {fault: imednettest.Fault{Status: 409, Body: &page, AfterApply: true}, code: exitFailure, follow: exitOK, afterward: "1 standing"},
		"a refusal of the API":   {fault: imednettest.Fault{Status: 400}, code: exitInvalid, follow: exitOK, afterward: "1 standing"},
		"a job that fails":       {plan: imednettest.JobPlan{States: []string{"failed"}}, code: exitInvalid, follow: exitOK, afterward: "1 standing"},
		"a job that is too slow": {plan: imednettest.JobPlan{States: []string{"running", "running", "running", "running", "completed"}}, code: exitFailure, follow: exitOK, afterward: "1 standing"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.write("new.json", headache)
			d.study.PlanJobs(c.plan)
			if c.code != exitOK && (c.fault.Reset || c.fault.Status != 0) {
				c.fault.Method = "POST"
				d.server.Inject(c.fault)
			}
			_, problem := d.run(c.code, "submit", "records", "OWN", "new.json", "--wait", "--interval", "20ms", "--timeout", "10ms", "--settle-delay", "20ms")
			if !strings.HasPrefix(name, "a job that is too slow") {
				d.study.FinishJobs()
			}
			require.Contains(t, d.follow(c.follow, problem), c.afterward)
			require.LessOrEqual(t, d.study.StoredItems(), 1)
			_, problem = d.run(exitBusy, "submit", "records", "OWN", "new.json")
			require.Contains(t, problem, "Hint: ")
			hinted := hintCommand.FindStringSubmatch(problem)
			require.NotEmpty(t, hinted)
			d.study.FinishJobs()
			d.follow(map[bool]int{true: exitInvalid, false: exitOK}[c.afterward == "1 unknown"], problem)
		})
	}
}

// TestAJobThatIsGone: the server took the records and no longer knows the job. What stands is found, and
// what does not is told apart from it, with a hint that leads on.
func TestAJobThatIsGone(t *testing.T) {
	for _, stored := range []bool{true, false} {
		d := newDesk(t)
		d.write("new.json", headache)
		var receipt receiptJSON
		d.json(&receipt, "submit", "records", "OWN", "new.json")
		if stored {
			d.study.FinishJobs()
		}
		d.server.Inject(imednettest.Fault{Path: receipt.Batches[0].BatchID, Status: 404, Times: -1})
		settle := []string{"submit", "settle", "OWN", receipt.SubmissionID, "--wait", "--interval", "1ms", "--settle-delay", "1ms"}
		if stored {
			require.Contains(t, d.ok(settle...), "1 standing")
			continue
		}
		for range 2 {
			out, problem := d.run(exitInvalid, settle...)
			require.Contains(t, out, "1 unknown")
			require.Contains(t, out, "the server does not know its job any more")
			require.Contains(t, problem, "look in the study: `imednet submit discard OWN "+receipt.SubmissionID+" --reason …`")
		}
		d.ok("submit", "discard", "OWN", receipt.SubmissionID, "--reason", "looked")
		require.Equal(t, "No open submissions.\n", d.ok("submit", "resume", "OWN"))
	}
}

// TestAFullDiskAfterThePOST: standard output cannot be written. The records are known all the same.
func TestAFullDiskAfterThePOST(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no full device")
	}
	defer full.Close()
	d := newDesk(t)
	d.write("new.json", headache)
	cmd := d.command("submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms")
	cmd.Stdout = full
	require.Error(t, cmd.Run())
	require.Equal(t, exitFailure, cmd.ProcessState.ExitCode())
	out, problem := d.run(exitBusy, "submit", "records", "OWN", "new.json", "--wait")
	require.Contains(t, out, "standing")
	require.Contains(t, d.follow(exitOK, problem), "standing")
	require.Equal(t, 1, d.posted())
}

// TestNoRoomForTheJournal limits how large the journal may grow, step by step, which is to a program what
// a full disk is. The exit code says so, nobody has to wait for the process that has ended, and what the
// hint names brings everything to its end: each record stands once.
func TestNoRoomForTheJournal(t *testing.T) {
	failed := 0
	for blocks := 300; blocks < 3200; blocks += 400 {
		d := newDesk(t)
		d.write("new.json", `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "`+strings.Repeat("Headache ", 20_000)+`"}}]`)
		d.write("first.json", `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "Rash"}}]`)
		d.ok("submit", "records", "OWN", "first.json", "--wait", "--interval", "10ms")
		cmd := d.command("submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms", "--settle-delay", "20ms")
		cmd.Args = append([]string{"sh", "-c", fmt.Sprintf(`ulimit -f %d && exec "$0" "$@"`, blocks), cmd.Path}, cmd.Args[1:]...)
		cmd.Path = "/bin/sh"
		out, err := cmd.CombinedOutput()
		if err == nil {
			continue
		}
		failed++
		require.Equal(t, exitFailure, cmd.ProcessState.ExitCode(), "%d: %s", blocks, out)
		require.NotContains(t, string(out), "Headache")
		d.study.FinishJobs()
		var listed []submissionJSON
		d.json(&listed, "submit", "list", "OWN", "--open")
		if len(listed) == 0 {
			require.Equal(t, 1, d.posted())
			d.ok("submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms")
		} else {
			require.Contains(t, string(out), "`imednet submit settle OWN "+listed[0].SubmissionID+" --wait`")
			d.ok("submit", "resume", "OWN", "--resend", "--wait", "--interval", "10ms", "--settle-delay", "20ms")
		}
		require.Equal(t, 2, d.study.StoredItems(), blocks)
	}
	require.Greater(t, failed, 2)
}

// TestTheWindowOfARepeat: no time at all means so, and is not taken for the default.
func TestTheWindowOfARepeat(t *testing.T) {
	d := newDesk(t)
	d.write("new.json", headache)
	d.ok("submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms")
	d.run(exitBusy, "submit", "records", "OWN", "new.json", "--window", "1h")
	_, problem := d.run(exitUsage, "submit", "records", "OWN", "new.json", "--window", "-1h")
	require.Contains(t, problem, "--window is negative")
	require.Equal(t, 1, d.posted())
	d.ok("submit", "records", "OWN", "new.json", "--window", "0", "--wait", "--interval", "10ms")
	require.Equal(t, 2, d.posted())
}

// TestTwoCommandsAndOneFile: of two commands one sends, the other says so.
func TestTwoCommandsAndOneFile(t *testing.T) {
	for range 5 {
		d := newDesk(t)
		d.write("new.json", headache)
		var commands []*exec.Cmd
		for range 2 {
			cmd := d.command("submit", "records", "OWN", "new.json")
			require.NoError(t, cmd.Start())
			commands = append(commands, cmd)
		}
		var codes []int
		for _, cmd := range commands {
			_ = cmd.Wait()
			codes = append(codes, cmd.ProcessState.ExitCode())
		}
		slices.Sort(codes)
		require.Equal(t, []int{exitOK, exitBusy}, codes)
		require.Equal(t, 1, d.posted())
	}
}

// TestTwoCommandsThatWait: the second one waits for the first and shows what it has stored.
func TestTwoCommandsThatWait(t *testing.T) {
	d := newDesk(t)
	d.write("new.json", headache)
	d.study.PlanJobs(imednettest.JobPlan{States: append(slices.Repeat([]string{"running"}, 10_000), "completed")})
	args := []string{"submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms", "--timeout", "1m"}
	first := d.command(args...)
	require.NoError(t, first.Start())
	require.Eventually(t, func() bool { return d.posted() == 1 }, time.Minute, time.Millisecond)
	_, problem := d.run(exitBusy, "submit", "records", "OWN", "new.json", "--wait", "--timeout", "1ms")
	require.Regexp(t, "Hint: `imednet submit (resume OWN|settle OWN [0-9a-f-]+) --wait`", problem)
	second := d.command(args...)
	var out, said strings.Builder
	second.Stdout, second.Stderr = &out, &said
	require.NoError(t, second.Start())
	d.study.FinishJobs()
	require.NoError(t, first.Wait())
	require.Error(t, second.Wait())
	require.Equal(t, exitBusy, second.ProcessState.ExitCode(), said.String())
	require.Regexp(t, `(?m)^1 +1 +AE +[0-9a-f-]+ +standing +\d+$`, out.String())
	require.Equal(t, 1, d.posted())
}

// TestTheJournalOfTheCommandIsProved: a payload that was edited is found, and never sent.
func TestTheJournalOfTheCommandIsProved(t *testing.T) {
	d := newDesk(t)
	d.write("new.json", headache)
	d.study.PlanJobs(imednettest.JobPlan{States: []string{"failed"}})
	d.run(exitInvalid, "submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms", "--settle-delay", "20ms")
	var proved struct {
		Head    string
		Records int
	}
	d.json(&proved, "submit", "verify")
	require.Equal(t, 1, proved.Records)
	require.Contains(t, d.ok("submit", "verify", "--head", proved.Head), ": intact")
	require.Contains(t, d.ok("submit", "export", "--dir", "copy"), "\nhead "+proved.Head+"\n")
	storetest.Inspect(t, filepath.Join(d.dir, "copy"), true, proved.Head)
	storetest.WithoutGuards(t, filepath.Join(d.dir, ".imednet", "submissions.sqlite3"), `UPDATE submission_items SET payload = CAST(replace(CAST(payload AS TEXT), 'Headache', 'Nausea') AS BLOB)`)
	out, _ := d.run(exitInvalid, "submit", "verify")
	require.Contains(t, out, "its payload was changed")
	var listed []submissionJSON
	d.json(&listed, "submit", "list", "--open")
	_, problem := d.run(exitInvalid, "submit", "resend", "OWN", listed[0].SubmissionID, "--wait", "--interval", "10ms")
	require.Contains(t, problem, "damaged")
	require.Equal(t, 1, d.posted(), "nothing more was sent")
}

// TestResendAndResumeForPrograms: the JSON of what resend and settle do.
func TestResendAndResumeForPrograms(t *testing.T) {
	d := newDesk(t)
	d.write("new.json", headache)
	d.study.PlanJobs(imednettest.JobPlan{States: []string{"failed"}}, imednettest.JobPlan{States: []string{"failed"}})
	out, _ := d.run(exitInvalid, "submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms", "--settle-delay", "20ms", "--json")
	var receipt receiptJSON
	require.NoError(t, json.Unmarshal([]byte(out), &receipt))
	require.Equal(t, submissions.Counts{submissions.Absent: 1}, receipt.Counts)
	out, _ = d.run(exitInvalid, "submit", "resend", "OWN", receipt.SubmissionID, "--wait", "--interval", "10ms", "--settle-delay", "20ms", "--json")
	require.NoError(t, json.Unmarshal([]byte(out), &receipt))
	require.Equal(t, 2, receipt.Items[0].Attempts)
	var resumed []receiptJSON
	d.json(&resumed, "submit", "resume", "OWN", "--resend", "--wait", "--interval", "10ms")
	require.Equal(t, submissions.Counts{submissions.Standing: 1}, resumed[0].Counts)
	d.run(exitInvalid, "submit", "resend", "OWN", receipt.SubmissionID)
	d.run(exitNotFound, "submit", "resend", "OWN", "unknown")
	d.json(&resumed, "submit", "settle", "OWN", receipt.SubmissionID)
	require.Empty(t, resumed)
	var discarded receiptJSON
	d.json(&discarded, "submit", "discard", "OWN", receipt.SubmissionID, "--reason", "tidy")
	d.run(exitNotFound, "submit", "discard", "OTHER", receipt.SubmissionID, "--reason", "tidy")
	require.Equal(t, 1, d.study.StoredItems())
}

func TestSubmissionsKeepNumbers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "items.json")
	require.NoError(t, os.WriteFile(path, []byte(`[{"formKey": "VS", "subjectKey": "1", "intentKey": "row 5", "data": {"W": 70.10}}]`), 0o600))
	in, err := readSubmissions(path)
	require.NoError(t, err)
	items := in.items
	text, err := json.Marshal(items[0].Data["W"])
	require.NoError(t, err)
	require.Equal(t, "70.10", string(text))
	require.Equal(t, "row 5", items[0].IntentKey)
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
	require.JSONEq(t, "[]", s.ok("warehouse", "query", "SELECT 1 WHERE false", "--json"))
	_, problem := s.run(exitInvalid, "warehouse", "query", "SELEC 1")
	require.Contains(t, problem, "Parser Error")
	_, problem = s.run(exitFailure, "warehouse", "query", "SELECT CAST('Headache of 01-001' AS INTEGER)")
	require.NotContains(t, problem, "Headache", "an error does not quote data")
	s.run(exitInvalid, "warehouse", "query", "DELETE FROM bronze_records")
	s.json(&rows, "warehouse", "query", "SELECT count(*) AS n FROM bronze_records")
	require.InDelta(t, 500, rows[0]["n"], 0)
}

// Records are held against the study's design export before they are sent, and in a dry run.
func TestSubmitByDictionary(t *testing.T) {
	d := newDesk(t)
	export := filepath.Join(d.dir, "export")
	require.NoError(t, os.Mkdir(export, 0o700))
	for name, data := range d.study.DesignExport() {
		require.NoError(t, os.WriteFile(filepath.Join(export, name), data, 0o600))
	}
	write := func(data string) {
		require.NoError(t, os.WriteFile(filepath.Join(d.dir, "in.json"), []byte(`[{"formKey": "AE", "subjectKey": "01-001", "kind": "new record", "data": `+data+`}]`), 0o600))
	}
	write(`{"AETERM": "Headache", "AESTDTC": "2024-02-01", "AESEV": "Terrible"}`)
	for _, mode := range []string{"--dry-run", "--wait"} {
		_, problem := d.run(exitInvalid, "submit", "records", "OWN", "in.json", mode, "--dictionary", "export")
		require.Contains(t, problem, "variable AESEV: the answer is not one of the question's choices")
		require.NotContains(t, problem, "Terrible")
	}
	require.Zero(t, d.posted())
	write(`{"AESTDTC": "2024-02-01", "AESEV": "Mild"}`)
	_, warned := d.run(exitOK, "submit", "records", "OWN", "in.json", "--dry-run", "--dictionary", "export")
	require.Contains(t, warned, "Warning: item 1 (line 1), form AE, variable AETERM: the answer is required (Auto Query)")
	_, problem := d.run(exitNotFound, "submit", "register", "OWN", "in.json", "--dry-run", "--dictionary", "nothing")
	require.Contains(t, problem, "nothing")
}

// What a dictionary finds hides nothing of what the API's types say, and a program sees all of both.
func TestEveryProblemOfASubmission(t *testing.T) {
	d := newDesk(t)
	writeExport(d.shell, "export", "OWN")
	var items []string
	for range 30 {
		items = append(items, `{"formKey": "AE", "subjectKey": "01-001", "kind": "new record", "data": {"AESTDTC": "soon", "AESEV": "Terrible"}}`)
	}
	register := `[{"formKey": "AE", "siteName": "Nowhere", "data": {"AESEV": "Terrible"}}]`
	require.NoError(t, os.WriteFile(filepath.Join(d.dir, "in.json"), []byte("["+strings.Join(items, ",\n")+"]"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(d.dir, "register.json"), []byte(register), 0o600))
	for _, mode := range []string{"--dry-run", "--wait"} {
		_, text := d.run(exitInvalid, "submit", "records", "OWN", "in.json", mode, "--dictionary", "export", "--json")
		var f failure
		last := strings.Split(strings.TrimSpace(text), "\n")
		require.NoError(t, json.Unmarshal([]byte(last[len(last)-1]), &f))
		require.Len(t, f.Problems, 60)
		for i, p := range f.Problems {
			require.Equal(t, problemJSON{Item: i/2 + 1, Line: i/2 + 1, FormKey: "AE", Variable: []string{"AESTDTC", "AESEV"}[i%2], Reason: p.Reason}, p)
			require.Contains(t, []string{"the answer is not one of the question's choices", "Value must be a date such as 2024-02-29, 2024-02 or 2024, that is in the calendar"}[1-i%2], p.Reason)
		}
		require.NotContains(t, text, "Terrible")
	}
	_, problem := d.run(exitInvalid, "submit", "register", "OWN", "register.json", "--dry-run", "--dictionary", "export")
	require.Contains(t, problem, "site not found")
	require.Contains(t, problem, "variable AESEV: the answer is not one of the question's choices")
	require.Zero(t, d.posted())
}

// Exports and extractions show answers by the choices of the study's design export.
func TestExportByDictionary(t *testing.T) {
	d := newDesk(t)
	export := filepath.Join(d.dir, "export")
	require.NoError(t, os.Mkdir(export, 0o700))
	coded := "" // a list of the design that has codes
	for name, data := range d.study.DesignExport() {
		require.NoError(t, os.WriteFile(filepath.Join(export, name), data, 0o600))
		if match := regexp.MustCompile(`(?m)^AE,Radio,(\w+),Mild,1,1$|^DM,Radio,(\w+),F,1,1$|^DM,Dropdown,(\w+),Asian,1,1$`).FindStringSubmatch(string(data)); match != nil {
			coded = strings.Join(match[1:], "")
		}
	}
	require.NotEmpty(t, coded)
	form := map[string]string{"AESEV": "AE", "SEX": "DM", "RACE": "DM"}[coded]
	_, warned := d.run(exitOK, "export", "OWN", "--dir", "text", "--format", "ndjson", "--forms", form)
	require.Empty(t, warned)
	rows := func(dir string) string {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(d.dir, dir, form, "*.ndjson"))
		require.NoError(t, err)
		require.Len(t, found, 1)
		text, err := os.ReadFile(found[0])
		require.NoError(t, err)
		return string(text)
	}
	plain := rows("text")
	for _, mode := range []string{"text", "code", "both"} {
		d.ok("export", "OWN", "--dir", mode+"2", "--format", "ndjson", "--forms", form, "--dictionary", "export", "--choices", mode)
	}
	answer := regexp.MustCompile(`"` + coded + `": ?"([^"]*)"`)
	texts, codes, both := answer.FindAllStringSubmatch(rows("text2"), -1), answer.FindAllStringSubmatch(rows("code2"), -1), rows("both2")
	require.Equal(t, answer.FindAllStringSubmatch(plain, -1), texts)
	require.Equal(t, len(texts), len(codes))
	pairs := regexp.MustCompile(`"`+coded+`_CODE": ?"([^"]*)"`).FindAllStringSubmatch(both, -1)
	require.Equal(t, len(codes), len(pairs))
	for i := range codes {
		require.Equal(t, codes[i][1], pairs[i][1])
		require.Regexp(t, "^[1-9]$", codes[i][1])
		require.NotRegexp(t, "^[1-9]$", texts[i][1])
	}
	for _, args := range [][]string{{"--choices", "code"}, {"--dictionary", "export", "--choices", "neither"}, {"--dictionary", "export", "--choices", "both", "--deidentify-key-file", "key"}} {
		d.run(exitUsage, append([]string{"export", "OWN", "--dir", "no"}, args...)...)
	}
}
