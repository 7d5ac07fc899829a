package submissions_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/jobs"
	"github.com/imednetgo/imednet/workflows/submissions"
)

var pollStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// writing is a study on a test server with an update workflow that never sleeps.
type writing struct {
	study  *imednettest.Study
	server *imednettest.Server
	client *imednettest.Client
	update *submissions.RecordUpdate
}

func newWriting(t testing.TB, opts ...submissions.Option) writing {
	t.Helper()
	w := writing{study: imednettest.Generate(imednettest.GenerateOptions{Records: 300})}
	w.server = imednettest.NewServer(w.study)
	w.client = w.server.Client()
	poller, err := jobs.NewJobPoller(w.client, jobs.WithClock(imednettest.NewClock(pollStart)))
	require.NoError(t, err)
	w.update, err = submissions.NewRecordUpdate(w.client, append([]submissions.Option{submissions.WithJobWaiter(poller)}, opts...)...)
	require.NoError(t, err)
	return w
}

func (w writing) subject(t testing.TB) imednet.Subject {
	for s, err := range w.client.Subjects(t.Context(), w.study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		if !s.IsDeleted() {
			return s
		}
	}
	t.Fatal("the study has no subject")
	return imednet.Subject{}
}

func (w writing) event(t testing.TB, n int) imednet.Submission {
	return imednet.Submission{FormKey: "AE", SubjectKey: w.subject(t).SubjectKey.Or(""), Data: map[string]any{"AETERM": fmt.Sprintf("Event %d", n)}}
}

func TestARecordOfEachKindIsSubmittedAndConfirmed(t *testing.T) {
	w := newWriting(t)
	ctx, key := t.Context(), w.study.Key()
	subject := w.subject(t)
	w.study.SetJobPlan(imednettest.JobPlan{ShowResults: true})
	wait := submissions.Options{Wait: true, Poll: imednet.PollOptions{FetchResults: true}}

	batch, err := w.update.CreateNewRecord(ctx, key, submissions.FormByKey("AE"), submissions.SubjectByKey(subject.SubjectKey.Or("")), map[string]any{"AETERM": "Headache"}, wait)
	require.NoError(t, err)
	require.Equal(t, imednet.ResultCounts{Total: 1, Succeeded: 1}, batch.Status.Counts())

	_, err = w.update.CreateNewRecord(ctx, key, submissions.FormByKey("AE"), submissions.SubjectByID(subject.SubjectID), map[string]any{"AETERM": "Nausea"}, wait)
	require.NoError(t, err)

	var interval imednet.Interval
	for i, err := range w.client.Intervals(ctx, key, imednet.ListOptions{}) {
		require.NoError(t, err)
		for _, f := range i.Forms {
			if f.FormKey.Or("") == "VS" && interval.IntervalID == 0 {
				interval = i
			}
		}
	}
	_, err = w.update.UpdateScheduledRecord(ctx, key, submissions.FormByKey("VS"), submissions.SubjectByKey(subject.SubjectKey.Or("")), submissions.IntervalByName(interval.IntervalName.Or("")), nil, wait)
	require.NoError(t, err)
	require.Equal(t, 3, w.study.StoredItems())

	items := []imednet.Submission{{FormKey: "AE", SubjectID: subject.SubjectID, Data: map[string]any{"AETERM": "Nausea"}}, {FormKey: "AE", SubjectID: subject.SubjectID, Data: map[string]any{"AETERM": "Never sent"}}}
	found, err := w.update.Confirm(ctx, key, items, w.study.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.NotZero(t, found.RecordIDs[0])
	require.Equal(t, []int{1}, found.Missing)

	visit := imednet.Submission{FormKey: "VS", SubjectID: subject.SubjectID, IntervalName: interval.IntervalName.Or(""), SiteName: subject.SiteName.Or("")}
	otherVisit, otherSite := visit, visit
	otherVisit.IntervalName, otherSite.SiteName = "no such visit", "no such site"
	found, err = w.update.Confirm(ctx, key, []imednet.Submission{otherVisit, otherSite, visit}, w.study.Now().Add(-time.Hour))
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, found.Missing, "what is named is compared")
}

// listless can list records, and nothing that has a name.
type listless struct {
	submissions.Client
	imednet.RecordSource
}

func TestNamesThatCannotBeLookedUpAreNotPassedOver(t *testing.T) {
	w := newWriting(t)
	update, err := submissions.NewRecordUpdate(listless{w.client, w.client})
	require.NoError(t, err)
	_, err = update.Confirm(t.Context(), w.study.Key(), []imednet.Submission{{FormKey: "AE", SiteName: "Site 01"}}, w.study.Now())
	require.ErrorContains(t, err, "cannot list the sites and intervals")
}

