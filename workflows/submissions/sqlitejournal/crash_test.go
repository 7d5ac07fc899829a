package sqlitejournal_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

const (
	studyKey   = "DEMO"
	leastSteps = 20 // what two batches take at least: the child reports its steps in the end
)

// stepTask is what the child does: it submits two batches to the server at URL and stops for ever at a step.
type stepTask struct {
	URL, Path, Subject string
	Stop               int
}

func TestMain(m *testing.M) { childtest.Main(m, child) }

// checkpoint counts the steps of the child.
type checkpoint struct {
	n, stop int
	say     childtest.Say
}

func (c *checkpoint) pass() {
	if c.n == c.stop {
		c.say("stopped")
		select {} // until the parent kills this process
	}
	c.n++
}

// steppedJournal and steppedClient pass a checkpoint before and after everything that they do.
type steppedJournal struct {
	*sqlitejournal.Journal
	*checkpoint
}

func (s steppedJournal) Prepare(ctx context.Context, p submissions.Preparation) (submissions.Entry, error) {
	s.pass()
	defer s.pass()
	return s.Journal.Prepare(ctx, p)
}

func (s steppedJournal) Send(ctx context.Context, sending submissions.Sending) ([]submissions.Item, error) {
	s.pass()
	defer s.pass()
	return s.Journal.Send(ctx, sending)
}

func (s steppedJournal) Note(ctx context.Context, author string, changes []submissions.Change) ([]submissions.Item, error) {
	s.pass()
	defer s.pass()
	return s.Journal.Note(ctx, author, changes)
}

type steppedClient struct {
	*rest.Client
	*checkpoint
}

func (s steppedClient) SubmitRecords(ctx context.Context, study string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	s.pass()
	defer s.pass()
	return s.Client.SubmitRecords(ctx, study, items, opts)
}

func (s steppedClient) Job(ctx context.Context, study, batch string) (imednet.Job, error) {
	s.pass()
	defer s.pass()
	return s.Client.Job(ctx, study, batch)
}

// child is the process that is killed; the parent, who owns the server, kills it at its step and settles.
func child(ctx context.Context, task stepTask, say childtest.Say) error {
	point := &checkpoint{stop: task.Stop, say: say}
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(task.URL))
	if err != nil {
		return err
	}
	j, err := sqlitejournal.Open(ctx, task.Path)
	if err != nil {
		return err
	}
	update, err := submissions.NewRecordUpdate(steppedClient{client, point}, submissions.WithJournal(steppedJournal{j, point}, "anna"), submissions.WithClock(imednettest.NewClock(time.Now())))
	if err != nil {
		return err
	}
	receipt, err := update.CreateOrUpdateRecords(ctx, studyKey, submission(task.Subject), submissions.Options{Wait: true, MaxItems: 1})
	if err != nil {
		return err
	}
	if standing := submissions.Count(receipt.Items)[submissions.Standing]; standing != 2 {
		return fmt.Errorf("%d of 2 stand", standing)
	}
	say("finished")
	return j.Close()
}

func newClient(t testing.TB, url string) *rest.Client {
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(url))
	require.NoError(t, err)
	return client
}

func newUpdate(t testing.TB, client submissions.Client, j submissions.Journal, clock imednet.Clock) *submissions.RecordUpdate {
	update, err := submissions.NewRecordUpdate(client, submissions.WithJournal(j, "anna"), submissions.WithClock(clock))
	require.NoError(t, err)
	return update
}

func submission(subject string) []imednet.Submission {
	return []imednet.Submission{
		{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: subject, Data: map[string]any{"AETERM": "Headache of the first batch"}},
		{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: subject, Data: map[string]any{"AETERM": "Nausea of the second batch"}},
	}
}

