package submissions_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestARivalMayOwnTheRecord: two equal events; the POST of the second never reached the server, and
// the job of the first has ended without anybody having asked it. What stands may be the first's.
func TestARivalMayOwnTheRecord(t *testing.T) {
	d := newDesk(t)
	_, err := d.submit(d.events("Headache"), submissions.Options{})
	require.NoError(t, err)
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true})
	second, err := d.submit(d.events("Headache"), submissions.Options{AllowRepeat: true})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	d.study.FinishJobs()
	_, err = d.resume(submissions.ResumeOptions{SubmissionID: second.SubmissionID})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.Equal(t, states{submissions.Accepted, submissions.Unknown}, d.states())
	_, err = d.resume(submissions.ResumeOptions{})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.Equal(t, states{submissions.Standing, submissions.Unknown}, d.states())
}

// TestADiscardedRivalMayOwnTheRecord: the same, and the first was closed while its job ran. A record is not
// the second's because nobody looks at the first any more, whether it has the same values or more.
func TestADiscardedRivalMayOwnTheRecord(t *testing.T) {
	for _, more := range []bool{false, true} {
		d := newDesk(t)
		events := d.events("Headache")
		if more {
			events[0].Data["AESEV"] = "Mild"
		}
		first, err := d.submit(events, submissions.Options{})
		require.NoError(t, err)
		_, err = d.update.Discard(t.Context(), d.study.Key(), first.SubmissionID, nil, "entered by hand")
		require.NoError(t, err)
		d.server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true})
		second, err := d.submit(d.events("Headache"), submissions.Options{AllowRepeat: true})
		require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
		d.study.FinishJobs()
		for range 2 {
			_, err = d.resume(submissions.ResumeOptions{SubmissionID: second.SubmissionID})
			require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
			require.Equal(t, states{submissions.Accepted, submissions.Unknown}, d.states())
		}
	}
}

// TestADiscardedRivalExplainsNothing: the values of the second stand with one more, which a discarded item
// asked for too. Nobody will find out any more whose they are.
func TestADiscardedRivalExplainsNothing(t *testing.T) {
	d := newDesk(t)
	richer := d.events("Headache")
	richer[0].Data["AESEV"] = "Mild"
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true})
	first, err := d.submit(richer, submissions.Options{})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	_, err = d.update.Discard(t.Context(), d.study.Key(), first.SubmissionID, nil, "is not there")
	require.NoError(t, err)
	second, err := d.submit(d.events("Headache"), submissions.Options{})
	require.NoError(t, err)
	d.study.FinishJobs()
	ids := d.study.RecordIDs()
	require.NoError(t, d.study.EditRecord(ids[len(ids)-1], "AESEV", "Mild"))
	_, err = d.resume(submissions.ResumeOptions{SubmissionID: second.SubmissionID})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.NotErrorIs(t, err, submissions.ErrRefused)
}

// TestEqualItemsHaveRecordsOfTheirOwn: two equal events, settled one after the other.
func TestEqualItemsHaveRecordsOfTheirOwn(t *testing.T) {
	d := newDesk(t)
	for range 2 {
		_, err := d.submit(d.events("Headache"), submissions.Options{AllowRepeat: true})
		require.NoError(t, err)
	}
	d.study.FinishJobs()
	for _, id := range []string{"s2", "s3"} {
		_, err := d.resume(submissions.ResumeOptions{SubmissionID: id})
		require.NoError(t, err)
	}
	items, err := d.journal.Items(t.Context(), submissions.Query{})
	require.NoError(t, err)
	require.Equal(t, states{submissions.Standing, submissions.Standing}, statesOf(items))
	require.NotEqual(t, items[0].RecordID, items[1].RecordID)
}

