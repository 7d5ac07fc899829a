package submissions_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// failedInPart is a job that ends badly, without results, and has stored its first record.
var failedInPart = imednettest.JobPlan{States: []string{"failed"}, Reject: map[int]string{1: "no"}}

// updateOf is an update of a record that is there.
func updateOf(form string, record int64, name string, value any) []imednet.Submission {
	return []imednet.Submission{{Kind: imednet.ExistingRecord, FormKey: form, RecordID: record, Data: map[string]any{name: value}}}
}

// writeOver sends an update whose POST gets no answer, and is processed. It returns its submission.
func (d *desk) writeOver(update []imednet.Submission) string {
	d.Helper()
	d.study.PlanJobs(imednettest.JobPlan{StoreAtOnce: true})
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true, AfterApply: true})
	receipt, err := d.submit(update, submissions.Options{})
	require.ErrorIs(d, err, submissions.ErrUnknownOutcome)
	return receipt.SubmissionID
}

// remainsUnknown looks at a submission again and again, and tries to send it.
func (d *desk) remainsUnknown(submission string) {
	d.Helper()
	for range 3 {
		_, err := d.resume(submissions.ResumeOptions{SubmissionID: submission})
		require.ErrorIs(d, err, submissions.ErrUnknownOutcome)
		require.NotErrorIs(d, err, submissions.ErrRefused)
		_, err = d.update.Resend(d.Context(), d.study.Key(), submission, nil, wait)
		require.ErrorIs(d, err, submissions.ErrNotSendable)
	}
}

// TestAnUpdateOfAFailedJobThatWasWrittenOver: it was stored, and another update, settled or not, has
// written over it since. That the other one explains what the record holds now does not make it absent.
func TestAnUpdateOfAFailedJobThatWasWrittenOver(t *testing.T) {
	for _, settled := range []bool{false, true} {
		d := newDesk(t)
		record, weight := d.vitals()
		d.study.PlanJobs(failedInPart)
		first, err := d.submit(updateOf("VS", record.RecordID, weight, 71.5), submissions.Options{})
		require.NoError(t, err)
		d.study.FinishJobs()
		second := d.writeOver(updateOf("VS", record.RecordID, weight, 72.5))
		if settled {
			_, err = d.resume(submissions.ResumeOptions{SubmissionID: second})
			require.NoError(t, err)
		}
		d.remainsUnknown(first.SubmissionID)
	}
}

// TestANewRecordThatWasWrittenOver: the job of a new record says nothing of it, and an update of that very
// record has written over it since. An update makes no record, so that it does not explain this one.
func TestANewRecordThatWasWrittenOver(t *testing.T) {
	for _, plan := range []imednettest.JobPlan{{}, failedInPart} {
		for _, settled := range []bool{false, true} {
			d := newDesk(t)
			d.study.PlanJobs(plan)
			first, err := d.submit(d.events("Headache"), submissions.Options{})
			require.NoError(t, err)
			d.study.FinishJobs()
			ids := d.study.RecordIDs()
			second := d.writeOver(updateOf("AE", ids[len(ids)-1], "AETERM", "Migraine"))
			if settled {
				_, err = d.resume(submissions.ResumeOptions{SubmissionID: second})
				require.NoError(t, err)
			}
			d.remainsUnknown(first.SubmissionID)
		}
	}
}

// TestANewRecordThatAnUpdateCompleted: its values are all there, beside those of an update of that very
// record, whose outcome nobody knows yet.
func TestANewRecordThatAnUpdateCompleted(t *testing.T) {
	d := newDesk(t)
	first, err := d.submit(d.events("Headache"), submissions.Options{})
	require.NoError(t, err)
	d.study.FinishJobs()
	ids := d.study.RecordIDs()
	d.writeOver(updateOf("AE", ids[len(ids)-1], "AESEV", "Mild"))
	_, err = d.resume(submissions.ResumeOptions{SubmissionID: first.SubmissionID})
	require.NoError(t, err)
	require.Equal(t, states{submissions.Standing, submissions.Unknown}, d.states())
}
