package submissions_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestARateLimitHoldsASubmissionUp: the API refuses a batch because there are too many requests. It is
// sent again after a look at the study, and every attempt is in the journal.
func TestARateLimitHoldsASubmissionUp(t *testing.T) {
	d := newDesk(t)
	u := d.overHTTP()
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Status: 429, RetryAfter: "47", Skip: 1, Times: 2})
	before := d.clock.Now()
	receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache A", "Headache B", "Headache C"), submissions.Options{MaxItems: 1})
	require.NoError(t, err)
	require.GreaterOrEqual(t, d.clock.Now().Sub(before), 2*47*time.Second)
	require.Equal(t, []int{1, 3, 1}, []int{receipt.Items[0].Attempt, receipt.Items[1].Attempt, receipt.Items[2].Attempt})
	require.Equal(t, []int{1, 1, 1}, d.sentTimes("Headache A", "Headache B", "Headache C"))
}

// TestARateLimitAfterProcessing: the batch was processed, and the answer is a 429 in the API's own
// envelope all the same. What shows within the settle delay is found, and is not sent again.
func TestARateLimitAfterProcessing(t *testing.T) {
	for _, waits := range []bool{false, true} {
		for _, lags := range []bool{false, true} {
			d := newDesk(t)
			d.study.PlanJobs(imednettest.JobPlan{StoreAtOnce: true})
			d.server.Inject(imednettest.Fault{Method: http.MethodPost, Status: 429, AfterApply: true})
			if lags {
				d.update = d.catchingUp(submissions.DefaultSettleDelay)
			}
			receipt, err := d.submit(d.events("Headache A", "Headache B"), submissions.Options{Wait: waits})
			require.NoError(t, err)
			require.Equal(t, states{submissions.Standing, submissions.Standing}, statesOf(receipt.Items))
			require.Equal(t, []int{1, 1}, d.sentTimes("Headache A", "Headache B"))
		}
	}
}

// TestARateLimitWithoutEnd stops the submission; what was not taken is absent and can be sent again.
func TestARateLimitWithoutEnd(t *testing.T) {
	d := newDesk(t)
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Status: 429, Times: -1})
	receipt, err := d.submit(d.events("Headache A"), wait)
	require.ErrorIs(t, err, imednet.ErrRateLimited)
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.Equal(t, states{submissions.Absent}, statesOf(receipt.Items))
	d.server.ClearFaults()
	receipt, err = d.update.Resend(t.Context(), d.study.Key(), receipt.SubmissionID, nil, wait)
	require.NoError(t, err)
	require.Equal(t, states{submissions.Standing}, statesOf(receipt.Items))
	require.Equal(t, 1, d.standing("Headache A"))
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Status: 429, RetryAfter: "3000"})
	before := d.clock.Now()
	_, err = d.submit(d.events("Nausea"), wait)
	require.ErrorIs(t, err, imednet.ErrRateLimited, "longer than anybody waits")
	require.Less(t, d.clock.Now().Sub(before), time.Minute)
}

// TestADiscardedRateLimitStillProtects: the batch was processed in spite of its 429, and somebody discards
// it without a look: it is not sent a second time unless that is said.
func TestADiscardedRateLimitStillProtects(t *testing.T) {
	d := newDesk(t)
	d.study.PlanJobs(imednettest.JobPlan{StoreAtOnce: true})
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Status: 429, RetryAfter: "3000", AfterApply: true})
	receipt, err := d.submit(d.events("Headache A"), wait)
	require.ErrorIs(t, err, imednet.ErrRateLimited)
	_, err = d.update.Discard(t.Context(), d.study.Key(), receipt.SubmissionID, nil, "dealt with")
	require.NoError(t, err)
	_, err = d.submit(d.events("Headache A"), wait)
	require.ErrorIs(t, err, submissions.ErrRepeated)
	require.Equal(t, 1, d.standing("Headache A"))
}

// TestAnUpdateThatWasWrittenOverIsNotSentAgain: the first update was processed in spite of its 429, and
// another submission has written over it since, which is not settled yet.
func TestAnUpdateThatWasWrittenOverIsNotSentAgain(t *testing.T) {
	d := newDesk(t)
	record, weight := d.vitals()
	update := func(value float64) (submissions.Receipt, error) {
		return d.update.UpdateScheduledRecord(t.Context(), d.study.Key(), submissions.FormByKey("VS"), submissions.SubjectByID(record.SubjectID.Or(0)),
			submissions.IntervalByID(record.IntervalID.Or(0)), map[string]any{weight: value}, submissions.Options{})
	}
	d.study.PlanJobs(imednettest.JobPlan{StoreAtOnce: true}, imednettest.JobPlan{StoreAtOnce: true})
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Status: 429, RetryAfter: "3000", AfterApply: true})
	first, err := update(71.5)
	require.ErrorIs(t, err, imednet.ErrRateLimited)
	_, err = update(72.5)
	require.NoError(t, err)
	_, err = d.update.Resend(t.Context(), d.study.Key(), first.SubmissionID, nil, wait)
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	stored, _ := d.study.Record(record.RecordID)
	v, _ := stored.RecordData.Lookup(weight)
	require.Equal(t, "72.5", v.Text(), "the newer value stands")
}