// runChild starts the child, waits until it stops at its step or finishes, and kills it.
func runChild(t *testing.T, url, path, subject string, stop int) (finished bool) {
	p := childtest.Start(t, stepTask{url, path, subject, stop})
	said, _ := p.Next()
	if said == "finished" {
		require.NoError(t, p.Wait())
		return true
	}
	require.Equal(t, "stopped", said)
	p.Kill(t)
	return false
}

func TestAKillAtAnyStepSendsNothingTwiceAndLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	stop := 0
	for ; ; stop++ {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
		server := imednettest.NewServer(study)
		url := imednettest.Start(t, server)
		subject := firstSubject(t, server)
		path := filepath.Join(t.TempDir(), "journal.sqlite3")
		finished := runChild(t, url, path, subject, stop)
		study.FinishJobs()
		settleAll(t, newClient(t, url), path, study, subject, stop)
		if finished {
			break
		}
	}
	require.GreaterOrEqual(t, stop, leastSteps, "the child was killed at every one of its steps")
}

func firstSubject(t testing.TB, server *imednettest.Server) string {
	for s, err := range server.Client().Subjects(t.Context(), studyKey, imednet.ListOptions{}) {
		require.NoError(t, err)
		if !s.IsDeleted() {
			return s.SubjectKey.Or("")
		}
	}
	t.Fatal("no subject")
	return ""
}

// settleAll does what a user does after a crash: runs the same program again, is told, resumes once
// the dead process has lost its lease, and sends again what is absent. Afterwards each record must
// stand exactly once, unless the POST never left: that alone stays unknown.
func settleAll(t *testing.T, client *rest.Client, path string, study *imednettest.Study, subject string, stop int) {
	clock := imednettest.NewClock(time.Now())
	j := open(t, path, sqlitejournal.WithClock(clock))
	update := newUpdate(t, client, j, clock)
	ctx := t.Context()
	entries, err := j.Entries(ctx, submissions.Query{})
	require.NoError(t, err)
	posted := len(study.Submissions())
	_, err = update.CreateOrUpdateRecords(ctx, studyKey, submission(subject), submissions.Options{Wait: true})
	if len(entries) == 0 {
		require.NoError(t, err, "killed before the intent was on disk: nothing was sent, the second run is the first")
		require.Zero(t, posted)
	} else {
		require.ErrorAs(t, err, new(*submissions.ConflictError), "killed at step %d", stop)
		require.Len(t, study.Submissions(), posted)
	}
	resumed, err := update.Resume(ctx, studyKey, submissions.ResumeOptions{Wait: true})
	require.Len(t, study.Submissions(), max(posted, len(study.Submissions())), "resuming sends nothing")
	for _, r := range resumed {
		require.Nil(t, r.Lease)
		if submissions.Count(r.Items)[submissions.Absent] > 0 {
			_, err = update.Resend(ctx, studyKey, r.SubmissionID, nil, submissions.Options{Wait: true})
		}
	}
	if err != nil {
		require.ErrorIs(t, err, submissions.ErrUnknownOutcome, "killed at step %d", stop)
	}
	requireOnServer(t, study, j, stop)
	_, err = j.Verify(ctx, "")
	require.NoError(t, err)
}

// requireOnServer compares what stands with what the journal says, record by record.
func requireOnServer(t *testing.T, study *imednettest.Study, j *sqlitejournal.Journal, stop int) {
	posted := map[string]int{}
	for _, s := range study.Submissions() {
		for _, item := range s.Items {
			require.True(t, item.Stored)
			posted[string(item.Raw)]++
		}
	}
	items, err := j.Items(t.Context(), submissions.Query{})
	require.NoError(t, err)
	require.Len(t, items, 2)
	for _, item := range items {
		n := posted[string(item.Payload)]
		switch item.State {
		case submissions.Standing:
			require.Equal(t, 1, n, "killed at step %d", stop)
		case submissions.Unknown:
			require.Zero(t, n, "killed at step %d: what stands was not found", stop)
		default:
			t.Fatalf("killed at step %d: record %d is %s", stop, item.Index, item.State)
		}
	}
}
