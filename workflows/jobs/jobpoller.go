package jobs

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/jobpoll"
)

// Client is what a JobPoller asks: anything that can read a job. If it is also an
// [imednet.JobResultReader], the results of finished jobs can be fetched.
type Client interface {
	imednet.JobGetter
}

// JobPoller waits for jobs. It is safe for concurrent use if its client is.
type JobPoller struct {
	poller jobpoll.Poller
}

// Option changes a setting of a JobPoller.
type Option func(*JobPoller) error

// WithClock sets the clock that waits. Default: the system's.
func WithClock(c imednet.Clock) Option {
	return func(p *JobPoller) error {
		p.poller.Clock = c
		return argument.Required("jobs.WithClock", "clock", c)
	}
}

// WithRandom sets the source of randomness, a function that returns 0 ≤ x < 1, by which pauses are
// shortened. Default: math/rand/v2.
func WithRandom(random func() float64) Option {
	return func(p *JobPoller) error {
		p.poller.Jitter = random
		return argument.Required("jobs.WithRandom", "random", random)
	}
}

// NewJobPoller returns a poller over a client. The only errors are an argument that is nil and an
// option that refuses its value, as a *[imednet.ValidationError].
func NewJobPoller(client Client, opts ...Option) (*JobPoller, error) {
	if err := argument.Required("jobs.NewJobPoller", "client", client); err != nil {
		return nil, err
	}
	p := &JobPoller{jobpoll.Poller{Package: "jobs", Jobs: client, Clock: imednet.SystemClock(), Jitter: rand.Float64}}
	for _, o := range opts {
		if err := o(p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Run polls a job until it has ended. A job that succeeded is returned. One that failed or was
// cancelled is returned with an *[imednet.JobFailedError], a wait that ended early with an
// *[imednet.JobTimeoutError]; any other error is a poll that failed for good, or too often in a
// row.
//
// A job that succeeded can still hold records that the server refused: look at the results, or
// read the records back.
func (p *JobPoller) Run(ctx context.Context, studyKey, batchID string, opts imednet.PollOptions) (imednet.JobStatus, error) {
	return p.poller.Run(ctx, studyKey, batchID, opts)
}

// Resume goes on waiting for the job of an *[imednet.JobTimeoutError] anywhere in err.
func (p *JobPoller) Resume(ctx context.Context, err error, opts imednet.PollOptions) (imednet.JobStatus, error) {
	var timeout *imednet.JobTimeoutError
	if !errors.As(err, &timeout) {
		return imednet.JobStatus{}, argument.Invalid("jobs.JobPoller.Resume", "err", "holds no JobTimeoutError")
	}
	return p.Run(ctx, timeout.StudyKey, timeout.BatchID, opts)
}
