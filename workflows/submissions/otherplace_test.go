package submissions_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// subjectNames are the ways in which a submission names the subject of a record.
var subjectNames = map[string]func(of imednet.Record, to *imednet.Submission){
	"key": func(of imednet.Record, to *imednet.Submission) { to.SubjectKey = of.SubjectKey.Or("") },
	"id":  func(of imednet.Record, to *imednet.Submission) { to.SubjectID = of.SubjectID.Or(0) },
}

// ofTwoSubjects makes new events of two subjects, in one batch, and returns the ids of the records that the
// job stored.
func (d *desk) ofTwoSubjects(name string, first, second map[string]any, plan imednettest.JobPlan) (receipt submissions.Receipt, ids []int64) {
	d.Helper()
	subjects := map[string]imednet.Record{}
	for rec, err := range d.client.Records(d.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(d, err)
		subjects[rec.SubjectKey.Or("")] = rec
	}
	records := []imednet.Submission{
		{Kind: imednet.NewRecord, FormKey: "AE", Data: first},
		{Kind: imednet.NewRecord, FormKey: "AE", Data: second},
	}
	subjectNames[name](subjects[d.subject], &records[0])
	subjectNames[name](subjects[d.otherSubject()], &records[1])
	d.study.PlanJobs(plan)
	receipt, err := d.submit(records, submissions.Options{})
	require.NoError(d, err)
	d.study.FinishJobs()
	for _, item := range d.study.Submissions()[0].Items {
		ids = append(ids, item.RecordID)
	}
	return receipt, ids
}

// TestARecordOfAnotherSubjectExplainsNothing: both records stand, and were edited before anybody looked: the
// second has the value of the first now. That first item asked for another subject, so it does not explain
// whose the second record is.
func TestARecordOfAnotherSubjectExplainsNothing(t *testing.T) {
	for name := range subjectNames {
		d := newDesk(t)
		receipt, ids := d.ofTwoSubjects(name, map[string]any{"AETERM": "a"}, map[string]any{"AETERM": "b"}, imednettest.JobPlan{})
		require.NoError(t, d.study.EditRecord(ids[0], "AETERM", "z"))
		require.NoError(t, d.study.EditRecord(ids[1], "AETERM", "a"))
		d.remainsUnknown(receipt.SubmissionID)
		require.Equal(t, states{submissions.Unknown, submissions.Unknown}, d.states(), name)
	}
}

// TestALostRecordOfAnotherSubjectExplainsNothing: the first was lost, and the second was edited.
func TestALostRecordOfAnotherSubjectExplainsNothing(t *testing.T) {
	for name := range subjectNames {
		d := newDesk(t)
		receipt, ids := d.ofTwoSubjects(name, map[string]any{"AETERM": "a"}, map[string]any{"AETERM": "b"}, imednettest.JobPlan{Lose: []int{0}})
		require.NoError(t, d.study.EditRecord(ids[1], "AETERM", "a"))
		_, err := d.resume(submissions.ResumeOptions{SubmissionID: receipt.SubmissionID})
		require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
		require.Equal(t, submissions.Unknown, d.states()[1], name)
	}
}

// TestARecordOfARenamedSubjectIsNotAnotherSubjects: the first of two equal events was lost, and the subject of
// the second got another key. Its record can only be its own, although it is not at its place.
func TestARecordOfARenamedSubjectIsNotAnotherSubjects(t *testing.T) {
	d := newDesk(t)
	receipt, ids := d.ofTwoSubjects("key", map[string]any{"AETERM": "a"}, map[string]any{"AETERM": "a"}, imednettest.JobPlan{Lose: []int{0}})
	require.NoError(t, d.study.RenameSubject(d.subjectOf(ids[1]), "renamed"))
	_, err := d.resume(submissions.ResumeOptions{SubmissionID: receipt.SubmissionID})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	require.Equal(t, submissions.Unknown, d.states()[1])
}

// TestAnswersOfTheServerAreNoOtherSubjects: two subjects have equal events, and both records have an answer
// more than was sent. Each is its own subject's.
func TestAnswersOfTheServerAreNoOtherSubjects(t *testing.T) {
	for name := range subjectNames {
		d := newDesk(t)
		receipt, ids := d.ofTwoSubjects(name, map[string]any{"AETERM": "a"}, map[string]any{"AETERM": "a"}, imednettest.JobPlan{})
		for _, id := range ids {
			require.NoError(t, d.study.EditRecord(id, "AESEV", "Mild"))
		}
		_, err := d.resume(submissions.ResumeOptions{SubmissionID: receipt.SubmissionID})
		require.NoError(t, err, name)
		require.Equal(t, states{submissions.Standing, submissions.Standing}, d.states(), name)
	}
}

// TestADateOfAnotherSpellingStands: the first was lost, and the server shows the date of the second as the
// first one has it.
func TestADateOfAnotherSpellingStands(t *testing.T) {
	for name := range subjectNames {
		d := newDesk(t)
		receipt, ids := d.ofTwoSubjects(name, map[string]any{"AESTDTC": "20140203"}, map[string]any{"AESTDTC": "2014-02-03"}, imednettest.JobPlan{Lose: []int{0}})
		require.NoError(t, d.study.EditRecord(ids[1], "AESTDTC", "20140203"))
		_, err := d.resume(submissions.ResumeOptions{SubmissionID: receipt.SubmissionID})
		require.ErrorIs(t, err, submissions.ErrRefused, name)
		require.Equal(t, states{submissions.Absent, submissions.Standing}, d.states(), name)
	}
}

// subjectOf returns the id of the subject of a record.
func (d *desk) subjectOf(record int64) int64 {
	for rec, err := range d.client.Records(d.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(d, err)
		if rec.RecordID == record {
			return rec.SubjectID.Or(0)
		}
	}
	d.Fatal("no such record")
	return 0
}

// TestARecordOfAnotherSubjectIsNotTheOneThatWasMeant: an update names a record and a subject, and the record is of
// another subject. That the record has the values does not mean that the subject has them.
func TestARecordOfAnotherSubjectIsNotTheOneThatWasMeant(t *testing.T) {
	for name, of := range subjectNames {
		for _, meant := range []bool{true, false} {
			d := newDesk(t)
			record, weight := d.vitals()
			update := updateOf("VS", record.RecordID, weight, 71.5)
			of(record, &update[0])
			if !meant {
				update[0].SubjectKey, update[0].SubjectID = "", 0
				of(d.recordOf(d.otherSubject()), &update[0])
			}
			d.study.PlanJobs(imednettest.JobPlan{Lose: []int{0}})
			receipt, err := d.submit(update, submissions.Options{})
			require.NoError(t, err)
			d.study.FinishJobs()
			require.NoError(t, d.study.EditRecord(record.RecordID, weight, "71.5"))
			_, err = d.resume(submissions.ResumeOptions{SubmissionID: receipt.SubmissionID})
			if meant {
				require.NoError(t, err, name)
				require.Equal(t, states{submissions.Standing}, d.states(), name)
				continue
			}
			require.ErrorIs(t, err, submissions.ErrUnknownOutcome, name)
			require.Equal(t, states{submissions.Unknown}, d.states(), name)
		}
	}
}

// recordOf returns a record of a subject.
func (d *desk) recordOf(subjectKey string) imednet.Record {
	for rec, err := range d.client.Records(d.Context(), d.study.Key(), imednet.ListOptions{}) {
		require.NoError(d, err)
		if rec.SubjectKey.Or("") == subjectKey {
			return rec
		}
	}
	d.Fatal("the subject has no record")
	return imednet.Record{}
}
