package submissions_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/jobs"
	"github.com/imednetgo/imednet/workflows/submissions"
)

func TestARecordOfEachKindIsSubmittedAndStands(t *testing.T) {
	d := newDesk(t)
	ctx, key := t.Context(), d.study.Key()
	d.study.SetJobPlan(imednettest.JobPlan{ShowResults: true})
	receipt, err := d.update.CreateNewRecord(ctx, key, submissions.FormByKey("AE"), submissions.SubjectByKey(d.subject), map[string]any{"AETERM": "Headache"}, wait)
	require.NoError(t, err)
	require.Equal(t, imednet.ResultCounts{Total: 1, Succeeded: 1}, receipt.Batches[0].Status.Counts())
	require.Equal(t, "submission s2: 1 record: 1 standing", receipt.String())

	var interval imednet.Interval
	for i, err := range d.client.Intervals(ctx, key, imednet.ListOptions{}) {
		require.NoError(t, err)
		for _, f := range i.Forms {
			if f.FormKey.Or("") == "VS" && interval.IntervalID == 0 {
				interval = i
			}
		}
	}
	receipt, err = d.update.UpdateScheduledRecord(ctx, key, submissions.FormByKey("VS"), submissions.SubjectByKey(d.subject), submissions.IntervalByName(interval.IntervalName.Or("")), nil, wait)
	require.NoError(t, err)
	require.Equal(t, imednet.ScheduledRecord, receipt.Items[0].Kind)
	receipt, err = d.update.RegisterSubject(ctx, key, submissions.FormByKey("DM"), submissions.SiteByName("Site 01"), nil, wait)
	require.NoError(t, err)
	require.Equal(t, imednet.RegisterSubject, receipt.Items[0].Kind)
	receipt, err = d.submit([]imednet.Submission{{FormKey: "AE", RecordID: d.study.RecordIDs()[0], Data: map[string]any{}}}, wait)
	if err == nil { // the first record may be of another form
		require.Equal(t, imednet.ExistingRecord, receipt.Items[0].Kind)
	}
	require.Equal(t, 4, len(d.study.Submissions()))
}

func TestADryRunShowsExactlyWhatWouldBeSent(t *testing.T) {
	d := newDesk(t)
	items := d.events("A", "B", "C")
	opts := submissions.Options{MaxItems: 2}
	dry, err := d.update.DryRun(t.Context(), d.study.Key(), items, opts)
	require.NoError(t, err)
	require.Empty(t, d.study.Submissions())
	require.Len(t, dry, 2)
	require.Equal(t, []int{0, 2, 2, 1}, []int{dry[0].First, dry[1].First, dry[0].Count, dry[1].Count})

	receipt, err := d.submit(items, opts)
	require.NoError(t, err)
	require.Len(t, receipt.Batches, 2)
	require.Equal(t, []int{2}, receipt.Batches[1].Indexes)
	for i, sent := range d.study.Submissions() {
		parts := make([]string, len(sent.Items))
		for j, item := range sent.Items {
			parts[j] = string(item.Raw)
		}
		require.Equal(t, string(dry[i].Payload), "["+strings.Join(parts, ",")+"]")
	}
}

func TestBatchesAreCutByBytesToo(t *testing.T) {
	d := newDesk(t)
	items := d.events("A", "B")
	whole, err := d.update.DryRun(t.Context(), d.study.Key(), items, submissions.Options{})
	require.NoError(t, err)
	for less, batches := range map[int]int{0: 1, 1: 2} {
		dry, err := d.update.DryRun(t.Context(), d.study.Key(), items, submissions.Options{MaxBytes: len(whole[0].Payload) + 1 - less})
		require.NoError(t, err)
		require.Len(t, dry, batches)
	}
	_, err = d.update.DryRun(t.Context(), d.study.Key(), items, submissions.Options{MaxBytes: 10})
	require.ErrorContains(t, err, "more than a batch of 10")
}

func TestAnIncompleteErrorSaysWhatBecameOfEverything(t *testing.T) {
	for _, c := range []struct {
		fault imednettest.Fault
		want  submissions.State
	}{
		{imednettest.Fault{Method: "POST", Skip: 1, Status: 400}, submissions.Refused},
		{imednettest.Fault{Method: "POST", Skip: 1, Status: 500, AfterApply: true}, submissions.Unknown},
	} {
		d := newDesk(t)
		d.server.Inject(c.fault)
		receipt, err := d.submit(d.events("Headache 1", "Headache 2", "Headache 3"), submissions.Options{MaxItems: 1})
		e := incomplete(t, err)
		require.Equal(t, states{submissions.Accepted, c.want, submissions.Absent}, statesOf(receipt.Items))
		require.Equal(t, states{c.want, submissions.Absent}, statesOf(e.Items))
		require.Len(t, receipt.Batches, 1)
		require.Error(t, e.Err)
		require.False(t, imednet.Retryable(err))
		require.Equal(t, c.want == submissions.Unknown, errors.Is(err, submissions.ErrUnknownOutcome))
		require.Contains(t, err.Error(), "1 "+string(c.want)+" (item 2)")
		require.Contains(t, err.Error(), "1 absent (item 3)")
	}
}

