package submissions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// crossing is a client whose results of jobs went through a proxy that changes them.
type crossing struct {
	*imednettest.Client
	change func(results []map[string]any) any
}

func (c *crossing) JobResults(ctx context.Context, url string) (imednet.JobResults, error) {
	results, err := c.Client.JobResults(ctx, url)
	if err != nil {
		return results, err
	}
	var list []map[string]any
	if err := json.Unmarshal(results.Body, &list); err != nil {
		return results, err
	}
	results.Body, err = json.Marshal(c.change(list))
	return results, err
}

func (d *desk) crossed(change func(results []map[string]any) any) *submissions.RecordUpdate {
	d.study.SetJobPlan(imednettest.JobPlan{ShowResults: true})
	return d.process(&crossing{d.client, change})
}

// naming are results that call every record stored, under these ids.
func naming(ids ...int64) func([]map[string]any) any {
	return func([]map[string]any) any {
		var out []map[string]any
		for i, id := range ids {
			out = append(out, map[string]any{"index": i, "status": "SUCCESS", "recordId": id})
		}
		return out
	}
}

// others posts a stranger's record, outside the journal, and returns its id.
func (d *desk) others(record imednet.Submission) int64 {
	d.Helper()
	_, err := d.client.SubmitRecords(d.Context(), d.study.Key(), []imednet.Submission{record}, imednet.SubmitOptions{})
	require.NoError(d, err)
	d.study.FinishJobs()
	all := d.study.Submissions()
	return all[len(all)-1].Items[0].RecordID
}

// TestTheResultsOfAnotherBatchProveNothing: the results name a record that somebody else made after our
// POST, and nothing of ours stands.
func TestTheResultsOfAnotherBatchProveNothing(t *testing.T) {
	for name, change := range map[string]func(d *desk, s *imednet.Submission){
		"another value":   func(_ *desk, s *imednet.Submission) { s.Data = map[string]any{"AETERM": "Another"} },
		"another form":    func(_ *desk, s *imednet.Submission) { s.FormKey, s.Data = "LOG", map[string]any{"LOGTXT": "called"} },
		"another subject": func(d *desk, s *imednet.Submission) { s.SubjectKey = d.otherSubject() },
		"fewer values":    func(_ *desk, s *imednet.Submission) { s.Data = map[string]any{} },
		"a visit": func(_ *desk, s *imednet.Submission) {
			s.Kind = imednet.RegisterSubject
			s.SubjectKey = ""
			s.FormKey = "DM"
			s.SiteName = "Site 01"
			s.Data = map[string]any{"AGE": 40}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			var theirs int64
			d.study.PlanJobs(imednettest.JobPlan{ShowResults: true, Lose: []int{0}})
			record := d.event("Headache")
			u := d.process(&afterPost{&crossing{d.client, func([]map[string]any) any { return naming(theirs)(nil) }}, func() {
				stranger := d.event("Headache")
				change(d, &stranger)
				theirs = d.others(stranger)
			}})
			receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), []imednet.Submission{record}, wait)
			require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
			require.NotErrorIs(t, err, submissions.ErrRefused)
			require.Equal(t, states{submissions.Unknown}, statesOf(receipt.Items))
			require.Contains(t, receipt.Items[0].Reason, fmt.Sprintf("name record %d", theirs))
		})
	}
}

// afterPost does something after every POST.
type afterPost struct {
	*crossing
	do func()
}

func (a *afterPost) SubmitRecords(ctx context.Context, study string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	job, err := a.crossing.SubmitRecords(ctx, study, items, opts)
	a.do()
	return job, err
}

// otherSubject is the key of another subject than the desk's.
func (d *desk) otherSubject() string {
	for s, err := range d.client.Subjects(d.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(d, err)
		if key := s.SubjectKey.Or(""); !s.IsDeleted() && key != d.subject {
			return key
		}
	}
	d.Fatal("there is one subject only")
	return ""
}

