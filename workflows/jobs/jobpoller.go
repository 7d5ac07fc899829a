package jobs

import (
	"context"
	"errors"
	"math/rand/v2"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/jobpoll"
)

// Client is the part of an [imednet.Client] that a [JobPoller] needs. If it also implements
// [imednet.JobResultReader], the results of finished jobs can be fetched.
type Client interface {
	imednet.JobGetter
}

// JobPoller waits for jobs. It is safe for concurrent use if its client is.
type JobPoller struct {
	poller jobpoll.Poller
}

// Option configures [NewJobPoller].
type Option func(*JobPoller) error

// WithClock sets the clock used for waiting; the default is [imednet.SystemClock].
func WithClock(c imednet.Clock) Option {
	return func(p *JobPoller) error {
		p.poller.Clock = c
		return argument.Required("jobs.WithClock", "clock", c)
	}
}

// WithRandom sets the function by which pauses are randomly shortened. It must return 0 ≤ x < 1;
// the default is that of math/rand/v2.
func WithRandom(random func() float64) Option {
	return func(p *JobPoller) error {
		p.poller.Jitter = random
		return argument.Required("jobs.WithRandom", "random", random)
	}
}

// NewJobPoller returns a poller for a client. The error is an *[imednet.ValidationError].
func NewJobPoller(client Client, opts ...Option) (*JobPoller, error) {
	if err := argument.Required("jobs.NewJobPoller", "client", client); err != nil {
		return nil, err
	}
	p := &JobPoller{jobpoll.Poller{Package: "jobs", Jobs: client, Clock: imednet.SystemClock(), Jitter: rand.Float64}}
	if err := argument.Options("jobs.NewJobPoller", p, opts); err != nil {
		return nil, err
	}
	return p, nil
}

// Run polls a job until it has ended. It returns a successful job without an error, and one that
// failed or was cancelled with an *[imednet.JobFailedError]. A wait that ended early returns an
// *[imednet.JobTimeoutError]. Any other error is a poll that failed permanently, or too many failed
// polls in a row.
//
// A successful job can still contain records that the server rejected: check the results, or read
// the records back.
func (p *JobPoller) Run(ctx context.Context, studyKey, batchID string, opts imednet.PollOptions) (imednet.JobStatus, error) {
	if imednet.IsBlank(batchID) {
		return imednet.JobStatus{}, argument.Invalid("jobs.JobPoller.Run", "batchID", "is blank: a submission without one was accepted but cannot be traced")
	}
	return p.poller.Run(ctx, studyKey, batchID, opts)
}

// Resume continues to wait for the job of the *[imednet.JobTimeoutError] that err is or wraps.
func (p *JobPoller) Resume(ctx context.Context, err error, opts imednet.PollOptions) (imednet.JobStatus, error) {
	var timeout *imednet.JobTimeoutError
	if !errors.As(err, &timeout) {
		return imednet.JobStatus{}, argument.Invalid("jobs.JobPoller.Resume", "err", "holds no JobTimeoutError")
	}
	return p.Run(ctx, timeout.StudyKey, timeout.BatchID, opts)
}
