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

// TestARefusedRecordIsNoSuccess: the job completes, and one of its records was refused. Its results say
// so, or it is found out by reading back.
func TestARefusedRecordIsNoSuccess(t *testing.T) {
	for name, plan := range map[string]imednettest.JobPlan{
		"results":                     {ShowResults: true},
		"no results":                  {},
		"results on another origin":   {ResultURL: "https://elsewhere.example/results"},
		"results that say nothing":    {ShowResults: true, Results: []byte(`{"total":3,"success":2,"failed":1}`)},
		"results that nobody can map": {ShowResults: true, Results: []byte(`[{"status":"SUCCESS"},{"status":"FAILED"},{"status":"SUCCESS"}]`)},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.study.PlanJobs(plan)
			records := d.events("Headache A", "Headache B", "Headache C")
			records[1].SubjectKey = "99-999"
			records[1].Line = 12
			receipt, err := d.submit(records, wait)
			e := incomplete(t, err)
			require.ErrorIs(t, err, submissions.ErrRefused)
			require.NotErrorIs(t, err, submissions.ErrUnknownOutcome)
			want := submissions.Absent
			if name == "results" {
				want = submissions.Refused
				require.Equal(t, "subjectKey is unknown", e.Items[0].ServerMessage)
				require.Equal(t, "subjectKey is unknown", e.Items[0].ShowableMessage())
			}
			require.Equal(t, states{submissions.Standing, want, submissions.Standing}, statesOf(receipt.Items))
			require.Len(t, e.Items, 1)
			require.Equal(t, 1, e.Items[0].Index)
			require.ErrorContains(t, err, "1 "+string(want)+" (line 12)")
			for _, i := range []int{0, 2} {
				rec, ok := d.study.Record(receipt.Items[i].RecordID)
				require.True(t, ok)
				v, _ := rec.RecordData.Lookup("AETERM")
				require.Equal(t, records[i].Data["AETERM"], v.Text())
				require.Positive(t, receipt.Items[i].RevisionID)
				require.True(t, receipt.Items[i].Closed)
			}
			require.False(t, receipt.Items[1].Closed, "somebody has to deal with it")
			again, err := d.resume(submissions.ResumeOptions{})
			require.ErrorIs(t, err, submissions.ErrRefused, "and it is shown until then")
			require.Len(t, again, 1)
		})
	}
}

// TestAFailedJobIsNoConfirmation: nobody waited, the job failed, nothing stands.
func TestAFailedJobIsNoConfirmation(t *testing.T) {
	for _, results := range []bool{false, true} {
		d := newDesk(t)
		d.study.PlanJobs(imednettest.JobPlan{States: []string{"running", "failed"}, ShowResults: results})
		receipt, err := d.submit(d.events("Headache A", "Headache B"), submissions.Options{})
		require.NoError(t, err)
		require.Equal(t, states{submissions.Accepted, submissions.Accepted}, statesOf(receipt.Items))
		d.study.FinishJobs()
		resumed, err := d.resume(submissions.ResumeOptions{})
		require.ErrorIs(t, err, submissions.ErrRefused)
		want := map[bool]submissions.State{false: submissions.Absent, true: submissions.Refused}[results]
		require.Equal(t, states{want, want}, statesOf(resumed[0].Items))
		require.Equal(t, "failed", resumed[0].Items[0].JobState)
		again, err := d.update.Resend(t.Context(), d.study.Key(), receipt.SubmissionID, nil, wait)
		require.NoError(t, err)
		require.Equal(t, states{submissions.Standing, submissions.Standing}, statesOf(again.Items))
		require.Equal(t, []int{1, 1}, []int{d.standing("Headache A"), d.standing("Headache B")})
		done, err := d.resume(submissions.ResumeOptions{})
		require.NoError(t, err)
		require.Empty(t, done)
	}
}

// TestTwoProcessesSendOneFileOnce is in package sqlitejournal; here the journal alone decides.
func TestAnOpenSubmissionIsNotSentByASecondProcess(t *testing.T) {
	d := newDesk(t)
	file := d.events("Headache A", "Headache B")
	inTheMiddle := &intercepted{Client: d.client, before: func() {
		_, err := d.process(d.client).CreateOrUpdateRecords(t.Context(), d.study.Key(), file, submissions.Options{})
		require.ErrorIs(t, err, submissions.ErrInDoubt)
	}}
	_, err := d.process(inTheMiddle).CreateOrUpdateRecords(t.Context(), d.study.Key(), file, wait)
	require.NoError(t, err)
	require.Len(t, d.study.Submissions(), 1)
}

// TestARecordInFrontChangesNothing: after a kill, the same file with one record put in front.
func TestARecordInFrontChangesNothing(t *testing.T) {
	for step := range 4 {
		d := newDesk(t)
		file := d.events("Headache A", "Headache B", "Headache C")
		d.dieAt(step, func(u *submissions.RecordUpdate) {
			_, _ = u.CreateOrUpdateRecords(t.Context(), d.study.Key(), file, submissions.Options{MaxItems: 2})
		})
		d.study.FinishJobs()
		before := len(d.study.Submissions())
		_, err := d.submit(append(d.events("Headache 0"), file...), submissions.Options{})
		var conflict *submissions.ConflictError
		require.ErrorAs(t, err, &conflict, "step %d", step)
		require.Len(t, conflict.Conflicts, 3)
		require.Equal(t, 1, conflict.Conflicts[0].Index)
		require.Len(t, d.study.Submissions(), before, "nothing was sent")
	}
}