// TestCrossedResultsDoNotHideWhatStands: ours stands, and the results name a stranger's record, name
// nothing, or call ours refused. It is found by reading back.
func TestCrossedResultsDoNotHideWhatStands(t *testing.T) {
	for name, results := range map[string]func(d *desk) any{
		"a stranger's":    func(d *desk) any { return naming(d.study.RecordIDs()[0])(nil) },
		"none that is":    func(*desk) any { return naming(999_999_999)(nil) },
		"refused":         func(*desk) any { return []any{map[string]any{"index": 0, "status": "FAILED", "message": "no"}} },
		"two batches":     func(*desk) any { return naming(1, 2, 3)(nil) },
		"refused, common": func(*desk) any { return []any{map[string]any{"status": "ERROR"}} },
	} {
		d := newDesk(t)
		u := d.crossed(func([]map[string]any) any { return results(d) })
		receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), wait)
		require.NoError(t, err, name)
		require.Equal(t, states{submissions.Standing}, statesOf(receipt.Items), name)
		require.Equal(t, d.study.Submissions()[0].Items[0].RecordID, receipt.Items[0].RecordID, name)
	}
}

// TestSwappedIDsAreFoundOut: the results give each record the id of another one of the batch.
func TestSwappedIDsAreFoundOut(t *testing.T) {
	d := newDesk(t)
	u := d.crossed(func(results []map[string]any) any {
		first := results[0]["recordId"]
		for i := range results[:len(results)-1] {
			results[i]["recordId"] = results[i+1]["recordId"]
		}
		results[len(results)-1]["recordId"] = first
		return results
	})
	records := d.events("Headache A", "Headache B", "Headache B")
	records = append(records,
		imednet.Submission{Kind: imednet.RegisterSubject, FormKey: "DM", SiteName: "Site 01", Data: map[string]any{"AGE": 40}},
		imednet.Submission{Kind: imednet.RegisterSubject, FormKey: "DM", SiteName: "Site 03", Data: map[string]any{"AGE": 40}})
	receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), records, wait)
	require.NoError(t, err)
	seen := map[int64]bool{}
	for i, item := range receipt.Items {
		require.Equal(t, submissions.Standing, item.State)
		require.False(t, seen[item.RecordID])
		seen[item.RecordID] = true
		if sent := d.study.Submissions()[0].Items[i]; i != 1 && i != 2 { // those two are equal
			require.Equal(t, sent.RecordID, item.RecordID)
		}
	}
}

// TestSwappedOutcomesAreFoundOut: one is stored, one refused, and the results have them the wrong way
// round.
func TestSwappedOutcomesAreFoundOut(t *testing.T) {
	d := newDesk(t)
	u := d.crossed(func(results []map[string]any) any {
		results[0]["index"], results[1]["index"] = 1, 0
		return []any{results[1], results[0]}
	})
	d.study.PlanJobs(imednettest.JobPlan{ShowResults: true, Reject: map[int]string{1: "no"}})
	receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache A", "Headache B"), wait)
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.Equal(t, states{submissions.Standing, submissions.Unknown}, statesOf(receipt.Items))
	require.Equal(t, d.study.Submissions()[0].Items[0].RecordID, receipt.Items[0].RecordID)
}

// TestANamedRecordHasOneOwner: the results give both equal records one id, of which one was lost.
func TestANamedRecordHasOneOwner(t *testing.T) {
	d := newDesk(t)
	u := d.crossed(func(results []map[string]any) any {
		results[1]["recordId"] = results[0]["recordId"]
		return results
	})
	d.study.PlanJobs(imednettest.JobPlan{ShowResults: true, Lose: []int{1}})
	receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache", "Headache"), wait)
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.Equal(t, states{submissions.Standing, submissions.Unknown}, statesOf(receipt.Items))
}

