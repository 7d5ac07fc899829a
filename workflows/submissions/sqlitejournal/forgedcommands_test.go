package sqlitejournal_test

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/storetest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// notEvidence are the columns that say who is at work: they lead to a wait, never to a record.
var notEvidence = regexp.MustCompile(`^submissions (holder|lease_until|fence|holder_mark) `)

// TestNoCommandReliesOnAnEditedJournal edits every column of every table with SQL, then submits the same records
// again, settles, and sends again. Nothing is sent, and every command that could rely on the edit says so.
func TestNoCommandReliesOnAnEditedJournal(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "S", Records: 60})
	server := imednettest.NewServer(study)
	clock := imednettest.NewClock(study.Now())
	server.SetClock(clock)
	work := func(path string) (*sqlitejournal.Journal, *submissions.RecordUpdate) {
		j := open(t, path, sqlitejournal.WithClock(clock))
		u, err := submissions.NewRecordUpdate(server.Client(), submissions.WithJournal(j, "anna"), submissions.WithClock(clock), submissions.WithSettleDelay(0))
		require.NoError(t, err)
		return j, u
	}
	event := func(term, intent string) imednet.Submission {
		return imednet.Submission{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: "01-001", IntentKey: intent, Data: map[string]any{"AETERM": term}}
	}
	path := filepath.Join(t.TempDir(), "j.sqlite3")
	j, u := work(path)
	study.PlanJobs(imednettest.JobPlan{}, imednettest.JobPlan{StoreAtOnce: true}, imednettest.JobPlan{Lose: []int{0}})
	held := []imednet.Submission{event("stands", ""), event("stands too", "row 2")}
	_, err := u.CreateOrUpdateRecords(t.Context(), "S", held, submissions.Options{Wait: true})
	require.NoError(t, err)
	discarded := []imednet.Submission{event("discarded", "")}
	server.Inject(imednettest.Fault{Method: "POST", Reset: true, AfterApply: true})
	receipt, err := u.CreateOrUpdateRecords(t.Context(), "S", discarded, submissions.Options{})
	require.ErrorIs(t, err, submissions.ErrUnknownOutcome)
	_, err = u.Discard(t.Context(), "S", receipt.SubmissionID, nil, "looked")
	require.NoError(t, err)
	lost, err := u.CreateOrUpdateRecords(t.Context(), "S", []imednet.Submission{event("lost", "")}, submissions.Options{Wait: true})
	require.ErrorIs(t, err, submissions.ErrRefused)
	require.NoError(t, j.Close())

	posts := len(study.Submissions())
	commands := map[string]func(context.Context, *submissions.RecordUpdate) error{
		"submit": func(ctx context.Context, u *submissions.RecordUpdate) error {
			_, err := u.CreateOrUpdateRecords(ctx, "S", held, submissions.Options{})
			return err
		},
		"submit another": func(ctx context.Context, u *submissions.RecordUpdate) error {
			_, err := u.CreateOrUpdateRecords(ctx, "S", discarded, submissions.Options{})
			return err
		},
		"resume": func(ctx context.Context, u *submissions.RecordUpdate) error {
			_, err := u.Resume(ctx, "S", submissions.ResumeOptions{})
			return err
		},
		"settle": func(ctx context.Context, u *submissions.RecordUpdate) error {
			_, err := u.Resume(ctx, "S", submissions.ResumeOptions{SubmissionID: lost.SubmissionID})
			return err
		},
		"resend": func(ctx context.Context, u *submissions.RecordUpdate) error {
			_, err := u.Resend(ctx, "S", lost.SubmissionID, nil, submissions.Options{})
			return err
		},
	}
	forgeries := storetest.Forgeries(t, path, []storetest.Table{
		{Name: "submissions", Key: []string{"sequence"}, Swap: "id"},
		{Name: "submission_items", Key: []string{"submission", "item"}, Swap: "item", With: "submission"},
		{Name: "submission_events", Key: []string{"sequence"}, Swap: "sequence"},
	})
	require.Greater(t, len(forgeries), 200)
	for _, f := range forgeries {
		if notEvidence.MatchString(f.Name) {
			continue
		}
		copied := storetest.Copy(t, path)
		storetest.WithoutGuards(t, copied, `PRAGMA defer_foreign_keys = ON`, f.SQL)
		for name, command := range commands {
			j, u := work(copied)
			err := command(t.Context(), u)
			if len(study.Submissions()) != posts {
				t.Errorf("%s: %s sent something: %v", f.Name, name, err)
				posts = len(study.Submissions())
			}
			if !errors.Is(err, submissions.ErrDamaged) {
				t.Errorf("%s: %s relied on it: %v", f.Name, name, err)
			}
			require.NoError(t, j.Close())
		}
		clock.Advance(time.Second)
	}
}
