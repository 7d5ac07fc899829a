package submissions_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestAnEqualUpdateNeedsARevisionOfItsOwn: of two equal updates of a record one was stored and one was not,
// and another value was written before. The record was saved twice, and each of the two could have done it;
// but one of the revisions is the other update's, whether that is settled before, after or not at all.
func TestAnEqualUpdateNeedsARevisionOfItsOwn(t *testing.T) {
	const lost, other, stored = 0, 1, 2
	plans := map[string]imednettest.JobPlan{
		"its job was cancelled":         {States: []string{"cancelled"}},
		"it was refused":                {ShowResults: true, Reject: map[int]string{0: "no"}},
		"it came to nothing":            {Lose: []int{0}},
		"it is said to have been saved": {Lose: []int{0}, ShowResults: true},
		"its POST was lost":             {},
	}
	for name, plan := range plans {
		for _, sent := range [][]int{{lost, other, stored}, {other, stored, lost}, {other, lost, stored}, {stored, other, lost}} {
			if name == "its POST was lost" && sent[2] != lost {
				continue // an equal one cannot follow it
			}
			for _, looked := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}, {lost, stored}, {stored, lost}, {}} {
				d := newDesk(t)
				record, weight := d.vitals()
				made := map[int]string{}
				for _, n := range sent {
					value := 71.5
					switch n {
					case lost:
						d.study.PlanJobs(plan)
						if name == "its POST was lost" {
							d.server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true})
						}
					case other:
						value = 72.5
						d.study.PlanJobs(imednettest.JobPlan{StoreAtOnce: true})
					}
					receipt, _ := d.submit(updateOf("VS", record.RecordID, weight, value), submissions.Options{AllowRepeat: true})
					require.NotEmpty(t, receipt.SubmissionID)
					made[n] = receipt.SubmissionID
				}
				d.study.FinishJobs()
				for range 2 {
					for _, n := range looked {
						_, _ = d.resume(submissions.ResumeOptions{SubmissionID: made[n]})
					}
					if len(looked) == 0 {
						_, _ = d.resume(submissions.ResumeOptions{})
					}
				}
				require.Equal(t, 1, d.standingAs(weight, "71.5"), "%s, sent %v, looked at %v", name, sent, looked)
			}
		}
	}
}

// standingAs counts the updates with a value that are said to stand.
func (d *desk) standingAs(name, value string) int {
	items, err := d.journal.Items(d.Context(), submissions.Query{})
	require.NoError(d, err)
	n := 0
	for _, i := range items {
		if i.State == submissions.Standing && strings.Contains(string(i.Payload), fmt.Sprintf("%q:%s", name, value)) {
			n++
		}
	}
	return n
}