// TestAClosedSubmissionStillProtects: everything stands, and the same file comes again.
func TestAClosedSubmissionStillProtects(t *testing.T) {
	d := newDesk(t)
	file := d.events("Headache A", "Headache B")
	first, err := d.submit(file, wait)
	require.NoError(t, err)
	_, err = d.submit(file[1:], wait)
	require.ErrorIs(t, err, submissions.ErrRepeated)
	var conflict *submissions.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, first.Items[1].RecordID, conflict.Conflicts[0].Held.RecordID, "it says what stands")
	_, err = d.submit(file, submissions.Options{Wait: true, AllowRepeat: true})
	require.NoError(t, err, "a second one is meant")
	require.Equal(t, 2, d.standing("Headache A"))
	d.clock.Advance(submissions.DefaultWindow)
	_, err = d.submit(file, wait)
	require.NoError(t, err, "the window is over")

	keyed := d.events("Headache K")
	keyed[0].IntentKey = "row 5"
	_, err = d.submit(keyed, wait)
	require.NoError(t, err)
	d.clock.Advance(1000 * 24 * time.Hour)
	keyed[0].Data["AETERM"] = "another term"
	_, err = d.submit(keyed, wait)
	require.ErrorIs(t, err, submissions.ErrRepeated, "an intent is for ever")
}

// TestAReplyThatIsNotTheAPIsIsNoSuccess: status 200 with a login page or an error document.
func TestAReplyThatIsNotTheAPIsIsNoSuccess(t *testing.T) {
	for _, body := range []string{
		"<!DOCTYPE html><html><title>Log in Headache</title></html>", "", "[]", `{"ok":true}`, `{"jobId":"x"}`,
		`{"metadata":{"status":"UNAUTHORIZED","error":{"code":"9001","description":"Headache"}}}`,
	} {
		for _, applied := range []bool{false, true} {
			d := newDesk(t)
			d.server.Inject(imednettest.Fault{Method: http.MethodPost, Status: 200, Body: &body, AfterApply: applied})
			u := d.overHTTP()
			receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache A"), submissions.Options{})
			incomplete(t, err)
			require.ErrorIs(t, err, submissions.ErrUnknownOutcome, body)
			require.ErrorIs(t, err, imednet.ErrProtocol)
			require.Equal(t, states{submissions.Unknown}, statesOf(receipt.Items))
			d.study.FinishJobs()
			resumed, err := u.Resume(t.Context(), d.study.Key(), submissions.ResumeOptions{})
			if applied {
				require.NoError(t, err)
				require.Equal(t, states{submissions.Standing}, statesOf(resumed[0].Items))
				continue
			}
			require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
			require.Equal(t, states{submissions.Unknown}, statesOf(resumed[0].Items))
			_, err = u.Resend(t.Context(), d.study.Key(), receipt.SubmissionID, nil, wait)
			require.ErrorIs(t, err, submissions.ErrNotSendable)
		}
	}
}

// TestARecordConfirmsOneItemOnly: F1 = [A, B] is accepted and its job runs; F2 = [A], a second, equal
// event, never reached the server.
func TestARecordConfirmsOneItemOnly(t *testing.T) {
	for _, stored := range []bool{true, false} {
		d := newDesk(t)
		d.study.PlanJobs(imednettest.JobPlan{StoreAtOnce: stored, States: []string{"running", "running", "completed"}})
		_, err := d.submit(d.events("Headache A", "Headache B"), submissions.Options{})
		require.NoError(t, err)
		d.server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true})
		_, err = d.submit(d.events("Headache A"), submissions.Options{AllowRepeat: true})
		require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
		for range 3 {
			_, err = d.resume(submissions.ResumeOptions{})
			require.ErrorIs(t, err, submissions.ErrUnknownOutcome, "two were sent for, one can stand")
			require.Equal(t, submissions.Unknown, d.states()[2])
		}
		require.Equal(t, states{submissions.Standing, submissions.Standing, submissions.Unknown}, d.states())
		require.Equal(t, 1, d.standing("Headache A"))
	}
}

