package submissions_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestAnEqualUpdateNeedsARevisionOfItsOwn: of two equal updates of a record one was stored, and another
// value was written in between. The record was saved twice, and each of the two could have done it; but one
// of the revisions is the other update's, whether that is settled before, after or not at all.
func TestAnEqualUpdateNeedsARevisionOfItsOwn(t *testing.T) {
	lost := map[string]func(d *desk){
		"its job failed":                           func(d *desk) { d.study.PlanJobs(imednettest.JobPlan{States: []string{"cancelled"}}) },
		"it came to nothing":                       func(d *desk) { d.study.PlanJobs(imednettest.JobPlan{Lose: []int{0}}) },
		"it came to nothing, and is said to stand": func(d *desk) { d.study.PlanJobs(imednettest.JobPlan{Lose: []int{0}, ShowResults: true}) },
		"its POST was lost": func(d *desk) {
			d.server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true})
		},
	}
	orders := [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}, {0, 2}, {2, 0}}
	for name, lose := range lost {
		for _, order := range orders {
			d := newDesk(t)
			record, weight := d.vitals()
			var made []string
			send := func(value float64) {
				receipt, _ := d.submit(updateOf("VS", record.RecordID, weight, value), submissions.Options{AllowRepeat: true})
				require.NotEmpty(t, receipt.SubmissionID)
				made = append(made, receipt.SubmissionID)
			}
			other, stored := 72.5, 71.5
			if name == "its POST was lost" { // an equal one cannot follow it
				send(other)
				send(stored)
				lose(d)
				send(stored)
				slices.Reverse(made)
				made[1], made[2] = made[2], made[1]
			} else {
				lose(d)
				send(stored)
				send(other)
				send(stored)
			}
			d.study.FinishJobs()
			for range 2 {
				for _, n := range order {
					_, _ = d.resume(submissions.ResumeOptions{SubmissionID: made[n]})
				}
			}
			standing := 0
			items, err := d.journal.Items(t.Context(), submissions.Query{})
			require.NoError(t, err)
			for _, i := range items {
				equal := i.SubmissionID != made[1]
				if equal && i.State == submissions.Standing {
					standing++
				}
				require.NotEqual(t, submissions.Absent, i.State, "%s, %v", name, order)
			}
			require.Equal(t, 1, standing, "%s, %v", name, order)
		}
	}
}