// TestWhatStoodBeforeConfirmsNothing: an equal event was there before the POST, which never arrived.
func TestWhatStoodBeforeConfirmsNothing(t *testing.T) {
	d := newDesk(t)
	_, err := d.client.SubmitRecords(t.Context(), d.study.Key(), d.events("Headache"), imednet.SubmitOptions{})
	require.NoError(t, err)
	d.study.FinishJobs() // in the very second in which the submission begins
	d.server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true})
	_, err = d.submit(d.events("Headache"), submissions.Options{})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	_, err = d.resume(submissions.ResumeOptions{})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.Equal(t, states{submissions.Unknown}, d.states())
}

// TestARecordWithMoreAnswersMayBeAnothers: {A} is refused in silence, and {A, mild} stands.
func TestARecordWithMoreAnswersMayBeAnothers(t *testing.T) {
	d := newDesk(t)
	d.study.PlanJobs(imednettest.JobPlan{Reject: map[int]string{0: "no"}})
	records := d.events("Headache", "Headache")
	records[1].Data["AESEV"] = "Mild"
	receipt, err := d.submit(records, wait)
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.Equal(t, states{submissions.Absent, submissions.Standing}, statesOf(receipt.Items))
}

// TestARecordWithMoreAnswersIsLeftToItsRival: the same, and the richer item is still open elsewhere.
func TestARecordWithMoreAnswersIsLeftToItsRival(t *testing.T) {
	d := newDesk(t)
	richer := d.events("Headache")
	richer[0].Data["AESEV"] = "Mild"
	_, err := d.submit(richer, submissions.Options{})
	require.NoError(t, err)
	d.study.PlanJobs(imednettest.JobPlan{Reject: map[int]string{0: "no"}})
	second, err := d.submit(d.events("Headache"), submissions.Options{})
	require.NoError(t, err)
	d.study.FinishJobs()
	_, err = d.resume(submissions.ResumeOptions{SubmissionID: second.SubmissionID})
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.Equal(t, states{submissions.Accepted, submissions.Absent}, d.states())
}

// TestAServerMayAddAnswers: a derived answer that was not sent does not make it another record.
func TestAServerMayAddAnswers(t *testing.T) {
	d := newDesk(t)
	_, err := d.submit(d.events("Headache"), submissions.Options{})
	require.NoError(t, err)
	d.study.FinishJobs()
	ids := d.study.RecordIDs()
	require.NoError(t, d.study.EditRecord(ids[len(ids)-1], "AESEV", "Mild"))
	_, err = d.resume(submissions.ResumeOptions{})
	require.NoError(t, err)
	require.Equal(t, states{submissions.Standing}, d.states())
}

// TestWhatWasChangedSinceIsNotAbsent: its value was edited, or it was deleted, before anybody looked.
func TestWhatWasChangedSinceIsNotAbsent(t *testing.T) {
	for _, change := range []func(*imednettest.Study, int64) error{
		func(s *imednettest.Study, id int64) error { return s.EditRecord(id, "AETERM", "Migraine") },
		func(s *imednettest.Study, id int64) error { return s.DeleteRecord(id, true) },
	} {
		d := newDesk(t)
		_, err := d.submit(d.events("Headache"), submissions.Options{})
		require.NoError(t, err)
		d.study.FinishJobs()
		ids := d.study.RecordIDs()
		require.NoError(t, change(d.study, ids[len(ids)-1]))
		_, err = d.resume(submissions.ResumeOptions{})
		require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
		_, err = d.update.Resend(t.Context(), d.study.Key(), "s2", nil, wait)
		require.ErrorIs(t, err, submissions.ErrNotSendable, "it would stand twice")
	}
}

// TestARenamedSubjectMakesNothingAbsent: the record stands, under the subject's new key.
func TestARenamedSubjectMakesNothingAbsent(t *testing.T) {
	d := newDesk(t)
	_, err := d.submit(d.events("Headache"), submissions.Options{})
	require.NoError(t, err)
	d.study.FinishJobs()
	for s, err := range d.client.Subjects(t.Context(), d.study.Key(), imednet.ListOptions{Filter: imednet.Where("subjectKey", imednet.Equal, d.subject)}) {
		require.NoError(t, err)
		require.NoError(t, d.study.RenameSubject(s.SubjectID, "renamed"))
	}
	_, err = d.resume(submissions.ResumeOptions{})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.ErrorContains(t, err, "1 unknown")
}

