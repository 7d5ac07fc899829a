package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/jobpoll"
)

// DefaultPollLimit is the default of [PollManyOptions.Limit].
const DefaultPollLimit = 4

// PollManyOptions configures [JobPoller.PollMany].
type PollManyOptions struct {
	// Poll configures the wait for each job. Its Timeout limits the whole call: a job that had to
	// wait for its turn gets the remaining time, and at least one poll.
	Poll imednet.PollOptions
	// Limit is the number of jobs polled at a time; the default is [DefaultPollLimit].
	Limit int
	// FailFast ends all waits as soon as one job fails.
	FailFast bool
}

// PollSummary is the outcome of several jobs. Each is in one of the two lists, in the order
// requested.
type PollSummary struct {
	StudyKey string
	Results  []imednet.JobStatus // jobs that succeeded
	Failures []JobFailure
	Elapsed  time.Duration
}

// JobFailure is a job that failed, is still running, or could not be polled.
type JobFailure struct {
	BatchID string
	Status  imednet.JobStatus
	Err     error
}

// String is the summary in one line.
func (s PollSummary) String() string {
	return fmt.Sprintf("%d of %d jobs succeeded in %s", len(s.Results), len(s.Results)+len(s.Failures), s.Elapsed.Round(time.Second))
}

// AllSuccessful reports whether every job succeeded. It is true if there were none.
func (s PollSummary) AllSuccessful() bool { return len(s.Failures) == 0 }

// PollMany waits for several jobs of a study concurrently. A batch id that is given twice is polled
// once. The error is nil if every job succeeded; otherwise it joins the errors of all failures.
// With FailFast it is the first failure, which also ends the other waits.
func (p *JobPoller) PollMany(ctx context.Context, studyKey string, batchIDs []string, opts PollManyOptions) (PollSummary, error) {
	poll, err := jobpoll.Defaults("jobs.JobPoller.PollMany", opts.Poll)
	if err == nil && opts.Limit < 0 {
		err = argument.Invalid("jobs.JobPoller.PollMany", "opts.Limit", "is negative")
	}
	if err != nil {
		return PollSummary{}, err
	}
	if opts.Limit == 0 {
		opts.Limit = DefaultPollLimit
	}
	start := p.poller.Clock.Now()
	m := pollMany{poller: &p.poller, studyKey: studyKey, opts: poll, start: start, deadline: start.Add(poll.Timeout)}
	m.opts.OnProgress = oneAtATime(poll.OnProgress)
	outcomes, first := m.run(ctx, distinct(batchIDs), opts)
	return m.summary(outcomes, first, opts.FailFast)
}

// pollMany is one call of PollMany.
type pollMany struct {
	poller          *jobpoll.Poller
	studyKey        string
	opts            imednet.PollOptions
	start, deadline time.Time
}

func (m *pollMany) run(ctx context.Context, ids []string, opts PollManyOptions) ([]JobFailure, error) {
	outcomes := make([]JobFailure, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(opts.Limit)
	for i, id := range ids {
		group.Go(func() error {
			status, err := m.one(ctx, id)
			outcomes[i] = JobFailure{id, status, err}
			if opts.FailFast {
				return err
			}
			return nil
		})
	}
	return outcomes, group.Wait()
}

func (m *pollMany) one(ctx context.Context, id string) (imednet.JobStatus, error) {
	return m.poller.Wait(ctx, m.studyKey, id, m.opts, m.start, m.deadline)
}

func (m *pollMany) summary(outcomes []JobFailure, first error, failFast bool) (PollSummary, error) {
	summary := PollSummary{StudyKey: m.studyKey, Elapsed: m.poller.Clock.Now().Sub(m.start)}
	var all []error
	for _, o := range outcomes {
		if o.Err == nil {
			summary.Results = append(summary.Results, o.Status)
			continue
		}
		summary.Failures = append(summary.Failures, o)
		all = append(all, o.Err)
	}
	if failFast {
		return summary, first
	}
	return summary, errors.Join(all...)
}

func distinct(ids []string) []string {
	var out []string
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func oneAtATime(report func(imednet.JobProgress)) func(imednet.JobProgress) {
	var mu sync.Mutex
	return func(p imednet.JobProgress) {
		mu.Lock()
		defer mu.Unlock()
		report(p)
	}
}
