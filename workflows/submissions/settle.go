package submissions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
)

// settler finds out what became of items of one study.
type settler struct {
	u       *RecordUpdate
	journal Journal
	study   string
	poll    imednet.PollOptions
	alive   func() // keeps the lease meanwhile
	missing []open // whose jobs have ended, and of which nothing showed at the first look
	places  places
}

func (u *RecordUpdate) settler(journal Journal, study string, poll imednet.PollOptions) *settler {
	poll.FetchResults = true
	return &settler{u: u, journal: journal, study: study, poll: poll, alive: func() {}}
}

// answer is what a job says of its batch.
type answer struct {
	status imednet.JobStatus
	said   said
	gone   bool // the server knew the job when it took the batch, and does not know it any more
}

func newAnswer(status imednet.JobStatus, size int) *answer {
	return &answer{status: status, said: readResults(status.Results, size)}
}

// settle finds out what became of items, by what stands in the study and by what their jobs say, and
// notes it. answers are those of the jobs by batch id, as far as they are known. It returns the items as
// they are afterwards; what nothing shows of yet waits for lookAgain. Errors are why not more is known.
func (s *settler) settle(ctx context.Context, items []Item, answers map[string]*answer) ([]Item, error) {
	var pending []open
	for i := range items {
		if o, ok := s.openOf(&items[i], answers); ok {
			pending = append(pending, o)
		}
	}
	noted, err := s.look(ctx, pending)
	return merge(items, noted), err
}

// look reads back once and notes what shows.
func (s *settler) look(ctx context.Context, pending []open) ([]Item, error) {
	found, err := s.readBack(ctx, pending)
	noted, noteErr := s.noteSettled(context.WithoutCancel(ctx), found)
	return noted, errors.Join(err, noteErr)
}

// noteSettled notes what was found out. What another item has stands for that one only.
func (s *settler) noteSettled(ctx context.Context, changes []Change) ([]Item, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	noted, err := s.journal.Note(ctx, s.u.author, changes)
	if err != nil {
		return noted, err
	}
	var contested []Change
	for i, c := range changes {
		if c.To == Standing && MayFollow(noted[i].State, Unknown) {
			again := noted[i].change(Unknown, fmt.Sprintf("record %d, which may be its own, stands for another item", c.RecordID))
			again.JobState = c.JobState
			contested = append(contested, again)
		}
	}
	if len(contested) == 0 {
		return noted, nil
	}
	again, err := s.journal.Note(ctx, s.u.author, contested)
	return append(noted, again...), err
}

// merge replaces items by what they have become.
func merge(items, noted []Item) []Item {
	out := slices.Clone(items)
	at := map[place]int{}
	for i := range out {
		at[placeOf(&out[i])] = i
	}
	for _, item := range noted {
		out[at[placeOf(&item)]] = item
	}
	return out
}

// askJobs asks for the jobs of items, with wait until they have ended. Errors are why a job is not
// known to have ended.
func (s *settler) askJobs(ctx context.Context, items []Item, wait bool) (map[string]*answer, error) {
	jobs := map[string]*answer{}
	asked := map[string]bool{"": true}
	var errs []error
	for i := range items {
		id := items[i].BatchID
		if asked[id] {
			continue
		}
		asked[id] = true
		status, err := s.askJob(ctx, id, wait)
		var failed *imednet.JobFailedError
		switch {
		case status.Terminal() && errors.As(err, &failed), err == nil:
			jobs[id] = newAnswer(status, items[i].BatchSize)
		case items[i].JobState == "" && s.jobIsGone(&items[i], err, wait):
			jobs[id] = &answer{gone: true}
		case items[i].JobState == "":
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			return jobs, context.Cause(ctx)
		}
	}
	return jobs, errors.Join(errs...)
}

// newJob is how long it can take until the server knows the job of a batch that it took.
const newJob = time.Minute

// jobIsGone reports whether an error means that the server no longer knows the job of an item: polls
// that were repeated as long as a new job may need, or one poll of a job that is not new, found nothing.
func (s *settler) jobIsGone(item *Item, err error, waited bool) bool {
	old := item.State == Unknown || s.u.dates.Now().Sub(item.ChangedAt) >= newJob
	return errors.Is(err, imednet.ErrNotFound) && (waited || old)
}

// waitForJob waits for a job to end.
func (s *settler) waitForJob(ctx context.Context, batchID string) (imednet.JobStatus, error) {
	poll := s.poll
	report := poll.OnProgress
	poll.OnProgress = func(p imednet.JobProgress) {
		s.alive()
		if report != nil {
			report(p)
		}
	}
	return s.u.jobs.Run(ctx, s.study, batchID, poll)
}

func (s *settler) askJob(ctx context.Context, batchID string, wait bool) (imednet.JobStatus, error) {
	if wait {
		return s.waitForJob(ctx, batchID)
	}
	job, err := s.u.client.Job(ctx, s.study, batchID)
	status := imednet.JobStatus{Job: job, Polls: 1}
	url, has := job.ResultURL.Get()
	reader, able := s.u.client.(imednet.JobResultReader)
	if err != nil || !has || !able || !job.Terminal() {
		return status, err
	}
	results, err := reader.JobResults(ctx, url)
	if err != nil {
		status.ResultsErr = err
		return status, nil
	}
	status.Results = &results
	return status, nil
}