// TestAResendBesideARunningSubmit: the second process is told so; if the first one was silent for too
// long, the second takes over and the first reports what the second did.
func TestAResendBesideARunningSubmit(t *testing.T) {
	for _, silent := range []bool{false, true} {
		d := newDesk(t)
		posts := 0
		second := d.process(d.client)
		client := &intercepted{Client: d.client, before: func() {
			if posts++; posts > 1 {
				return
			}
			if silent {
				d.clock.Advance(2 * submissions.DefaultLease)
			}
			resumed, err := second.Resume(t.Context(), d.study.Key(), submissions.ResumeOptions{})
			require.Error(t, err)
			id := resumed[0].SubmissionID
			_, sendErr := second.Resend(t.Context(), d.study.Key(), id, nil, submissions.Options{Wait: silent})
			if !silent {
				require.NotNil(t, resumed[0].Lease)
				require.ErrorIs(t, err, submissions.ErrLeased)
				require.ErrorIs(t, sendErr, submissions.ErrLeased)
				return
			}
			require.Equal(t, states{submissions.Unknown, submissions.Absent, submissions.Absent}, statesOf(resumed[0].Items))
			require.ErrorIs(t, sendErr, submissions.ErrUnknownOutcome, "the first one, that is under way")
		}}
		receipt, err := d.process(client).CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache A", "Headache B", "Headache C"), submissions.Options{MaxItems: 1})
		require.Equal(t, []int{1, 1, 1}, d.sentTimes("Headache A", "Headache B", "Headache C"))
		if !silent {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, submissions.ErrLeaseLost)
		require.Equal(t, states{submissions.Accepted, submissions.Standing, submissions.Standing}, statesOf(receipt.Items), "it reports what the other process did")
		require.NotErrorIs(t, err, submissions.ErrRefused)
	}
}

// TestAGatewaysRefusalProvesNothing: the request was processed, and a gateway answers with a body
// that is not the API's.
func TestAGatewaysRefusalProvesNothing(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 409, 413, 429, 499} {
		for _, body := range []string{`{"message":"Forbidden"}`, "<html></html>", ""} {
			d := newDesk(t)
			d.server.Inject(imednettest.Fault{Method: http.MethodPost, Status: status, Body: pointer(body), AfterApply: true})
			u := d.overHTTP()
			receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache A"), submissions.Options{})
			require.ErrorIs(t, err, submissions.ErrUnknownOutcome, "%d %s", status, body)
			_, err = u.Resend(t.Context(), d.study.Key(), receipt.SubmissionID, nil, wait)
			require.ErrorIs(t, err, submissions.ErrNotSendable)
			d.study.FinishJobs()
			_, err = u.Resume(t.Context(), d.study.Key(), submissions.ResumeOptions{})
			require.NoError(t, err)
			require.Equal(t, 1, d.standing("Headache A"))
			require.Equal(t, states{submissions.Standing}, d.states())
		}
	}
	d := newDesk(t)
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Status: 400})
	u := d.overHTTP()
	receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache A"), submissions.Options{})
	require.ErrorIs(t, err, submissions.ErrRefused, "the API's own words are certain")
	require.NotErrorIs(t, err, submissions.ErrUnknownOutcome)
	_, err = u.Resend(t.Context(), d.study.Key(), receipt.SubmissionID, nil, wait)
	require.NoError(t, err)
}

// TestABlankIntervalMakesNoNewRecord: what was named and is blank is an error.
func TestABlankIntervalMakesNoNewRecord(t *testing.T) {
	d := newDesk(t)
	ae, subject := submissions.FormByKey("AE"), submissions.SubjectByKey(d.subject)
	data := map[string]any{"AETERM": "Headache"}
	for _, interval := range []submissions.IntervalRef{submissions.IntervalByName(""), submissions.IntervalByName(" \t"), submissions.IntervalByName("\u200b"), submissions.IntervalByName("\u00a0\ufeff"), submissions.IntervalByID(0), submissions.IntervalByID(-1), {}} {
		_, err := d.update.UpdateScheduledRecord(t.Context(), d.study.Key(), ae, subject, interval, data, wait)
		require.ErrorAs(t, err, new(*submissions.InvalidRecordsError))
		require.ErrorContains(t, err, "the interval is blank")
	}
	for _, submit := range []func() error{
		func() error {
			_, err := d.update.UpdateScheduledRecord(t.Context(), d.study.Key(), ae, submissions.SubjectByKey(""), submissions.IntervalByName("Day 1"), data, wait)
			return err
		},
		func() error {
			_, err := d.update.CreateNewRecord(t.Context(), d.study.Key(), ae, submissions.SubjectRef{}, data, wait)
			return err
		},
		func() error {
			_, err := d.update.RegisterSubject(t.Context(), d.study.Key(), submissions.FormByKey("DM"), submissions.SiteByName(" "), nil, wait)
			return err
		},
		func() error {
			_, err := d.update.CreateNewRecord(t.Context(), d.study.Key(), submissions.FormRef{}, subject, data, wait)
			return err
		},
		func() error {
			_, err := d.submit([]imednet.Submission{{FormKey: "AE", SubjectKey: d.subject, Data: data}}, wait)
			return err
		},
		func() error {
			_, err := d.submit([]imednet.Submission{{Kind: imednet.ScheduledRecord, FormKey: "AE", SubjectKey: d.subject, Data: data}}, wait)
			return err
		},
	} {
		require.ErrorAs(t, submit(), new(*submissions.InvalidRecordsError))
	}
	require.Empty(t, d.study.Submissions())
	dry, err := d.update.DryRun(t.Context(), d.study.Key(), d.events("x"), submissions.Options{})
	require.NoError(t, err)
	require.Equal(t, []imednet.SubmissionKind{imednet.NewRecord}, dry[0].Kinds)
}