// listless can list records and revisions, and nothing that has a name.
type listless struct {
	submissions.Client
	imednet.RecordSource
	imednet.RevisionReader
}

func TestNamesThatCannotBeLookedUpAreNotPassedOver(t *testing.T) {
	d := newDesk(t)
	u := d.process(listless{d.client, d.client, d.client})
	receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), []imednet.Submission{{FormKey: "DM", SiteName: "Site 01"}}, wait)
	require.ErrorContains(t, err, "nothing can be read back")
	require.Equal(t, states{submissions.Accepted}, statesOf(receipt.Items))
}

// TestResultsCountFromOneToo: the index of a result tells whose it is, counted from 0 or from 1.
func TestResultsCountFromOneToo(t *testing.T) {
	for results, is := range map[string]struct {
		lost []int
		want states
	}{
		`[{"index":1,"status":"FAILED","message":"a"},{"index":2,"status":"FAILED","message":"b"}]`: {[]int{0, 1}, states{submissions.Refused, submissions.Refused}},
		`[{"index":1,"status":"FAILED"}]`:                               {nil, states{submissions.Standing, submissions.Standing}}, // from 0 or from 1?
		`[{"index":2,"status":"FAILED"}]`:                               {[]int{1}, states{submissions.Standing, submissions.Refused}},
		`[{"index":0,"status":"FAILED"}]`:                               {[]int{0}, states{submissions.Refused, submissions.Standing}},
		`[{"index":0,"status":"FAILED"},{"index":0,"status":"FAILED"}]`: {nil, states{submissions.Standing, submissions.Standing}},
		`[{"index":7,"status":"FAILED"}]`:                               {nil, states{submissions.Standing, submissions.Standing}},
		`[{"status":"FAILED"},{"status":"SUCCESS"}]`:                    {nil, states{submissions.Standing, submissions.Standing}},
		`[{"status":"FAILED"},{"status":"ERROR"}]`:                      {[]int{0, 1}, states{submissions.Refused, submissions.Refused}},
	} {
		d := newDesk(t)
		d.study.PlanJobs(imednettest.JobPlan{ShowResults: true, Lose: is.lost, Results: []byte(results)})
		receipt, _ := d.submit(d.events("Headache A", "Headache B"), wait)
		require.Equal(t, is.want, statesOf(receipt.Items), results)
	}
}

// TestWithoutListingsNothingIsConcluded: the client can neither list revisions nor read results.
func TestWithoutListingsNothingIsConcluded(t *testing.T) {
	d := newDesk(t)
	u := d.process(blind{d.client})
	receipt, err := u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache"), wait)
	require.Error(t, err)
	require.ErrorContains(t, err, "nothing can be read back")
	require.Equal(t, states{submissions.Accepted}, statesOf(receipt.Items))
	require.Equal(t, "completed", receipt.Items[0].JobState)
}

// blind hides all abilities but those that are required.
type blind struct{ submissions.Client }

// TestScheduledRecordsAreSettled: the record of a visit is updated, and found by its revision.
func TestScheduledRecordsAreSettled(t *testing.T) {
	for _, results := range []bool{false, true} {
		d := newDesk(t)
		record, weight := d.vitals()
		d.study.PlanJobs(imednettest.JobPlan{ShowResults: results})
		receipt, err := d.update.UpdateScheduledRecord(t.Context(), d.study.Key(), submissions.FormByKey("VS"), submissions.SubjectByID(record.SubjectID.Or(0)),
			submissions.IntervalByID(record.IntervalID.Or(0)), map[string]any{weight: 71.5}, wait)
		require.NoError(t, err)
		item := receipt.Items[0]
		require.Equal(t, []any{submissions.Standing, record.RecordID, imednet.ScheduledRecord}, []any{item.State, item.RecordID, item.Kind})
		require.Positive(t, item.RevisionID)
		stored, _ := d.study.Record(record.RecordID)
		v, _ := stored.RecordData.Lookup(weight)
		require.Equal(t, "71.5", v.Text())
	}
}

