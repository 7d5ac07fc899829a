package submissions_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// watched is a clock that tells of every sleep.
type watched struct {
	*imednettest.Clock
	slept func(d time.Duration)
}

func (w watched) Sleep(ctx context.Context, d time.Duration) error {
	err := w.Clock.Sleep(ctx, d)
	w.slept(d)
	return err
}

// catchingUp is a process whose server's listings catch up once it has slept for so long.
func (d *desk) catchingUp(after time.Duration, opts ...submissions.Option) *submissions.RecordUpdate {
	d.study.HoldRows(true)
	slept := time.Duration(0)
	clock := watched{d.clock, func(d2 time.Duration) {
		if slept += d2; slept >= after {
			d.study.HoldRows(false)
		}
	}}
	return d.process(d.client, append(opts, submissions.WithClock(clock))...)
}

// TestAListingThatLagsBehindTheJob: the job has ended, and its records show a little later, within the
// settle delay: nothing is absent.
func TestAListingThatLagsBehindTheJob(t *testing.T) {
	for name, plan := range map[string]imednettest.JobPlan{
		"no results":               {},
		"results that say nothing": {ShowResults: true, Results: []byte(`{"total":2}`)},
		"a failed job":             {States: []string{"running", "failed"}, Reject: map[int]string{7: "no"}},
		"results":                  {ShowResults: true},
	} {
		d := newDesk(t)
		u := d.catchingUp(submissions.DefaultSettleDelay)
		d.study.PlanJobs(plan)
		receipt, _ := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache A", "Headache B"), wait)
		require.Equal(t, states{submissions.Standing, submissions.Standing}, statesOf(receipt.Items), name)
	}
}

// TestAListingThatLagsUnderResume: the same, found out afterwards.
func TestAListingThatLagsUnderResume(t *testing.T) {
	for _, waits := range []bool{false, true} {
		d := newDesk(t)
		_, err := d.submit(d.events("Headache A", "Headache B"), submissions.Options{})
		require.NoError(t, err)
		u := d.catchingUp(submissions.DefaultSettleDelay)
		d.study.FinishJobs()
		_, err = u.Resume(t.Context(), d.study.Key(), submissions.ResumeOptions{Wait: waits})
		require.NoError(t, err)
		require.Equal(t, states{submissions.Standing, submissions.Standing}, d.states())
	}
}

// TestTwoLooksMakeAbsence: what nothing shows of is absent only after a second look, a settle delay
// later, and one delay serves all batches. What stands is not waited for.
func TestTwoLooksMakeAbsence(t *testing.T) {
	d := newDesk(t)
	var long []time.Duration
	clock := watched{d.clock, func(d time.Duration) {
		if d > 40*time.Second {
			long = append(long, d)
		}
	}}
	u := d.process(d.client, submissions.WithClock(clock), submissions.WithSettleDelay(41*time.Second), submissions.WithLease(time.Hour))
	_, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache A", "Headache B"), wait)
	require.NoError(t, err)
	require.Empty(t, long)
	records := d.events("Headache C", "Headache D", "Headache E")
	records[0].SubjectKey, records[2].SubjectKey = "99-998", "99-999"
	receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), records, wait)
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.NotErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.Equal(t, states{submissions.Absent, submissions.Standing, submissions.Absent}, statesOf(receipt.Items))
	require.Len(t, long, 1)
	_, err = submissions.NewRecordUpdate(d.client, submissions.WithSettleDelay(-1))
	require.ErrorAs(t, err, new(*imednet.ValidationError))
}

// TestACutShortLookConcludesNothing: the caller goes away between the two looks.
func TestACutShortLookConcludesNothing(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	clock := watched{d.clock, func(d time.Duration) {
		if d == 41*time.Second {
			cancel(context.Canceled)
		}
	}}
	u := d.process(d.client, submissions.WithClock(clock), submissions.WithSettleDelay(41*time.Second), submissions.WithLease(time.Hour))
	records := d.events("Headache")
	records[0].SubjectKey = "99-999"
	receipt, err := u.CreateOrUpdateRecords(ctx, d.study.Key(), records, wait)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, states{submissions.Unknown}, statesOf(receipt.Items))
	resumed, err := d.resume(submissions.ResumeOptions{})
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.Equal(t, states{submissions.Absent}, statesOf(resumed[0].Items))
}

