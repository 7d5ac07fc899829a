package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/ledger"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/submissions"
)

const (
	stream = "records"
	// term is how long the study of a worker that was killed stays without one.
	term = 2 * time.Second
)

// taskVariable has the task of a process that is a worker.
const taskVariable = "IMEDNET_FLEET_TASK"

// task is what a worker does: it goes from study to study, round after round, or visits each once.
type task struct {
	API, Database, Name string
	Studies             []string
	Subjects            int // to register in each study
	Once                bool
}

func readTask() (t task, isWorker bool) {
	text, isWorker := os.LookupEnv(taskVariable)
	return t, isWorker && json.Unmarshal([]byte(text), &t) == nil
}

// work works until it is killed, or has visited each study once. Whatever passes, such as a database
// that restarts for longer than its stores wait, is a reason to begin again.
func (t task) work(ctx context.Context, out io.Writer) error {
	for {
		err := t.rounds(ctx, out)
		if !passing(err) {
			return err
		}
		if err := imednet.SystemClock().Sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// passing reports whether the same may succeed later.
func passing(err error) bool {
	return imednet.Retryable(err) || errors.Is(err, postgres.ErrLeaseLost) || errors.Is(err, postgres.ErrUnknownOutcome) ||
		errors.Is(err, cache.ErrSyncRunning) || errors.Is(err, submissions.ErrUnknownOutcome)
}

// rounds visits the studies in turn, until one fails or, if each is visited once, none is left.
func (t *task) rounds(ctx context.Context, out io.Writer) error {
	w, err := newWorker(ctx, *t, out)
	if err != nil {
		return err
	}
	defer w.db.Close() //nolint:errcheck // nothing is open
	for len(t.Studies) > 0 {
		study := t.Studies[0]
		err := w.visit(ctx, study)
		t.Studies = t.Studies[1:]
		if err != nil || !t.Once {
			t.Studies = append(t.Studies, study)
		}
		if errors.Is(err, postgres.ErrLeased) { // by another worker, maybe one that was killed
			err = imednet.SystemClock().Sleep(ctx, 10*time.Millisecond)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// worker is a process at work. All that it keeps is in the database.
type worker struct {
	task
	out     io.Writer
	db      *postgres.DB
	mirror  *cache.CachedRecordsLoader
	marks   *ledger.ExtractionStateLedger
	journal submissions.Journal
	update  *submissions.RecordUpdate
}

func newWorker(ctx context.Context, t task, out io.Writer) (*worker, error) {
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(t.API))
	if err != nil {
		return nil, err
	}
	db, err := postgres.Open(ctx, t.Database, postgres.WithConnections(3))
	if err != nil {
		return nil, err
	}
	w := &worker{task: t, out: out, db: db}
	if err := w.open(ctx, client); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return w, nil
}

// open opens the stores.
func (w *worker) open(ctx context.Context, client imednet.Client) (err error) {
	if w.mirror, err = w.db.Mirror(ctx, client); err != nil {
		return err
	}
	store, err := w.db.Ledger(ctx)
	if err != nil {
		return err
	}
	if w.marks, err = ledger.NewExtractionStateLedger(store); err != nil {
		return err
	}
	if w.journal, err = w.db.Journal(ctx); err != nil {
		return err
	}
	w.update, err = submissions.NewRecordUpdate(client, submissions.WithJournal(w.journal, "fleet"), submissions.WithHolder(w.Name),
		submissions.WithSettleDelay(50*time.Millisecond)) // a real server takes its time: keep the default
	return err
}

// visit works at a study under a lease, which it renews meanwhile. If it should lose the lease all the
// same, such as to a machine that stood still, its writes are refused. A worker that stays with its share
// of the studies uses postgres.DB.Divide.
func (w *worker) visit(ctx context.Context, study string) (err error) {
	lease, err := w.db.Acquire(ctx, postgres.StudyLease(study), w.Name, term)
	if err != nil {
		return err
	}
	work, done := context.WithCancel(lease.Context(ctx))
	go func() {
		for imednet.SystemClock().Sleep(work, term/4) == nil && lease.Renew(work) == nil {
		}
	}()
	defer func() {
		done()
		err = errors.Join(err, lease.Release(ctx))
	}()
	if err := w.register(work, study); err != nil {
		return err
	}
	return w.sync(work, study)
}

// sync brings the mirror up to date, and then moves the mark.
func (w *worker) sync(ctx context.Context, study string) error {
	report, err := w.mirror.SyncRecords(ctx, study, cache.SyncOptions{})
	if err != nil {
		return err
	}
	fmt.Fprintln(w.out, study, "is in the mirror")
	return w.marks.Advance(ctx, study, stream, imednet.Watermark{Time: report.Mark, Records: report.Received})
}

// polling waits for jobs.
var polling = imednet.PollOptions{Interval: 10 * time.Millisecond}

// register registers the study's next subject, or all that are left when it is the last visit.
func (w *worker) register(ctx context.Context, study string) error {
	if err := w.settle(ctx, study); err != nil {
		return err
	}
	known, err := w.journal.Items(ctx, submissions.Query{StudyKey: study})
	for n := len(known); n < w.Subjects && err == nil; n++ {
		_, err = w.update.CreateOrUpdateRecords(ctx, study, []imednet.Submission{subject(study, n)}, submissions.Options{Wait: true, Poll: polling})
		fmt.Fprintln(w.out, study, "has been sent a subject")
		if !w.Once {
			return err
		}
	}
	return err
}

// settle finds out what became of the subject that a killed worker was registering, of which there is
// one at most, and sends it again if the server certainly does not have it.
func (w *worker) settle(ctx context.Context, study string) error {
	left, err := w.update.Resume(ctx, study, submissions.ResumeOptions{Wait: true, Poll: polling})
	for _, r := range left {
		if submissions.Count(r.Items)[submissions.Absent] > 0 {
			_, err = w.update.Resend(ctx, study, r.SubmissionID, nil, submissions.Options{Wait: true, Poll: polling})
		}
	}
	return err
}

// subject is the n-th subject to register in a study.
func subject(study string, n int) imednet.Submission {
	return imednet.Submission{
		Kind: imednet.RegisterSubject, IntentKey: fmt.Sprintf("%s/%d", study, n), FormKey: "DM", SiteName: "Site 01",
		Data: map[string]any{"AGE": 20 + n, "SEX": "F"},
	}
}
