package main

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// TestOnlyResultsOfAKnownShapeAreResults: anything else that was asked for is said not to be had, and a
// status that is not known is shown.
func TestOnlyResultsOfAKnownShapeAreResults(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		text    string
		code    int
		said    string
		unknown int
	}{
		{`<html><title>Log in</title></html>`, exitInvalid, "have no known shape", 0},
		{`"all fine"`, exitInvalid, "have no known shape", 0},
		{`[]`, exitInvalid, "have no known shape", 0},
		{`{}`, exitInvalid, "have no known shape", 0},
		{`{"total":2}`, exitInvalid, "have no known shape", 0},
		{` `, exitInvalid, "have no known shape", 0},
		{`[{"index":0,"status":"SUCCESS"},{"index":1,"status":"REJECTED"}]`, exitInvalid, "rejected 0 of the 2 records in the results of batch", 1},
		{`[{"index":0,"status":"FAILED"},{"index":1}]`, exitInvalid, "rejected 1 of the 2 records in the results of batch", 1},
		{`{"total":2,"success":1,"failed":0}`, exitInvalid, "a status that is not known", 1},
		{`{"total":2,"success":2,"failed":0}`, exitOK, "", 0},
		{`[{"index":0,"status":"SUCCESS"},{"index":1,"status":"PASS"}]`, exitOK, "", 0},
	} {
		d.study.PlanJobs(imednettest.JobPlan{ShowResults: true, ResultText: c.text})
		out, problem := d.run(c.code, "jobs", "wait", "OWN", d.post(), "--results", "--interval", "10ms")
		require.Contains(t, problem, c.said, c.text)
		if c.unknown > 0 {
			require.Regexp(t, `REFUSED +UNKNOWN +WHICH\n.*completed +\d+ +\d +\d +1`, out, c.text)
		}
		require.Equal(t, c.said == "have no known shape", !countsShown.MatchString(out), out)
	}
	_, problem := d.run(exitInvalid, "jobs", "wait", "OWN", d.post(), "--results", "--interval", "10ms")
	require.Contains(t, problem, "are not offered by the server")
	d.study.PlanJobs(imednettest.JobPlan{ResultURL: "https://elsewhere.invalid/results"}, imednettest.JobPlan{States: []string{"failed"}})
	_, problem = d.run(exitInvalid, "jobs", "wait", "OWN", d.post(), "--results", "--interval", "10ms")
	require.Contains(t, problem, "cannot be read")
	d.run(exitInvalid, "jobs", "wait", "OWN", d.post(), "--results", "--interval", "10ms")
}

// post sends two records and returns their batch.
func (d *desk) post() string {
	d.t.Helper()
	items := []imednet.Submission{
		{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "A"}}, {FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "B"}},
	}
	job, err := d.server.Client().SubmitRecords(d.t.Context(), d.study.Key(), items, imednet.SubmitOptions{})
	require.NoError(d.t, err)
	return job.BatchID.Or("")
}

var countsShown = regexp.MustCompile(`completed +\d+ +\d`)
