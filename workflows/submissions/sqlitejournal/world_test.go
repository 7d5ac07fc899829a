package sqlitejournal_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/postgres"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/jobs"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// world is a server, a journal file, and the processes that use them, of which one runs at a time.
type world struct {
	*testing.T
	random   *rand.Rand
	jitter   func() float64 // of pauses, so that a seed plays the same schedule again
	study    *imednettest.Study
	server   *imednettest.Server
	client   *rest.Client
	clock    *modelClock
	journal  submissions.Journal
	schemas  *submissions.SchemaCache
	subjects []string
	old      int64 // a record of vital signs that was there before
	told     []told
	ids      int
	yield    chan *proc
	tally    tally
	proxy    proxy
	lag      lag
	peace    bool // nothing goes wrong any more
	named    spellings
	limiting bool             // the next batch is taken and answered 429
	doubted  map[content]bool // what answers were crossed for, so that it can be taken for refused until the end
}

// modelClock knows how long anybody has slept.
type modelClock struct {
	*imednettest.Clock
	slept atomic.Int64
}

func (c *modelClock) Sleep(ctx context.Context, d time.Duration) error {
	c.slept.Add(int64(max(d, 0)))
	return c.Clock.Sleep(ctx, d)
}

// told is what a user was told by a call that came to its end.
type told struct {
	receipt submissions.Receipt
	err     error
	wait    bool
	own     bool // by the call that prepared all of it
}

// tally counts what schedules met.
type tally map[string]int

func (t tally) add(other tally) {
	for k, n := range other {
		t[k] += n
	}
}

func (t tally) requireVariety(tb testing.TB) {
	for _, what := range []string{
		"killed", "interrupted", "conflict", "leased", "resent", "discarded", "standing", "refused", "absent", "unknown", "accepted", "fault", "jump",
		"lagged", "crossed", "swapped", "shortened", "nameless", "in other words", "limited after processing", "update stands", "registration stands",
	} {
		require.Positive(tb, t[what], "no schedule met: %s", what)
	}
}

// proc is one process.
type proc struct {
	*world
	resume chan bool // false kills it
	ctx    context.Context
	cancel context.CancelFunc
	update *submissions.RecordUpdate
	done   bool
}

// handlerTransport answers requests without a network, through the proxy.
type handlerTransport struct{ *world }

func (h handlerTransport) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if recover() != nil {
			resp, err = nil, errors.New("connection reset")
		}
	}()
	if r.Context().Err() != nil {
		return nil, r.Context().Err()
	}
	h.catchUp()
	return h.proxy.pass(h.world, r), nil
}

func newWorld(t *testing.T, random *rand.Rand, place string) *world {
	w := &world{T: t, random: random, study: imednettest.Generate(imednettest.GenerateOptions{Records: 60}), yield: make(chan *proc), tally: tally{}, doubted: map[content]bool{},
		jitter: rand.New(rand.NewPCG(0, 16)).Float64}
	w.server = imednettest.NewServer(w.study)
	w.clock = &modelClock{Clock: imednettest.NewClock(w.study.Now().Add(time.Duration(random.IntN(7200)-3600) * time.Second))}
	w.server.SetClock(w.clock)
	var err error
	w.client, err = rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL("https://model.example"), rest.WithClock(w.clock),
		rest.WithHTTPClient(&http.Client{Transport: handlerTransport{w}}), rest.WithLookAhead(1), rest.WithRetry(rest.RetryPolicy{Random: w.jitter}))
	require.NoError(t, err)
	w.schemas, err = submissions.NewSchemaCache(w.server.Client())
	require.NoError(t, err)
	w.journal, err = submissions.NewMemoryJournal(w.clock)
	require.NoError(t, err)
	switch place {
	case "file":
		w.journal = open(t, filepath.Join(t.TempDir(), "journal.sqlite3"), sqlitejournal.WithClock(w.clock))
	case "server":
		db, err := postgres.Open(t.Context(), postgrestest.URL(t), postgres.WithClock(w.clock))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		w.journal, err = db.Journal(t.Context())
		require.NoError(t, err)
	}
	w.named = newSpellings(t, w.server.Client())
	for s, err := range w.server.Client().Subjects(t.Context(), studyKey, imednet.ListOptions{}) {
		require.NoError(t, err)
		if !s.IsDeleted() {
			w.subjects = append(w.subjects, s.SubjectKey.Or(""))
		}
	}
	for rec, err := range w.server.Client().Records(t.Context(), studyKey, imednet.ListOptions{Filter: imednet.Where("formKey", imednet.Equal, "VS")}) {
		require.NoError(t, err)
		if !rec.IsDeleted() {
			w.old = rec.RecordID
		}
	}
	return w
}

