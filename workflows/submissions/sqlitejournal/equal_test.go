package sqlitejournal_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// Who runs a command again after an interrupt sends nothing twice.
func TestTheSameRecordsAreNotSentWhileTheyAreOpen(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	server := imednettest.NewServer(study)
	j, err := sqlitejournal.Open(t.Context(), filepath.Join(t.TempDir(), "journal.sqlite3"))
	require.NoError(t, err)
	defer func() { require.NoError(t, j.Close()) }()
	update, err := submissions.NewRecordUpdate(server.Client(), submissions.WithJournal(j))
	require.NoError(t, err)
	headache := []imednet.Submission{{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "Headache"}}}
	nausea := []imednet.Submission{{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "Nausea"}}}
	submit := func(items []imednet.Submission) error {
		_, err := update.CreateOrUpdateRecords(t.Context(), "DEMO", items, submissions.Options{})
		return err
	}

	server.Inject(imednettest.Fault{Method: "POST", Reset: true})
	require.ErrorAs(t, submit(headache), new(*submissions.UnknownOutcomeError))
	err = submit(headache)
	require.ErrorIs(t, err, submissions.ErrOpenSubmission, "it may have been taken")
	require.NotContains(t, err.Error(), "Headache")
	require.NoError(t, submit(nausea), "other records go through")
	require.ErrorIs(t, submit(nausea), submissions.ErrOpenSubmission, "it was taken; how its job ended is not known")
	require.Len(t, study.Submissions(), 1)

	recovered, err := update.Resume(t.Context(), "DEMO", submissions.Options{})
	require.NoError(t, err)
	for _, r := range recovered {
		require.NoError(t, update.Discard(t.Context(), r.Entry))
	}
	require.NoError(t, submit(headache), "somebody has dealt with it")
	require.Len(t, study.Submissions(), 2)
}