// TestAbsentIsLookedForAgainBeforeItIsSent: the listing lags for longer than any delay. Before
// anything is sent a second time the study is asked again, and what stands by now is not sent.
func TestAbsentIsLookedForAgainBeforeItIsSent(t *testing.T) {
	for name, again := range map[string]func(d *desk) error{
		"resend": func(d *desk) error {
			_, err := d.update.Resend(d.Context(), d.study.Key(), "s2", nil, wait)
			return err
		},
		"resend by number": func(d *desk) error {
			_, err := d.update.Resend(d.Context(), d.study.Key(), "s2", []int{0, 1}, wait)
			return err
		},
		"submit": func(d *desk) error {
			_, err := d.submit(d.events("Headache A", "Headache B"), wait)
			require.ErrorIs(d, err, submissions.ErrRepeated)
			return nil
		},
		"submit with others": func(d *desk) error {
			_, err := d.submit(d.events("Headache B", "Headache C"), wait)
			var conflict *submissions.ConflictError
			require.ErrorAs(d, err, &conflict)
			require.Equal(d, d.study.Submissions()[0].Items[1].RecordID, conflict.Conflicts[0].Held.RecordID)
			_, err = d.resume(submissions.ResumeOptions{})
			return err
		},
		"resume": func(d *desk) error {
			_, err := d.resume(submissions.ResumeOptions{})
			return err
		},
	} {
		for _, plan := range []imednettest.JobPlan{{}, {States: []string{"running", "failed"}, Reject: map[int]string{7: "no"}}, {ShowResults: true, Results: []byte(`[{"status":"FAILED"},{"status":"FAILED"}]`)}} {
			t.Run(name, func(t *testing.T) {
				d := newDesk(t)
				d.TB = t
				d.study.HoldRows(true)
				d.study.PlanJobs(plan)
				_, err := d.submit(d.events("Headache A", "Headache B"), wait)
				require.ErrorIs(t, err, submissions.ErrRefused)
				d.study.HoldRows(false)
				require.NoError(t, again(d))
				require.Equal(t, []int{1, 1, 0}, d.sentTimes("Headache A", "Headache B", "Headache C"))
				require.Equal(t, states{submissions.Standing, submissions.Standing}, d.states()[:2])
			})
		}
	}
}

// TestTheRestIsSentWhenSomeOfItShows: of two that were absent one stands by now.
func TestTheRestIsSentWhenSomeOfItShows(t *testing.T) {
	d := newDesk(t)
	d.study.HoldRows(true)
	d.study.PlanJobs(imednettest.JobPlan{Lose: []int{1}})
	_, err := d.submit(d.events("Headache A", "Headache B"), wait)
	require.ErrorIs(t, err, submissions.ErrRefused)
	d.study.HoldRows(false)
	receipt, err := d.update.Resend(t.Context(), d.study.Key(), "s2", nil, wait)
	require.NoError(t, err)
	require.Equal(t, states{submissions.Standing, submissions.Standing}, statesOf(receipt.Items))
	require.Equal(t, []int{1, 2}, d.sentTimes("Headache A", "Headache B"))
	require.Equal(t, []int{1, 1}, []int{d.standing("Headache A"), d.standing("Headache B")})
}

// TestNothingIsSentAgainUnlessTheStudyCanBeAsked: reading back fails, so nothing is sent.
func TestNothingIsSentAgainUnlessTheStudyCanBeAsked(t *testing.T) {
	for _, again := range []func(d *desk, u *submissions.RecordUpdate) error{
		func(d *desk, u *submissions.RecordUpdate) error {
			_, err := u.Resend(d.Context(), d.study.Key(), "s2", nil, wait)
			return err
		},
		func(d *desk, u *submissions.RecordUpdate) error {
			_, err := u.CreateOrUpdateRecords(d.Context(), d.study.Key(), d.events("Headache A"), wait)
			return err
		},
	} {
		d := newDesk(t)
		d.study.PlanJobs(imednettest.JobPlan{States: []string{"failed"}})
		_, err := d.submit(d.events("Headache A"), wait)
		require.ErrorIs(t, err, submissions.ErrRefused)
		u := d.overHTTP()
		_, err = d.update.DryRun(t.Context(), d.study.Key(), d.events("x"), submissions.Options{})
		require.NoError(t, err)
		d.server.Inject(imednettest.Fault{Method: http.MethodGet, Path: "recordRevisions", Status: 400, Times: -1})
		require.ErrorIs(t, again(d, u), imednet.ErrBadRequest)
		require.Len(t, d.study.Submissions(), 1)
		d.server.ClearFaults()
		require.NoError(t, again(d, u))
		require.Equal(t, 1, d.standing("Headache A"))
	}
}

