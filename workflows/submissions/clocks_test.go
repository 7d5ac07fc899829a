package submissions_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// odd is a server whose parts do not agree: the time of its answers and the dates of its jobs are ahead of
// the dates of its rows, and listings may be empty.
type odd struct {
	*imednettest.Client
	answers, jobs         time.Duration
	undated               bool
	noRecords, noRevision bool
}

func (o *odd) ProbeRecords(ctx context.Context, studyKey string, f imednet.Filter) (imednet.Probe, error) {
	p, err := o.Client.ProbeRecords(ctx, studyKey, f)
	p.ServerTime = p.ServerTime.Add(o.answers)
	return p, err
}

func (o *odd) Job(ctx context.Context, studyKey, batchID string) (imednet.Job, error) {
	job, err := o.Client.Job(ctx, studyKey, batchID)
	if at, ok := job.DateCreated.Get(); ok {
		job.DateCreated = imednet.Some(imednet.NewTime(at.Add(o.jobs)))
	}
	if o.undated {
		job.DateCreated = imednet.Opt[imednet.Time]{}
	}
	return job, err
}

func (o *odd) Records(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	if o.noRecords {
		return func(func(imednet.Record, error) bool) {}
	}
	return o.Client.Records(ctx, studyKey, opts)
}

func (o *odd) RecordRevisions(ctx context.Context, studyKey string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	if o.noRevision {
		return func(func(imednet.RecordRevision, error) bool) {}
	}
	return o.Client.RecordRevisions(ctx, studyKey, opts)
}

// bothKinds are a new record and an update.
func (d *desk) bothKinds() []imednet.Submission {
	record, weight := d.vitals()
	return append(d.events("Thirst"), updateOf("VS", record.RecordID, weight, 71.5)...)
}

// neverAgain tries to send a submission again, as it is and with what else is known by now.
func (d *desk) neverAgain(u *submissions.RecordUpdate, submission string) {
	d.Helper()
	for range 2 {
		_, err := u.Resend(d.Context(), d.study.Key(), submission, nil, wait)
		require.Error(d, err)
		_, _ = u.Resume(d.Context(), d.study.Key(), submissions.ResumeOptions{})
	}
	require.Len(d, d.study.Submissions(), 1)
}

var noResults = imednettest.JobPlan{}

// TestRowsThatAreDatedBeforeThePOST: the clock that dates rows is behind the one of the answers.
func TestRowsThatAreDatedBeforeThePOST(t *testing.T) {
	for _, behind := range []time.Duration{time.Second, 2 * time.Second, 30 * time.Second, 9 * time.Minute} {
		for name, plan := range map[string]imednettest.JobPlan{"none": noResults, "results": {ShowResults: true}, "failed": {States: []string{"failed"}, Reject: map[int]string{7: "no"}}} {
			t.Run(fmt.Sprint(behind, " ", name), func(t *testing.T) {
				d := newDesk(t)
				d.study.SetJobPlan(plan)
				u := d.process(&odd{Client: d.client, answers: behind, jobs: behind})
				receipt, _ := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.bothKinds(), wait)
				require.Equal(t, states{submissions.Standing, submissions.Standing}, statesOf(receipt.Items))
				require.Equal(t, 1, d.standing("Thirst"))
			})
		}
	}
}

// TestARecordFromBeforeThePOSTIsNobodysNews: somebody entered the same a minute before. It was there when the
// POST began, so that it is not the lost one.
func TestARecordFromBeforeThePOSTIsNobodysNews(t *testing.T) {
	d := newDesk(t)
	d.others(d.event("Headache"))
	d.study.FinishJobs()
	d.clock.Advance(time.Minute)
	d.study.PlanJobs(imednettest.JobPlan{Lose: []int{0}})
	receipt, err := d.submit(d.events("Headache"), wait)
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.Equal(t, states{submissions.Absent}, statesOf(receipt.Items))
}

// TestBatchesOfOneSubmissionKnowWhatWasThere: the second batch is lost, and what was saved between the two is
// not its own.
func TestBatchesOfOneSubmissionKnowWhatWasThere(t *testing.T) {
	d := newDesk(t)
	d.study.PlanJobs(imednettest.JobPlan{}, imednettest.JobPlan{Lose: []int{0}})
	receipt, err := d.submit(d.events("Headache", "Headache"), submissions.Options{MaxItems: 1, Wait: true})
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.Equal(t, states{submissions.Standing, submissions.Absent}, statesOf(receipt.Items))
}

// TestAClockThatNobodyCanBelieve: the time of the answers is hours ahead, or jumped back after the POST, and
// jobs have dates of either clock, or none.
func TestAClockThatNobodyCanBelieve(t *testing.T) {
	for _, o := range []odd{
		{answers: 5 * time.Hour, undated: true}, {answers: 5 * time.Hour}, {answers: 5 * time.Hour, jobs: 5 * time.Hour}, {answers: time.Minute, undated: true}, {answers: time.Minute},
		{answers: 3 * time.Second, undated: true}, {answers: -5 * time.Hour, undated: true},
	} {
		t.Run(fmt.Sprint(o.answers, o.jobs, o.undated), func(t *testing.T) {
			d := newDesk(t)
			d.study.SetTime(d.clock.Now())
			d.study.SetJobPlan(noResults)
			o.Client = d.client
			u := d.process(&o)
			receipt, _ := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.bothKinds(), wait)
			require.NotContains(t, statesOf(receipt.Items), submissions.Absent)
			d.neverAgain(u, receipt.SubmissionID)
			require.NotContains(t, d.states(), submissions.Absent)
			require.Equal(t, 1, d.standing("Thirst"))
		})
	}
}