// TestANamedRecordThatIsNoLongerAsSent: it was edited or deleted before anybody looked.
func TestANamedRecordThatIsNoLongerAsSent(t *testing.T) {
	for _, change := range []func(*imednettest.Study, int64) error{
		func(s *imednettest.Study, id int64) error { return s.EditRecord(id, "AETERM", "Migraine") },
		func(s *imednettest.Study, id int64) error { return s.DeleteRecord(id, true) },
	} {
		d := newDesk(t)
		d.study.SetJobPlan(imednettest.JobPlan{ShowResults: true})
		_, err := d.submit(d.events("Headache"), submissions.Options{})
		require.NoError(t, err)
		d.study.FinishJobs()
		ids := d.study.RecordIDs()
		require.NoError(t, change(d.study, ids[len(ids)-1]))
		_, err = d.resume(submissions.ResumeOptions{})
		require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
		require.Equal(t, states{submissions.Unknown}, d.states())
	}
}

// TestCrossedResultsOfUpdates: the record of a visit was written, or was not, and the results name
// another record.
func TestCrossedResultsOfUpdates(t *testing.T) {
	for _, lost := range []bool{false, true} {
		d := newDesk(t)
		record, weight := d.vitals()
		u := d.crossed(naming(d.study.RecordIDs()[0]))
		if lost {
			d.study.PlanJobs(imednettest.JobPlan{ShowResults: true, Lose: []int{0}})
		}
		receipt, err := u.UpdateScheduledRecord(t.Context(), d.study.Key(), submissions.FormByKey("VS"), submissions.SubjectByID(record.SubjectID.Or(0)),
			submissions.IntervalByID(record.IntervalID.Or(0)), map[string]any{weight: 71.5}, wait)
		if lost {
			require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
			require.Equal(t, submissions.Unknown, receipt.Items[0].State)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, record.RecordID, receipt.Items[0].RecordID)
	}
}

// TestAFailedJobOfWhichSomethingStands: it is said which is what.
func TestAFailedJobOfWhichSomethingStands(t *testing.T) {
	for _, results := range []bool{false, true} {
		d := newDesk(t)
		d.study.PlanJobs(imednettest.JobPlan{States: []string{"running", "failed"}, ShowResults: results, Reject: map[int]string{1: "no"}})
		receipt, err := d.submit(d.events("Headache A", "Headache B"), wait)
		require.ErrorAs(t, err, new(*imednet.JobFailedError))
		require.Equal(t, submissions.Standing, receipt.Items[0].State)
		require.Contains(t, receipt.Items[0].Reason, "although its job ended as failed")
		require.Contains(t, receipt.String(), "1 standing (1 of them although the job failed)")
		require.ErrorContains(t, err, "1 stands although the job failed")
	}
}

// TestARecordWithMoreAnswersMayBeOfARefusedOne: {A, mild} stands, is called refused, and is not listed at the
// first look; {A} is the one that was refused, and is called stored. What shows at the second look is not {A}'s.
func TestARecordWithMoreAnswersMayBeOfARefusedOne(t *testing.T) {
	for _, results := range []string{
		`[{"index":0,"status":"FAILED"},{"index":1,"status":"SUCCESS"}]`,
		`[{"index":0,"status":"FAILED"},{"index":1,"status":"ODD"}]`,
	} {
		for _, discard := range []bool{false, true} {
			d := newDesk(t)
			d.study.PlanJobs(imednettest.JobPlan{ShowResults: true, Reject: map[int]string{1: "no"}, Results: []byte(results)})
			records := d.events("Headache", "Headache")
			records[0].Data["AESEV"] = "Mild"
			receipt, err := d.catchingUp(submissions.DefaultSettleDelay).CreateOrUpdateRecords(t.Context(), d.study.Key(), records, wait)
			require.ErrorIs(t, err, submissions.ErrRefused)
			require.Equal(t, states{submissions.Refused, submissions.Unknown}, statesOf(receipt.Items), results)
			if discard {
				_, err = d.update.Discard(t.Context(), d.study.Key(), receipt.SubmissionID, []int{0}, "dealt with")
				require.NoError(t, err)
			}
			for range 2 {
				_, err = d.resume(submissions.ResumeOptions{})
				require.ErrorIs(t, err, submissions.ErrUnknownOutcome, results)
				want := states{submissions.Standing, submissions.Unknown}
				if discard {
					want[0] = submissions.Refused
				}
				require.Equal(t, want, d.states(), results)
			}
		}
	}
}
