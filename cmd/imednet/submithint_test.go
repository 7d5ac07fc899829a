package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

const twoRecords = `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "a"}},
{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "b"}}]`

// TestNothingIsLeftOfAFailedJobThatStoredAll: its records stand, so the hint corrects and sends nothing.
func TestNothingIsLeftOfAFailedJobThatStoredAll(t *testing.T) {
	d := newDesk(t)
	d.study.PlanJobs(imednettest.JobPlan{States: []string{"failed"}, Reject: map[int]string{2: "there are only two"}})
	d.write("new.json", twoRecords)
	_, problem := d.run(exitFailure, "submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms", "--settle-delay", "20ms")
	require.Contains(t, problem, "2 stand although the job failed")
	require.NotContains(t, problem, "refused")
	require.Equal(t, 2, strings.Count(d.follow(exitOK, problem), "standing"))
	require.Equal(t, 2, d.posted())
}

// TestTheHintDiscardsNoOtherRecords: of a refused record and one that is not known to stand, the hint for the
// second leaves the first as it is.
func TestTheHintDiscardsNoOtherRecords(t *testing.T) {
	d := newDesk(t)
	d.study.PlanJobs(imednettest.JobPlan{
		Reject: map[int]string{0: "no", 1: "no"}, ShowResults: true, ResultText: `[{"index": 0, "status": "FAILED", "message": "no"}]`,
	})
	d.write("new.json", twoRecords)
	_, problem := d.run(exitInvalid, "submit", "records", "OWN", "new.json", "--wait", "--interval", "10ms", "--settle-delay", "20ms")
	require.Contains(t, problem, "1 refused (line 1); 1 unknown (line 2)")
	id := strings.Fields(hintCommand.FindStringSubmatch(problem)[1])[3]
	_, problem = d.run(exitInvalid, "submit", "settle", "OWN", id, "--interval", "10ms", "--settle-delay", "20ms")
	discard := hintCommand.FindAllStringSubmatch(problem, -1)[1][1]
	require.Contains(t, discard, "submit discard OWN ")
	d.ok(strings.Fields(strings.ReplaceAll(discard, "…", "looked"))...)
	var left []submissionJSON
	d.json(&left, "submit", "list", "OWN", "--open")
	require.Equal(t, 1, left[0].Open)
	require.Contains(t, d.ok("submit", "show", "OWN", left[0].SubmissionID, "--open"), "refused")

	_, problem = d.run(exitInvalid, "submit", "discard", "OWN", left[0].SubmissionID, "--state", "absent", "--reason", "looked")
	require.Contains(t, problem, "no open record of the submission is absent")
	_, problem = d.run(exitUsage, "submit", "discard", "OWN", left[0].SubmissionID, "--state", "gone", "--reason", "looked")
	require.Contains(t, problem, "--state takes prepared")
}

// TestEveryHintCanBeTypedAsItIs: two submissions are unknown, and nothing of them can be sent again or closed as
// absent. What is suggested then names the submission, and the journal that is not the default one.
func TestEveryHintCanBeTypedAsItIs(t *testing.T) {
	d := newDesk(t)
	kept := []string{"--journal", "other.sqlite3"}
	run := func(args ...string) string {
		_, problem := d.run(exitInvalid, append(args, kept...)...)
		return problem
	}
	for _, term := range []string{"a", "b"} {
		d.server.Inject(imednettest.Fault{Method: "POST", Reset: true})
		d.write("new.json", `[{"formKey": "AE", "subjectKey": "01-001", "data": {"AETERM": "`+term+`"}}]`)
		d.run(exitFailure, append([]string{"submit", "records", "OWN", "new.json"}, kept...)...)
	}
	var listed []submissionJSON
	d.json(&listed, append([]string{"submit", "list"}, kept...)...)
	id := listed[0].SubmissionID

	for says, problem := range map[string]string{
		"2 unknown": run("submit", "resume", "OWN"),
		"no open record of the submission is absent\n":            run("submit", "resend", "OWN", id),
		"no open record of the submission is absent or refused\n": run("submit", "resend", "OWN", id, "--refused"),
		"no open record of the submission is refused\n":           run("submit", "discard", "OWN", id, "--state", "refused", "--reason", "looked"),
	} {
		require.Contains(t, problem, says)
		for _, hinted := range hintCommand.FindAllStringSubmatch(problem, -1) {
			code := exitOK
			if strings.HasPrefix(hinted[1], "submit resume") {
				code = exitInvalid
			}
			d.run(code, strings.Fields(strings.ReplaceAll(hinted[1], "--wait", "--wait --timeout 1ms --settle-delay 1ms"))...)
		}
		require.Contains(t, problem, "other.sqlite3")
	}
	help := d.ok("submit", "resend", "--help")
	require.Contains(t, help, "--item number")
}

// TestAJobThatIsGoneWhileWaiting: records were sent, and the server does not know their job. That is no exit code 4,
// which says that there is nothing that could have been sent.
func TestAJobThatIsGoneWhileWaiting(t *testing.T) {
	d := newDesk(t)
	d.write("new.json", headache)
	d.study.PlanJobs(imednettest.JobPlan{StoreAtOnce: true})
	d.server.Inject(imednettest.Fault{Path: "jobs", Status: 404, Times: -1})
	_, problem := d.run(exitFailure, "submit", "records", "OWN", "new.json", "--wait", "--interval", "1ms", "--settle-delay", "1ms")
	require.Contains(t, problem, "1 accepted (line ")
	require.Contains(t, d.follow(exitOK, problem), "1 standing")
	require.Equal(t, 1, d.posted())
}
