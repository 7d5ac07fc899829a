package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestAnItemHasOneNumber: tables, JSON, errors and --item count the records of a submission in one way, from 1.
func TestAnItemHasOneNumber(t *testing.T) {
	d := newDesk(t)
	d.study.PlanJobs(imednettest.JobPlan{ShowResults: true})
	record := `{"formKey": "AE", "subjectKey": %q, "data": {"AETERM": %q}}`
	lines := []string{fmt.Sprintf(record, "01-001", "a"), fmt.Sprintf(record, "99-999", "b"), fmt.Sprintf(record, "01-001", "c")}
	d.write("new.json", "["+strings.Join(lines, ",")+"]") // one line, so that nothing but the number tells them apart
	var dry []dryRunBatchJSON
	d.json(&dry, "submit", "records", "OWN", "new.json", "--dry-run")
	require.Equal(t, 1, dry[0].First)

	quick := []string{"--wait", "--interval", "10ms", "--settle-delay", "20ms"}
	out, _ := d.run(exitInvalid, append([]string{"submit", "records", "OWN", "new.json", "--json"}, quick...)...)
	var receipt receiptJSON
	require.NoError(t, json.Unmarshal([]byte(out), &receipt))
	require.Equal(t, []any{2, submissions.Refused}, []any{receipt.Items[1].Item, receipt.Items[1].State})
	id := receipt.SubmissionID
	require.Regexp(t, `(?m)^2 +1 +AE +new record +refused`, d.ok("submit", "show", "OWN", id))
	var shown []itemJSON
	d.json(&shown, "submit", "show", "OWN", id, "--state", "refused")
	require.Equal(t, 2, shown[0].Item)

	for item, says := range map[string]string{"1": "item 1 is standing", "3": "item 3 is standing"} {
		_, problem := d.run(exitBusy, append([]string{"submit", "resend", "OWN", id, "--item", item, "--refused"}, quick...)...)
		require.Contains(t, problem, says)
		_, problem = d.run(exitBusy, "submit", "discard", "OWN", id, "--item", item, "--reason", "looked")
		require.Contains(t, problem, says)
	}
	for _, item := range []string{"0", "4", "-1"} {
		_, problem := d.run(exitNotFound, append([]string{"submit", "resend", "OWN", id, "--item", item}, quick...)...)
		require.Contains(t, problem, "item "+item+": not found")
	}
	require.Equal(t, 3, d.posted())
	out, _ = d.run(exitInvalid, append([]string{"submit", "resend", "OWN", id, "--item", "2", "--json"}, quick...)...)
	require.NoError(t, json.Unmarshal([]byte(out), &receipt))
	require.Equal(t, []int{1, 2, 1}, []int{receipt.Items[0].Attempts, receipt.Items[1].Attempts, receipt.Items[2].Attempts})
	require.Equal(t, 4, d.posted())
	d.ok("submit", "discard", "OWN", id, "--item", "2", "--reason", "handled")
	d.json(&shown, "submit", "show", "OWN", id)
	require.Equal(t, "closed: handled", shown[1].Reason)

	_, problem := d.run(exitBusy, "submit", "records", "OWN", "new.json")
	require.Contains(t, problem, "submitted before")
	out, _ = d.run(exitBusy, "submit", "records", "OWN", "new.json")
	require.Regexp(t, `(?m)^3 +1 +AE +`+id+` +standing`, out)
}
