package submissions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
)

// settler finds out what became of items of one study.
type settler struct {
	u       *RecordUpdate
	journal Journal
	study   string
	poll    imednet.PollOptions
}

func (u *RecordUpdate) settler(journal Journal, study string, poll imednet.PollOptions) *settler {
	poll.FetchResults = true
	return &settler{u, journal, study, poll}
}

// open is an item whose outcome is asked for.
type open struct {
	item   Item
	ended  bool // its job has ended
	failed bool // and not well
	stored bool // its job's results say so, without naming the record
	why    string
}

// settle finds out, by the results of jobs where these say it and else by what stands, and notes it.
// jobs are the states of jobs by batch id, as far as they are known. It returns the items as they are
// afterwards. Errors are why not more is known.
func (s *settler) settle(ctx context.Context, items []Item, jobs map[string]imednet.JobStatus) ([]Item, error) {
	var changes []Change
	var pending []open
	for i := range items {
		item := &items[i]
		status, asked := jobs[item.BatchID]
		switch {
		case item.BatchID == "" || !asked && item.JobState == "":
			if item.State == Unknown || item.State == Sent {
				pending = append(pending, open{item: *item, why: cmp.Or(item.Reason, "the POST got no answer that settles it")})
			}
		case asked && !status.Terminal():
			// The job runs: what stands now is not all that will.
		case asked:
			o := open{item: *item, ended: true, failed: status.Failed()}
			if change, ok := byResults(item, status); ok {
				changes = append(changes, change)
				continue
			}
			o.why = "its job ended as " + status.State.Or("")
			o.item.JobState = status.State.Or("")
			if r, ok := resultOf(item, status); ok {
				o.stored = r.stored()
			}
			pending = append(pending, o)
		default:
			ended := imednet.Job{State: imednet.Some(item.JobState)}
			pending = append(pending, open{item: *item, ended: true, failed: ended.Failed(), why: "its job ended as " + item.JobState})
		}
	}
	named, err := s.checkNamed(ctx, items, changes)
	found, readErr := s.readBack(ctx, pending)
	noted, noteErr := s.noteSettled(context.WithoutCancel(ctx), append(named, found...))
	return merge(items, noted), errors.Join(err, readErr, noteErr)
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
func (s *settler) askJobs(ctx context.Context, items []Item, wait bool, alive func()) (map[string]imednet.JobStatus, error) {
	jobs := map[string]imednet.JobStatus{}
	asked := map[string]bool{"": true}
	var errs []error
	for i := range items {
		id := items[i].BatchID
		if asked[id] {
			continue
		}
		asked[id] = true
		status, err := s.askJob(ctx, id, wait, alive)
		var failed *imednet.JobFailedError
		switch {
		case status.Terminal() && errors.As(err, &failed), err == nil:
			jobs[id] = status
		case items[i].JobState == "":
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			return jobs, context.Cause(ctx)
		}
	}
	return jobs, errors.Join(errs...)
}

func (s *settler) askJob(ctx context.Context, batchID string, wait bool, alive func()) (imednet.JobStatus, error) {
	if wait {
		poll := s.poll
		report := poll.OnProgress
		poll.OnProgress = func(p imednet.JobProgress) {
			alive()
			if report != nil {
				report(p)
			}
		}
		return s.u.jobs.Run(ctx, s.study, batchID, poll)
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