func (w *world) newProc() *proc {
	p := &proc{world: w, resume: make(chan bool)}
	p.ctx, p.cancel = context.WithCancel(w.Context())
	client := modelClient{w.client, p}
	waiter, err := jobs.NewJobPoller(client, jobs.WithClock(w.clock), jobs.WithRandom(w.jitter))
	require.NoError(w, err)
	p.update, err = submissions.NewRecordUpdate(client, submissions.WithJournal(modelJournal{w.journal, p}, "anna"), submissions.WithJobWaiter(waiter),
		submissions.WithClock(w.clock), submissions.WithIDs(w.newID), submissions.WithSchemaCache(w.schemas))
	require.NoError(w, err)
	return p
}

func (w *world) newID() string {
	w.ids++
	return fmt.Sprintf("s%d", w.ids)
}

// step lets other processes run. A process that is killed ends here.
func (p *proc) step() {
	p.yield <- p
	if !<-p.resume {
		runtime.Goexit()
	}
}

// play runs the processes, one at a time, until each has ended or was killed.
func (w *world) play() {
	var live []*proc
	for range 1 + w.random.IntN(3) {
		p := w.newProc()
		live = append(live, p)
		actions := 2 + w.random.IntN(6)
		go func() {
			defer func() {
				p.done = true
				p.yield <- p
			}()
			if !<-p.resume {
				return
			}
			for range actions {
				p.act()
			}
		}()
	}
	for len(live) > 0 {
		i := w.random.IntN(len(live))
		p := live[i]
		kill := w.random.IntN(150) == 0
		switch {
		case kill:
			w.tally["killed"]++
		case w.random.IntN(300) == 0:
			w.tally["interrupted"]++
			p.cancel()
		}
		w.disturb()
		p.resume <- !kill
		<-w.yield
		if p.done {
			live = append(live[:i], live[i+1:]...)
		}
	}
}

// disturb changes the world a little.
func (w *world) disturb() {
	switch w.random.IntN(30) {
	case 0:
		w.tally["jump"]++
		w.clock.Advance(time.Duration(w.random.IntN(600)-200) * time.Second)
	case 1:
		w.study.Advance(time.Duration(w.random.IntN(60)) * time.Second)
	case 2:
		w.study.FinishJobs()
	case 3:
		if w.random.IntN(2) == 0 {
			w.tally["fault"]++
			w.server.Inject(w.fault("POST"))
		}
	case 4:
		w.server.Inject(w.fault("GET"))
	case 5:
		w.fallBehind()
	case 6, 7:
		w.proxy.next = proxied(1 + w.random.IntN(5))
	}
}

// fault is something that goes wrong with the next request.
func (w *world) fault(method string) imednettest.Fault {
	page, gateway, other := "<html><title>Log in</title></html>", `{"message":"Forbidden"}`, `{"batchId":"other","state":"completed"}`
	f := imednettest.Fault{Method: method, AfterApply: w.random.IntN(2) == 0}
	switch w.random.IntN(8) {
	case 0, 1:
		f.Reset = true
	case 2:
		f.Status = []int{500, 502, 503, 504}[w.random.IntN(4)]
	case 3:
		f.Status, f.Body = []int{400, 403, 409, 429, 499}[w.random.IntN(5)], &gateway
	case 4:
		f.Status, f.Body = 200, &page
	case 5:
		f.Truncate = true
	case 6:
		f.Status, f.AfterApply = []int{400, 429}[w.random.IntN(2)], false // the API's own words are true
	case 7:
		f.Path, f.Body = "", &other
		if method == "POST" {
			f.Body = &page
		}
	}
	return f
}

