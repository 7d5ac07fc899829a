package main

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestADiscardedRecordIsShownAsSuch: what somebody closed without knowing whether it is stored prevents the
// same record, and is shown with who closed it, when and why, so that nobody takes it for a running one.
func TestADiscardedRecordIsShownAsSuch(t *testing.T) {
	d := newDesk(t)
	d.write("new.json", twoRecords)
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true, AfterApply: true})
	began := time.Now().Add(-time.Second)
	_, _ = d.run(exitFailure, "submit", "records", "OWN", "new.json", "--author", "anna")
	var open []submissionJSON
	d.json(&open, "submit", "list", "OWN", "--open")
	id := open[0].SubmissionID
	d.ok("submit", "discard", "OWN", id, "--item", "2", "--reason", "entered by hand", "--author", "berta")
	d.ok("submit", "discard", "OWN", id, "--item", "1", "--reason", "looked", "--author", "carla")

	out, problem := d.run(exitBusy, "submit", "records", "OWN", "new.json")
	require.Regexp(t, `(?m)^1 +1 +AE +`+id+` +unknown, discarded +by carla \(claimed\), 20\S+Z: looked *$`, out)
	require.Regexp(t, `(?m)^2 +2 +AE +`+id+` +unknown, discarded +by berta \(claimed\), 20\S+Z: entered by hand *$`, out)
	require.Contains(t, problem, "submitted before: 2 records, 0 of them with an outcome that is not known yet, 2 discarded before their outcome was known")
	require.Contains(t, problem, "`imednet submit show OWN "+id+"` shows who discarded them and why; look in the study before you add --again")
	d.follow(exitOK, problem)

	out, _ = d.run(exitBusy, "submit", "records", "OWN", "new.json", "--json")
	var receipt receiptJSON
	require.NoError(t, json.Unmarshal([]byte(out), &receipt))
	c := receipt.Conflicts[1]
	require.WithinRange(t, *c.DiscardedAt, began, time.Now())
	require.Equal(t, []any{2, submissions.Unknown, true, "berta (claimed)", "entered by hand"}, []any{c.Item, c.State, c.Discarded, c.DiscardedBy, c.DiscardReason})
	require.Equal(t, "carla (claimed)", receipt.Conflicts[0].DiscardedBy)
	require.Equal(t, 2, d.posted())
	d.ok("submit", "records", "OWN", "new.json", "--again")
	require.Equal(t, 4, d.posted())
	out, _ = d.run(exitBusy, "submit", "records", "OWN", "new.json", "--json")
	receipt = receiptJSON{}
	require.NoError(t, json.Unmarshal([]byte(out), &receipt))
	require.False(t, receipt.Conflicts[0].Discarded, "the newest is not")
	require.Nil(t, receipt.Conflicts[0].DiscardedAt)
}