// TestAJournalThatCannotBeWritten: nothing is sent if the decision cannot be stored; what the server
// took is said even if that cannot be.
func TestAJournalThatCannotBeWritten(t *testing.T) {
	full := errors.New("the disk is full")
	d := newDesk(t)
	sick := &sickJournal{Journal: d.journal}
	u, err := submissions.NewRecordUpdate(d.client, submissions.WithJournal(sick, "anna"), submissions.WithClock(d.clock))
	require.NoError(t, err)
	sick.prepare = full
	_, err = u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache A"), wait)
	require.ErrorIs(t, err, full)
	sick.prepare, sick.send = nil, full
	_, err = u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache B"), wait)
	require.ErrorIs(t, err, full)
	require.Empty(t, d.study.Submissions())
	sick.send, sick.note = nil, full
	_, err = u.CreateOrUpdateRecords(t.Context(), d.study.Key(), d.events("Headache C"), wait)
	require.ErrorIs(t, err, full)
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	sick.note = nil
	d.study.FinishJobs()
	d.clock.Advance(time.Hour)
	_, err = u.Resume(t.Context(), d.study.Key(), submissions.ResumeOptions{})
	require.ErrorIs(t, err, submissions.ErrRefused, "what was never sent")
	require.Equal(t, states{submissions.Absent, submissions.Standing}, d.states())
}

type sickJournal struct {
	submissions.Journal
	prepare, send, note error
}

func (s *sickJournal) Prepare(ctx context.Context, p submissions.Preparation) (submissions.Entry, error) {
	if s.prepare != nil {
		return submissions.Entry{}, s.prepare
	}
	return s.Journal.Prepare(ctx, p)
}

func (s *sickJournal) Send(ctx context.Context, sending submissions.Sending) ([]submissions.Item, error) {
	if s.send != nil {
		return nil, s.send
	}
	return s.Journal.Send(ctx, sending)
}

func (s *sickJournal) Note(ctx context.Context, author string, changes []submissions.Change) ([]submissions.Item, error) {
	if s.note != nil {
		return nil, s.note
	}
	return s.Journal.Note(ctx, author, changes)
}

// TestARunOfManyRecordsReadsEachOnce: the requests of a run grow with its records, and not with their
// square.
func TestARunOfManyRecordsReadsEachOnce(t *testing.T) {
	rows := func(n int) int {
		d := newDesk(t)
		counting := &counted{Client: d.client}
		var records []imednet.Submission
		for i := range n {
			records = append(records, d.event(fmt.Sprintf("Headache %d", i)))
		}
		_, err := d.process(counting).CreateOrUpdateRecords(t.Context(), d.study.Key(), records, submissions.Options{Wait: true, MaxItems: 20})
		require.NoError(t, err)
		return counting.rows
	}
	few, many := rows(100), rows(400)
	require.LessOrEqual(t, many, 5*few, "rows read back: %d for 100 records, %d for 400", few, many)
}

type counted struct {
	*imednettest.Client
	rows int
}

func (c *counted) Records(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for rec, err := range c.Client.Records(ctx, study, opts) {
			c.rows++
			if !yield(rec, err) {
				return
			}
		}
	}
}

// TestStoredWithoutATraceIsNotAbsent: the results say stored and name no record, and none shows. A
// second one may be sent only after somebody has looked.
func TestStoredWithoutATraceIsNotAbsent(t *testing.T) {
	d := newDesk(t)
	d.study.PlanJobs(imednettest.JobPlan{ShowResults: true, Lose: []int{0}, Results: []byte(`[{"index":0,"status":"SUCCESS"}]`)})
	receipt, err := d.submit(d.events("Headache"), wait)
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.Equal(t, states{submissions.Unknown}, statesOf(receipt.Items))
}