// plan is how the next job goes.
func (w *world) plan() imednettest.JobPlan {
	plan := imednettest.JobPlan{ShowResults: w.random.IntN(3) > 0, StoreAtOnce: w.random.IntN(3) == 0, LoseBatchID: w.random.IntN(12) == 0, NotFoundPolls: w.random.IntN(3)}
	plan.States = [][]string{nil, {"completed"}, {"created", "running", "running", "Completed"}, {"running", "FAILED"}, {"running", "cancelled"}, {"running"}, {"queued", "odd", "SUCCESS"}}[w.random.IntN(7)]
	if failing := len(plan.States) > 0 && (imednet.Job{State: imednet.Some(plan.States[len(plan.States)-1])}).Failed(); failing {
		plan.StoreAtOnce = false
	}
	if w.random.IntN(3) == 0 {
		plan.Reject = map[int]string{w.random.IntN(3): "no"}
	}
	if w.random.IntN(4) == 0 {
		plan.EndAfter = 1 + w.random.IntN(12)
	}
	switch w.random.IntN(6) {
	case 0:
		plan.ResultURL = "https://elsewhere.example/results"
	case 1:
		plan.ShowResults, plan.Results = true, []byte([]string{`[]`, `{"total":2}`, `"fine"`, `<html>`, `[{"status":"SUCCESS"},{"status":"SUCCESS"}]`, `[{"status":"ODD"}]`}[w.random.IntN(6)])
	}
	return plan
}

// record is something to be sent: few contents, so that equal ones are frequent.
func (w *world) record() imednet.Submission {
	s := imednet.Submission{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: w.subjects[w.random.IntN(2)], Data: map[string]any{"AETERM": string(rune('A' + w.random.IntN(3)))}}
	switch w.random.IntN(12) {
	case 0:
		s.SubjectKey = "99-999" // refused in silence
	case 1, 2:
		s.Data["AESEV"] = "Mild"
	case 3:
		s = imednet.Submission{Kind: imednet.RegisterSubject, FormKey: "DM", SiteName: "Site 01", Data: map[string]any{"AGE": 40 + w.random.IntN(2)}}
	case 4:
		s = imednet.Submission{Kind: imednet.ScheduledRecord, FormKey: "VS", SubjectKey: w.subjects[w.random.IntN(2)], IntervalName: "Registration", Data: map[string]any{"SYSBP": 130 + w.random.IntN(3)}}
	case 5:
		s = imednet.Submission{Kind: imednet.ExistingRecord, FormKey: "VS", RecordID: w.old, Data: map[string]any{"SYSBP": 140 + w.random.IntN(3)}}
	}
	if w.random.IntN(4) == 0 {
		s.IntentKey = fmt.Sprintf("row %d", w.random.IntN(4))
	}
	return w.respelled(s)
}