func TestADryRunShowsExactlyWhatWouldBeSent(t *testing.T) {
	w := newWriting(t)
	items := []imednet.Submission{w.event(t, 1), w.event(t, 2), w.event(t, 3)}
	opts := submissions.Options{MaxItems: 2}
	dry, err := w.update.DryRun(t.Context(), w.study.Key(), items, opts)
	require.NoError(t, err)
	require.Empty(t, w.study.Submissions())
	require.Len(t, dry, 2)
	require.Equal(t, []int{0, 2}, []int{dry[0].First, dry[1].First})

	batches, err := w.update.CreateOrUpdateRecords(t.Context(), w.study.Key(), items, opts)
	require.NoError(t, err)
	require.Len(t, batches, 2)
	for i, sent := range w.study.Submissions() {
		parts := make([]string, len(sent.Items))
		for j, item := range sent.Items {
			parts[j] = string(item.Raw)
		}
		require.Equal(t, string(dry[i].Payload), "["+strings.Join(parts, ",")+"]")
	}
}

func TestBatchesAreCutByBytesToo(t *testing.T) {
	w := newWriting(t)
	items := []imednet.Submission{w.event(t, 1), w.event(t, 2)}
	dry, err := w.update.DryRun(t.Context(), w.study.Key(), items, submissions.Options{MaxBytes: 120})
	require.NoError(t, err)
	require.Len(t, dry, 2)
	_, err = w.update.DryRun(t.Context(), w.study.Key(), items, submissions.Options{MaxBytes: 10})
	require.ErrorContains(t, err, "more than a batch of 10")
}

func TestAPartialErrorSaysWhatWasAccepted(t *testing.T) {
	for _, c := range []struct {
		fault   imednettest.Fault
		refused bool
	}{
		{imednettest.Fault{Method: "POST", Skip: 1, Status: 400}, true},
		{imednettest.Fault{Method: "POST", Skip: 1, Status: 500, AfterApply: true}, false},
	} {
		w := newWriting(t)
		w.server.Inject(c.fault)
		items := []imednet.Submission{w.event(t, 1), w.event(t, 2), w.event(t, 3)}
		done, err := w.update.CreateOrUpdateRecords(t.Context(), w.study.Key(), items, submissions.Options{MaxItems: 1})
		var partial *submissions.PartialError
		require.ErrorAs(t, err, &partial)
		require.Len(t, done, 1)
		require.Equal(t, done, partial.Accepted)
		require.Equal(t, []int{1, 1, 1}, []int{partial.First, partial.Count, partial.NotSent})
		require.Equal(t, c.refused, partial.Refused)
		var unknown *submissions.UnknownOutcomeError
		require.Equal(t, !c.refused, errorsAs(err, &unknown))
		require.False(t, imednet.Retryable(err))
		require.NotContains(t, err.Error(), "Event")
	}
}

func TestAPartialErrorNamesOnlyWhatThereIs(t *testing.T) {
	cause := errors.New("no answer")
	for want, e := range map[string]submissions.PartialError{
		"workflows: submit records: study S: record 0 failed, nothing of it was taken: no answer":                                                              {Count: 1, Refused: true},
		"workflows: submit records: study S: records 0 to 1 failed, with an outcome that is not certain: no answer":                                            {Count: 2},
		"workflows: submit records: study S: record 2 failed, with an outcome that is not certain; batches accepted before: 2; records not sent: 5: no answer": {First: 2, Count: 1, Accepted: make([]submissions.SubmittedBatch, 2), NotSent: 5},
	} {
		e.StudyKey, e.Err = "S", cause
		require.EqualError(t, &e, want)
	}
}

func errorsAs[T error](err error, target *T) bool {
	for err != nil {
		if e, ok := err.(T); ok {
			*target = e
			return true
		}
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return false
		}
		err = u.Unwrap()
	}
	return false
}

func TestALostBatchIdIsNoSuccess(t *testing.T) {
	w := newWriting(t)
	w.study.PlanJobs(imednettest.JobPlan{LoseBatchID: true}, imednettest.JobPlan{LoseBatchID: true})
	batch, err := w.update.CreateNewRecord(t.Context(), w.study.Key(), submissions.FormByKey("AE"), submissions.SubjectByID(w.subject(t).SubjectID), nil, submissions.Options{})
	require.NoError(t, err)
	require.False(t, batch.Job.Traceable())
	_, err = w.update.CreateNewRecord(t.Context(), w.study.Key(), submissions.FormByKey("AE"), submissions.SubjectByID(w.subject(t).SubjectID), nil, submissions.Options{Wait: true})
	require.ErrorIs(t, err, submissions.ErrUntraceable)
}