func TestALostBatchIdIsNoSuccess(t *testing.T) {
	d := newDesk(t)
	d.study.PlanJobs(imednettest.JobPlan{LoseBatchID: true}, imednettest.JobPlan{LoseBatchID: true})
	_, err := d.submit(d.events("Headache A"), submissions.Options{})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome, "accepted, and nobody can follow it")
	_, err = d.submit(d.events("Headache B"), wait)
	require.ErrorIs(t, err, submissions.ErrUntraceable)
	d.study.FinishJobs()
	_, err = d.resume(submissions.ResumeOptions{})
	require.NoError(t, err, "what stands is found without a job")
	require.Equal(t, states{submissions.Standing, submissions.Standing}, d.states())
}

func TestAFailedJobEndsTheSubmission(t *testing.T) {
	d := newDesk(t)
	d.study.PlanJobs(imednettest.JobPlan{NotFoundPolls: 2, States: []string{"created", "running", "failed"}})
	_, err := d.submit(d.events("Headache A", "Headache B"), submissions.Options{MaxItems: 1, Wait: true})
	require.ErrorAs(t, err, new(*imednet.JobFailedError))
	require.Len(t, d.study.Submissions(), 1, "the second batch was not sent")
	require.Equal(t, states{submissions.Absent, submissions.Absent}, d.states())
}

func TestNothingIsSentAfterABadArgument(t *testing.T) {
	d := newDesk(t)
	twice := d.events("A", "B")
	twice[0].IntentKey, twice[1].IntentKey = "row 1", "row 1"
	for _, c := range []struct {
		items []imednet.Submission
		opts  submissions.Options
		want  string
	}{
		{nil, submissions.Options{}, "records: is empty"},
		{d.events("A"), submissions.Options{EmailNotify: "a@b.org\r\nX: y"}, "line breaks"},
		{d.events("A"), submissions.Options{EmailNotify: "somebody"}, "e-mail address"},
		{d.events("A"), submissions.Options{EmailNotify: "true"}, "e-mail address"},
		{d.events("A"), submissions.Options{EmailNotify: "Anna <a@b.org>"}, "e-mail address"},
		{d.events("A"), submissions.Options{MaxItems: -1}, "negative"},
		{[]imednet.Submission{{Kind: imednet.NewRecord, FormKey: "NOPE", SubjectKey: "1"}}, submissions.Options{}, "Form key not found"},
		{twice, submissions.Options{}, "the same intent key as item 1"},
	} {
		_, err := d.submit(c.items, c.opts)
		require.ErrorContains(t, err, c.want)
	}
	require.Empty(t, d.study.Submissions())
	for _, option := range []submissions.Option{
		submissions.WithJournal(nil, "anna"), submissions.WithJournal(d.journal, " "), submissions.WithHolder(""), submissions.WithLease(0), submissions.WithClock(nil),
		submissions.WithIDs(nil), submissions.WithJobWaiter(nil), submissions.WithSchemaCache(nil),
	} {
		_, err := submissions.NewRecordUpdate(d.client, option)
		require.ErrorAs(t, err, new(*imednet.ValidationError))
	}
	_, err := submissions.NewRecordUpdate(nil)
	require.ErrorAs(t, err, new(*imednet.ValidationError))
}

func TestWithoutAJournalNothingIsKept(t *testing.T) {
	d := newDesk(t)
	poller, err := jobs.NewJobPoller(d.client, jobs.WithClock(d.clock))
	require.NoError(t, err)
	u, err := submissions.NewRecordUpdate(d.client, submissions.WithJobWaiter(poller), submissions.WithClock(d.clock))
	require.NoError(t, err)
	for range 2 {
		receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), wait)
		require.NoError(t, err)
		require.Equal(t, "1 record: 1 standing", receipt.String())
	}
	_, err = u.Resume(t.Context(), d.study.Key(), submissions.ResumeOptions{})
	require.ErrorAs(t, err, new(*imednet.ValidationError))
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true})
	_, err = u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), wait)
	require.Empty(t, incomplete(t, err).SubmissionID)
}