// TestWhatResultsLeaveOutIsNotAbsent: a short list, one of no use, and numbers that call more stored
// than shows.
func TestWhatResultsLeaveOutIsNotAbsent(t *testing.T) {
	unknown, absent := submissions.Unknown, submissions.Absent
	for results, want := range map[string]submissions.State{
		`[{"index":0,"status":"SUCCESS"},{"index":2,"status":"SUCCESS"}]`:  unknown,
		`[{"status":"SUCCESS"},{"status":"SUCCESS"}]`:                      unknown,
		`[{"status":"SUCCESS"},{"status":"SUCCESS"},{"status":"SUCCESS"}]`: unknown,
		`[{"status":"FAILED"}]`:        unknown,
		`["fine"]`:                     unknown,
		`[{"index":1,"status":"ODD"}]`: unknown,
		`[{"index":0,"status":"SUCCESS"},{"index":1,"status":"PENDING"},{"index":2,"status":"SUCCESS"}]`: unknown,
		`{"total":3,"success":3,"failed":0}`:                              unknown,
		`{"total":3,"success":2,"failed":1}`:                              absent,
		`[{"status":"SUCCESS"},{"status":"FAILED"},{"status":"SUCCESS"}]`: absent,
		`[]`:     absent,
		`"done"`: absent,
	} {
		d := newDesk(t)
		d.study.PlanJobs(imednettest.JobPlan{ShowResults: true, Lose: []int{1}, Results: []byte(results)})
		receipt, err := d.submit(d.events("Headache A", "Headache B", "Headache C"), wait)
		require.Error(t, err)
		require.Equal(t, states{submissions.Standing, want, submissions.Standing}, statesOf(receipt.Items), results)
		if want == unknown {
			_, err = d.update.Resend(t.Context(), d.study.Key(), receipt.SubmissionID, nil, wait)
			require.ErrorIs(t, err, submissions.ErrNotSendable)
		}
	}
}

// TestAJobThatSaysOtherwiseStopsAResend: its items were absent, and by now it is said to run.
func TestAJobThatSaysOtherwiseStopsAResend(t *testing.T) {
	for _, says := range []string{`{"batchId":%q,"state":"running"}`, `{"batchId":%q,"state":"completed","resultUrl":"/api/v1/edc/studies/DEMO/jobs/x/results"}`} {
		d := newDesk(t)
		d.study.PlanJobs(imednettest.JobPlan{Lose: []int{0}})
		u := d.overHTTP()
		receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), wait)
		require.ErrorIs(t, err, submissions.ErrRefused)
		body, stored := fmt.Sprintf(says, receipt.Items[0].BatchID), `[{"status":"SUCCESS"}]`
		d.server.Inject(imednettest.Fault{Path: receipt.Items[0].BatchID, Status: 200, Body: &body, Times: -1}, imednettest.Fault{Path: "results", Status: 200, Body: &stored, Times: -1})
		_, err = u.Resend(t.Context(), d.study.Key(), receipt.SubmissionID, nil, wait)
		require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
		require.Equal(t, states{submissions.Unknown}, d.states())
		require.Len(t, d.study.Submissions(), 1)
	}
}

// TestTheJobOfAnotherBatchIsNotBelieved: the answer to the POST names a job that was there before.
func TestTheJobOfAnotherBatchIsNotBelieved(t *testing.T) {
	d := newDesk(t)
	d.others(d.event("Another"))
	d.study.Advance(time.Minute)
	body := fmt.Sprintf(`{"batchId":%q,"jobId":"j","state":"created"}`, d.study.Submissions()[0].BatchID)
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Status: 202, Body: &body, AfterApply: true})
	receipt, err := d.overHTTP().CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), wait)
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.NotErrorIs(t, err, submissions.ErrRefused)
	require.Equal(t, states{submissions.Unknown}, statesOf(receipt.Items))
	d.study.FinishJobs()
	_, err = d.resume(submissions.ResumeOptions{})
	require.NoError(t, err)
	require.Equal(t, states{submissions.Standing}, d.states())
}

// TestWaitingForWhatNobodyAnswered: the process died after its POST, and the records show later: with
// Wait they are waited for.
func TestWaitingForWhatNobodyAnswered(t *testing.T) {
	d := newDesk(t)
	d.dieAt(1, func(u *submissions.RecordUpdate) {
		_, _ = u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), wait)
	})
	d.clock.Advance(2 * submissions.DefaultLease)
	resumed, err := d.resume(submissions.ResumeOptions{})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome, "nobody waits")
	require.Equal(t, states{submissions.Unknown}, statesOf(resumed[0].Items))
	slept := time.Duration(0)
	clock := watched{d.clock, func(one time.Duration) {
		if slept += one; slept > 90*time.Second {
			d.study.FinishJobs()
		}
	}}
	_, err = d.process(d.client, submissions.WithClock(clock)).Resume(t.Context(), d.study.Key(), submissions.ResumeOptions{Wait: true})
	require.NoError(t, err)
	require.Equal(t, states{submissions.Standing}, d.states())
	require.Less(t, slept, 3*time.Minute)
}

// TestWaitingEnds: what never arrived is waited for as long as the caller says, and is unknown then.
func TestWaitingEnds(t *testing.T) {
	d := newDesk(t)
	d.dieAt(0, func(u *submissions.RecordUpdate) {
		_, _ = u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), wait)
	})
	d.clock.Advance(submissions.DefaultLease)
	before := d.clock.Now()
	_, err := d.resume(submissions.ResumeOptions{Wait: true, Poll: imednet.PollOptions{Timeout: 3 * time.Minute}})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.InDelta(t, float64(2*time.Minute), float64(d.clock.Now().Sub(before)), float64(time.Second), "since the POST")
	_, err = d.resume(submissions.ResumeOptions{Wait: true})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
}