// TestAJobWithoutADateProvesNoAbsence: nothing shows that it is the job of this POST.
func TestAJobWithoutADateProvesNoAbsence(t *testing.T) {
	for _, plan := range []imednettest.JobPlan{{Lose: []int{0}}, {States: []string{"failed"}}} {
		d := newDesk(t)
		d.study.SetJobPlan(plan)
		u := d.process(&odd{Client: d.client, undated: true})
		receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), wait)
		require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
		require.Equal(t, states{submissions.Unknown}, statesOf(receipt.Items))
		d.neverAgain(u, receipt.SubmissionID)
	}
}

// TestListingsThatContradictEachOther: a record is listed without a revision, or revisions without a record.
func TestListingsThatContradictEachOther(t *testing.T) {
	for name, o := range map[string]odd{"no revisions": {noRevision: true}, "no records": {noRecords: true}} {
		for state, plan := range map[string]imednettest.JobPlan{"completed": noResults, "failed": {States: []string{"failed"}, Reject: map[int]string{7: "no"}}} {
			t.Run(name+" "+state, func(t *testing.T) {
				d := newDesk(t)
				d.study.SetJobPlan(plan)
				records := d.bothKinds()
				o.Client = d.client
				u := d.process(&o)
				receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), records, wait)
				require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
				require.Equal(t, states{submissions.Unknown, submissions.Unknown}, statesOf(receipt.Items))
				d.neverAgain(u, receipt.SubmissionID)
				_, err = d.resume(submissions.ResumeOptions{})
				require.NoError(t, err)
				require.Equal(t, states{submissions.Standing, submissions.Standing}, d.states(), "once both are listed")
			})
		}
	}
}

// TestAContradictionStopsAResend: it was absent, and by now one of the listings shows it.
func TestAContradictionStopsAResend(t *testing.T) {
	for name, o := range map[string]odd{"no revisions": {noRevision: true}, "no records": {noRecords: true}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.study.HoldRows(true)
			d.study.SetJobPlan(noResults)
			receipt, err := d.submit(d.events("Headache"), wait)
			require.ErrorIs(t, err, submissions.ErrRefused)
			d.study.HoldRows(false)
			o.Client = d.client
			d.neverAgain(d.process(&o), receipt.SubmissionID)
			require.Equal(t, states{submissions.Unknown}, d.states())
		})
	}
}

// TestAnotherRecordIsNoContradiction: rows that only one listing has are of another subject's, another form's or
// another item's record.
func TestAnotherRecordIsNoContradiction(t *testing.T) {
	d := newDesk(t)
	d.study.PlanJobs(imednettest.JobPlan{}, imednettest.JobPlan{Lose: []int{0}})
	_, err := d.submit(d.events("Headache"), wait)
	require.NoError(t, err)
	o := &odd{Client: d.client, noRevision: true}
	receipt, err := d.process(o).CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Nausea"), wait)
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.Equal(t, states{submissions.Absent}, statesOf(receipt.Items))
	o.noRevision, o.noRecords = false, true
	receipt, err = d.process(o).Resend(t.Context(), d.study.Key(), receipt.SubmissionID, nil, submissions.Options{})
	require.NoError(t, err)
	require.Equal(t, states{submissions.Accepted}, statesOf(receipt.Items))
}

// TestARefusedUpdateOverwritesNothingNewer: its record was saved since by somebody else.
func TestARefusedUpdateOverwritesNothingNewer(t *testing.T) {
	for _, saved := range []bool{false, true} {
		d := newDesk(t)
		record, weight := d.vitals()
		d.study.PlanJobs(imednettest.JobPlan{ShowResults: true, Reject: map[int]string{0: "no"}})
		receipt, err := d.submit(updateOf("VS", record.RecordID, weight, 71.5), wait)
		require.ErrorIs(t, err, submissions.ErrRefused)
		require.Equal(t, states{submissions.Refused}, statesOf(receipt.Items))
		if !saved {
			_, err = d.update.Resend(t.Context(), d.study.Key(), receipt.SubmissionID, nil, wait)
			require.NoError(t, err)
			continue
		}
		d.clock.Advance(time.Minute)
		require.NoError(t, d.study.EditRecord(record.RecordID, weight, "80"))
		_, err = d.update.Resend(t.Context(), d.study.Key(), receipt.SubmissionID, nil, wait)
		require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
		require.Equal(t, states{submissions.Unknown}, d.states())
		d.remainsUnknown(receipt.SubmissionID)
		require.Len(t, d.study.Submissions(), 1)
		now, _ := d.study.Record(record.RecordID)
		v, _ := now.RecordData.Lookup(weight)
		require.Equal(t, "80", v.Text())
	}
}