// act does one thing that a user may do.
func (p *proc) act() {
	w := p.world
	wait := w.random.IntN(2) == 0
	opts := submissions.Options{Wait: wait, MaxItems: 1 + w.random.IntN(3), AllowRepeat: w.random.IntN(3) == 0}
	switch w.random.IntN(10) {
	case 0, 1, 2, 3:
		var file []imednet.Submission
		intents := map[string]bool{}
		for range 1 + w.random.IntN(4) {
			if r := w.record(); r.IntentKey == "" || !intents[r.IntentKey] {
				intents[r.IntentKey] = true
				file = append(file, r)
			}
		}
		receipt, err := p.update.CreateOrUpdateRecords(p.ctx, studyKey, file, opts)
		p.hear(receipt, err, wait)
		w.told[len(w.told)-1].own = true
	case 4, 5:
		one := ""
		if w.ids > 0 && w.random.IntN(2) == 0 {
			one = fmt.Sprintf("s%d", 1+w.random.IntN(w.ids))
		}
		resumed, err := p.update.Resume(p.ctx, studyKey, submissions.ResumeOptions{SubmissionID: one, Wait: wait})
		for _, r := range resumed {
			p.hear(r.Receipt, r.Incomplete(wait), wait)
		}
		if errors.Is(err, submissions.ErrLeased) {
			w.tally["leased"]++
		}
	case 6, 7, 8:
		if w.ids == 0 {
			return
		}
		receipt, err := p.update.Resend(p.ctx, studyKey, w.candidate(), nil, opts)
		if len(receipt.Batches) > 0 {
			w.tally["resent"]++
		}
		p.hear(receipt, err, false)
	case 9:
		p.discard()
	}
}

// discard closes one record of a submission, as somebody who has looked at the study does.
func (p *proc) discard() {
	w := p.world
	if w.ids == 0 {
		return
	}
	_, err := p.update.Discard(p.ctx, studyKey, fmt.Sprintf("s%d", 1+w.random.IntN(w.ids)), []int{w.random.IntN(2)}, "dealt with")
	if err == nil {
		w.tally["discarded"]++
	}
}

// candidate is a submission that a user may want to send again: as a rule one with something absent.
func (w *world) candidate() string {
	var ids []string
	for _, i := range w.items() {
		if !i.Closed && (i.State == submissions.Absent || i.State == submissions.Refused) {
			ids = append(ids, i.SubmissionID)
		}
	}
	if len(ids) == 0 || w.random.IntN(4) == 0 {
		return fmt.Sprintf("s%d", 1+w.random.IntN(w.ids))
	}
	return ids[w.random.IntN(len(ids))]
}

// hear keeps what a user was told, who may act on it now.
func (p *proc) hear(receipt submissions.Receipt, err error, wait bool) {
	if errors.As(err, new(*submissions.ConflictError)) {
		p.world.tally["conflict"]++
	}
	p.world.told = append(p.world.told, told{receipt, err, wait, false})
	p.world.compare()
}

// modelClient and modelJournal let other processes run before and after everything that they do.
type modelClient struct {
	*rest.Client
	p *proc
}

func (c modelClient) SubmitRecords(ctx context.Context, study string, items []imednet.Submission, opts imednet.SubmitOptions) (imednet.Job, error) {
	c.p.step()
	c.p.planNext()
	job, err := c.Client.SubmitRecords(ctx, study, items, opts)
	c.p.step()
	return job, err
}

func (c modelClient) Job(ctx context.Context, study, batch string) (imednet.Job, error) {
	c.p.step()
	return c.Client.Job(ctx, study, batch)
}

type modelJournal struct {
	submissions.Journal
	p *proc
}

func (j modelJournal) Prepare(ctx context.Context, p submissions.Preparation) (submissions.Entry, error) {
	j.p.step()
	e, err := j.Journal.Prepare(ctx, p)
	j.p.step()
	return e, err
}

func (j modelJournal) Take(ctx context.Context, id string, lease submissions.Lease) (submissions.Entry, error) {
	j.p.step()
	return j.Journal.Take(ctx, id, lease)
}

func (j modelJournal) Send(ctx context.Context, s submissions.Sending) ([]submissions.Item, error) {
	j.p.step()
	items, err := j.Journal.Send(ctx, s)
	j.p.step()
	return items, err
}

func (j modelJournal) Note(ctx context.Context, author string, changes []submissions.Change) ([]submissions.Item, error) {
	j.p.step()
	items, err := j.Journal.Note(ctx, author, changes)
	j.p.step()
	return items, err
}

func (j modelJournal) Items(ctx context.Context, q submissions.Query) ([]submissions.Item, error) {
	j.p.step()
	return j.Journal.Items(ctx, q)
}
