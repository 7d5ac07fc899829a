package journal_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows"
)

// TestWhatWasReadBackIsNoLongerUntraceable follows two entries that have no batch id: of one the
// answer was lost, of the other the answer lacked it. What was read back stays known to the next
// process, and is offered until somebody discards it.
func TestWhatWasReadBackIsNoLongerUntraceable(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: studyKey, Records: 300})
	server := imednettest.NewServer(study)
	items := submission(firstSubject(t, server))
	update := newUpdate(t, server.Client(), open(t, filepath.Join(t.TempDir(), "journal.sqlite3")))

	server.Inject(imednettest.Fault{Method: http.MethodPost, Reset: true, AfterApply: true})
	_, err := update.CreateOrUpdateRecords(t.Context(), studyKey, items[:1], workflows.UpdateOptions{})
	require.Error(t, err)
	study.PlanJobs(imednettest.JobPlan{LoseBatchID: true})
	_, err = update.CreateOrUpdateRecords(t.Context(), studyKey, items[1:], workflows.UpdateOptions{})
	require.NoError(t, err)

	resume := func() []workflows.Recovered {
		recovered, err := update.Resume(t.Context(), studyKey, workflows.UpdateOptions{})
		require.NoError(t, err)
		return recovered
	}
	first := resume()
	require.Len(t, first, 2)
	require.NoError(t, first[0].Err)
	require.True(t, first[0].Entry.ReadBack)
	require.ErrorIs(t, first[1].Err, workflows.ErrUntraceable, "nobody has looked for its record yet")
	found, err := update.ConfirmEntry(t.Context(), first[1].Entry.ID)
	require.NoError(t, err)
	require.True(t, found.Complete())

	for _, r := range resume() {
		require.Equal(t, workflows.OutcomeAccepted, r.Outcome)
		require.True(t, r.Entry.ReadBack)
		require.NoError(t, r.Err)
		require.NoError(t, update.Discard(t.Context(), r.Entry))
	}
	require.Empty(t, resume())
	require.Len(t, study.Submissions(), 2)
}
