package sqlitejournal_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/jobs"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// The child process submits two batches and stops for ever at one of its steps; the parent, who
// owns the server, kills it there and recovers.
const (
	childURL     = "IMEDNET_TEST_URL"
	childJournal = "IMEDNET_TEST_JOURNAL"
	childStop    = "IMEDNET_TEST_STOP"
	studyKey     = "DEMO"
	steps        = 26 // what two batches take: see steps that the child reports in the end
)

var submissionTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// checkpoint counts the steps of the child.
type checkpoint struct{ n, stop int }

func (c *checkpoint) pass() {
	if c.n == c.stop {
		fmt.Println("stopped")
		select {} // until the parent kills this process
	}
	c.n++
}

// steppedJournal and steppedClient pass a checkpoint before and after everything that they do.
type steppedJournal struct {
	*sqlitejournal.Journal
	*checkpoint
}

func (s steppedJournal) Prepare(ctx context.Context, entries []submissions.Entry) error {
	s.pass()
	defer s.pass()
	return s.Journal.Prepare(ctx, entries)
}

func (s steppedJournal) Advance(ctx context.Context, e submissions.Entry, from submissions.EntryState) error {
	s.pass()
	defer s.pass()
	return s.Journal.Advance(ctx, e, from)
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

// TestChild is the process that is killed; it does nothing in an ordinary run.
func TestChild(t *testing.T) {
	url := os.Getenv(childURL)
	if url == "" {
		t.Skip("runs as the child of TestAKillAtAnyStepSendsNothingTwiceAndLosesNothing")
	}
	stop, err := strconv.Atoi(os.Getenv(childStop))
	require.NoError(t, err)
	point := &checkpoint{stop: stop}
	client := steppedClient{newClient(t, url), point}
	j, err := sqlitejournal.Open(t.Context(), os.Getenv(childJournal))
	require.NoError(t, err)
	update := newUpdate(t, client, steppedJournal{j, point})
	_, err = update.CreateOrUpdateRecords(t.Context(), studyKey, submission(os.Getenv("IMEDNET_TEST_SUBJECT")), submissions.Options{Wait: true, MaxItems: 1})
	require.NoError(t, err)
	fmt.Println("finished after", point.n)
}

func newClient(t testing.TB, url string) *rest.Client {
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(url))
	require.NoError(t, err)
	return client
}

func newUpdate(t testing.TB, client submissions.Client, j submissions.Journal) *submissions.RecordUpdate {
	poller, err := jobs.NewJobPoller(client, jobs.WithClock(imednettest.NewClock(submissionTime)))
	require.NoError(t, err)
	update, err := submissions.NewRecordUpdate(client, submissions.WithJournal(j), submissions.WithJobWaiter(poller))
	require.NoError(t, err)
	return update
}

func submission(subject string) []imednet.Submission {
	return []imednet.Submission{
		{FormKey: "AE", SubjectKey: subject, Data: map[string]any{"AETERM": "Headache of the first batch"}},
		{FormKey: "AE", SubjectKey: subject, Data: map[string]any{"AETERM": "Nausea of the second batch"}},
	}
}

// runChild starts the child, waits until it stops at its step or finishes, and kills it.
func runChild(t *testing.T, url, path, subject string, stop int) (finished bool) {
	child := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v")
	child.Env = append(os.Environ(), childURL+"="+url, childJournal+"="+path, "IMEDNET_TEST_SUBJECT="+subject, fmt.Sprintf("%s=%d", childStop, stop))
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(&said, lines.Text())
		if lines.Text() == "stopped" {
			require.NoError(t, child.Process.Kill())
			_ = child.Wait()
			return false
		}
	}
	require.NoError(t, child.Wait(), said.String())
	require.Contains(t, said.String(), "finished after")
	return true
}

func TestAKillAtAnyStepSendsNothingTwiceAndLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	stop := 0
	for ; ; stop++ {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
		server := imednettest.NewServer(study)
		web := httptest.NewServer(server)
		subject := firstSubject(t, server)
		path := filepath.Join(t.TempDir(), "journal.sqlite3")
		finished := runChild(t, web.URL, path, subject, stop)
		recoverAll(t, newClient(t, web.URL), path, study, stop)
		web.Close()
		if finished {
			break
		}
	}
	require.GreaterOrEqual(t, stop, steps, "the child was killed at every one of its steps")
}

func firstSubject(t *testing.T, server *imednettest.Server) string {
	for s, err := range server.Client().Subjects(t.Context(), studyKey, imednet.ListOptions{}) {
		require.NoError(t, err)
		if !s.IsDeleted() {
			return s.SubjectKey.Or("")
		}
	}
	t.Fatal("no subject")
	return ""
}

// recoverAll does what a user does after a crash: resume, send again what is absent, and look.
// Afterwards each record must be on the server exactly once, and no entry may be open.
func recoverAll(t *testing.T, client *rest.Client, path string, study *imednettest.Study, stop int) {
	j, err := sqlitejournal.Open(t.Context(), path)
	require.NoError(t, err, "killed at step %d", stop)
	defer j.Close()
	study.FinishJobs() // the server goes on without the child
	update := newUpdate(t, client, j)
	before := len(study.Submissions())
	recovered, err := update.Resume(t.Context(), studyKey, submissions.Options{Wait: true})
	require.NoError(t, err)
	require.Len(t, study.Submissions(), before, "resuming sends nothing")
	unknown := 0
	for _, r := range recovered {
		switch r.Outcome {
		case submissions.OutcomeAbsent:
			_, err := update.Resend(t.Context(), r, submissions.Options{Wait: true})
			require.NoError(t, err)
		case submissions.OutcomeUnknown:
			unknown++
			_, err := update.Resend(t.Context(), r, submissions.Options{})
			require.ErrorContains(t, err, "only an absent one may be sent again")
		case submissions.OutcomeAccepted, submissions.OutcomeConfirmed:
			require.NoError(t, update.Discard(t.Context(), r.Entry))
		}
	}
	requireOnServer(t, study, stop, unknown)
	if len(recovered) == 0 && stop == 0 {
		require.Empty(t, study.Submissions(), "killed before the intent was on disk: nothing was sent")
	}
}

// requireOnServer counts what the server took: no item twice, and none missing but those whose
// outcome is unknown, or which never reached the journal.
func requireOnServer(t *testing.T, study *imednettest.Study, stop, unknown int) {
	seen := map[string]int{}
	for _, s := range study.Submissions() {
		for _, item := range s.Items {
			seen[string(item.Raw)]++
		}
	}
	for _, n := range seen {
		require.Equal(t, 1, n, "killed at step %d: an item was submitted twice", stop)
	}
	if stop > 1 { // the intent was on disk
		require.Equal(t, 2, len(seen)+unknown, "killed at step %d: an item was lost track of", stop)
	}
}