func TestAFailedJobEndsTheSubmission(t *testing.T) {
	w := newWriting(t)
	w.study.PlanJobs(imednettest.JobPlan{NotFoundPolls: 2, States: []string{"created", "running", "failed"}})
	_, err := w.update.CreateOrUpdateRecords(t.Context(), w.study.Key(), []imednet.Submission{w.event(t, 1), w.event(t, 2)}, submissions.Options{MaxItems: 1, Wait: true})
	var failed *imednet.JobFailedError
	require.ErrorAs(t, err, &failed)
	require.Len(t, w.study.Submissions(), 1, "the second batch was not sent")
}

func TestNothingIsSentAfterABadArgument(t *testing.T) {
	w := newWriting(t)
	for _, c := range []struct {
		items []imednet.Submission
		opts  submissions.Options
		want  string
	}{
		{nil, submissions.Options{}, "no records to submit"},
		{[]imednet.Submission{w.event(t, 1)}, submissions.Options{EmailNotify: "a@b.org\r\nX: y"}, "line breaks"},
		{[]imednet.Submission{w.event(t, 1)}, submissions.Options{EmailNotify: "somebody"}, "e-mail address"},
		{[]imednet.Submission{w.event(t, 1)}, submissions.Options{MaxItems: -1}, "negative"},
		{[]imednet.Submission{{FormKey: "NOPE", SubjectKey: "1"}}, submissions.Options{}, "Form key 'NOPE' not found"},
	} {
		_, err := w.update.CreateOrUpdateRecords(t.Context(), w.study.Key(), c.items, c.opts)
		require.ErrorContains(t, err, c.want)
	}
	require.Empty(t, w.study.Submissions())
}

func newRegister(t testing.TB, w writing) *submissions.RegisterSubjects {
	poller, err := jobs.NewJobPoller(w.client, jobs.WithClock(imednettest.NewClock(pollStart)))
	require.NoError(t, err)
	r, err := submissions.NewRegisterSubjects(w.client, submissions.WithJobWaiter(poller))
	require.NoError(t, err)
	return r
}

func (w writing) sites(t testing.TB) []string {
	var names []string
	for s, err := range w.client.Sites(t.Context(), w.study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		names = append(names, s.SiteName.Or(""))
	}
	return names
}

func TestRegisteredSubjectsAreNamed(t *testing.T) {
	for _, inferred := range []bool{false, true} {
		w := newWriting(t)
		w.study.PlanJobs(imednettest.JobPlan{ShowResults: !inferred})
		sites := w.sites(t)
		out, err := newRegister(t, w).RegisterSubjects(t.Context(), w.study.Key(), []imednet.Submission{
			{FormKey: "DM", SiteName: sites[0]}, {FormKey: "DM", SiteName: sites[1]},
		}, submissions.Options{Wait: true})
		require.NoError(t, err)
		require.Len(t, out.Subjects, 2)
		for i, s := range out.Subjects {
			require.Equal(t, sites[i], s.SiteName)
			require.NotEmpty(t, s.SubjectKey)
			require.Equal(t, inferred, s.Inferred)
		}
	}
}

func TestDryRunOfARegistration(t *testing.T) {
	w := newWriting(t)
	items := []imednet.Submission{{FormKey: "DM", SiteName: w.sites(t)[0]}}
	batches, err := newRegister(t, w).DryRun(t.Context(), w.study.Key(), items, submissions.Options{})
	require.NoError(t, err)
	require.Len(t, batches, 1)
	require.JSONEq(t, `[{"formKey": "DM", "siteName": "`+items[0].SiteName+`", "data": {}}]`, string(batches[0].Payload))
	items[0].SiteName = "Atlantis"
	_, err = newRegister(t, w).DryRun(t.Context(), w.study.Key(), items, submissions.Options{})
	require.ErrorAs(t, err, new(*submissions.SiteError))
	require.Empty(t, w.study.Submissions())
}

func TestRegistrationsAreCheckedInOnePass(t *testing.T) {
	w := newWriting(t)
	site := w.sites(t)[0]
	_, err := newRegister(t, w).RegisterSubjects(t.Context(), w.study.Key(), []imednet.Submission{
		{FormKey: "DM", SiteName: " "},
		{FormKey: "DM", SiteName: "Atlantis"},
		{FormKey: "DM", SiteName: strings.ToUpper(site) + " "},
		{FormKey: "DM", SiteName: site, SubjectKey: "01-001"},
		{FormKey: "DM", SiteName: site},
		{FormKey: "DM", SiteName: site},
	}, submissions.Options{})
	var wrong *submissions.SiteError
	require.ErrorAs(t, err, &wrong)
	require.Contains(t, err.Error(), "Index 0: siteName is required; Index 1: site 'Atlantis' not found; ")
	require.Contains(t, err.Error(), "Index 3: a subject is named; the server assigns the key of a new one")
	require.Contains(t, err.Error(), "Index 5: the same registration as at index 4")
	require.Empty(t, w.study.Submissions())
}
