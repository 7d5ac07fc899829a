package sqlitejournal_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// TestWhatIsReadBackIsSettled follows two entries that have no batch id: of one the answer was
// lost, of the other the answer lacked it. Both are settled by what stands in the study.
func TestWhatIsReadBackIsSettled(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: studyKey, Records: 300})
	server := imednettest.NewServer(study)
	items := submission(firstSubject(t, server))
	j := open(t, filepath.Join(t.TempDir(), "journal.sqlite3"))
	update := newUpdate(t, server.Client(), j)

	server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true, AfterApply: true})
	_, err := update.CreateOrUpdateRecords(t.Context(), studyKey, items[:1], submissions.Options{})
	require.Error(t, err)
	study.PlanJobs(imednettest.JobPlan{LoseBatchID: true})
	_, err = update.CreateOrUpdateRecords(t.Context(), studyKey, items[1:], submissions.Options{})
	require.NoError(t, err)

	study.FinishJobs()
	recovered, err := update.Resume(t.Context(), studyKey, submissions.Options{})
	require.NoError(t, err)
	require.Len(t, recovered, 2)
	for _, r := range recovered {
		require.NoError(t, r.Err)
		require.Equal(t, submissions.OutcomeConfirmed, r.Outcome)
		require.True(t, r.Found.Complete())
		kept, err := j.Entry(t.Context(), r.Entry.ID)
		require.NoError(t, err)
		require.Equal(t, r.Entry, kept, "the journal knows it too")
		require.True(t, kept.ReadBack && kept.Closed)
	}
	again, err := update.Resume(t.Context(), studyKey, submissions.Options{})
	require.NoError(t, err)
	require.Empty(t, again)
	require.Len(t, study.Submissions(), 2)
}

// TestWhatIsNotReadBackStaysOpen: the server took a batch without a batch id, and one of its
// records has been changed since.
func TestWhatIsNotReadBackStaysOpen(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: studyKey, Records: 300})
	server := imednettest.NewServer(study)
	update := newUpdate(t, server.Client(), open(t, filepath.Join(t.TempDir(), "journal.sqlite3")))
	study.PlanJobs(imednettest.JobPlan{LoseBatchID: true})
	_, err := update.CreateOrUpdateRecords(t.Context(), studyKey, submission(firstSubject(t, server)), submissions.Options{})
	require.NoError(t, err)
	study.FinishJobs()
	ids := study.RecordIDs()
	require.NoError(t, study.EditRecord(ids[len(ids)-1], "AETERM", "changed"))

	for range 2 {
		recovered, err := update.Resume(t.Context(), studyKey, submissions.Options{})
		require.NoError(t, err)
		require.Len(t, recovered, 1)
		require.ErrorIs(t, recovered[0].Err, submissions.ErrUntraceable)
		require.Equal(t, submissions.OutcomeAccepted, recovered[0].Outcome)
		require.Len(t, recovered[0].Found.Missing, 1)
		found, err := update.ConfirmEntry(t.Context(), recovered[0].Entry.ID)
		require.NoError(t, err)
		require.Equal(t, recovered[0].Found.Missing, found.Missing)
	}
}
