package workflows

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/imednetgo/imednet"
)

// The defaults of PollOptions.
const (
	DefaultPollInterval    = 5 * time.Second
	DefaultPollMaxInterval = 30 * time.Second
	DefaultPollTimeout     = 300 * time.Second
	DefaultPollTolerance   = 5
)

// JobPoller waits for jobs. It is safe for concurrent use if its getter is.
type JobPoller struct {
	jobs   imednet.JobGetter
	clock  imednet.Clock
	jitter func() float64 // 0 ≤ x < 1
}

// JobPollerOption changes a setting of a JobPoller.
type JobPollerOption func(*JobPoller) error

// WithPollClock sets the clock that waits. Default: the system's.
func WithPollClock(c imednet.Clock) JobPollerOption {
	return func(p *JobPoller) error {
		if c == nil {
			return errors.New("the clock is nil")
		}
		p.clock = c
		return nil
	}
}

// WithPollJitter sets the source of randomness, a function that returns 0 ≤ x < 1. Default:
// math/rand/v2.
func WithPollJitter(random func() float64) JobPollerOption {
	return func(p *JobPoller) error {
		if random == nil {
			return errors.New("the source of randomness is nil")
		}
		p.jitter = random
		return nil
	}
}

// NewJobPoller returns a poller over anything that can read a job. If jobs is also an
// imednet.JobResultReader, the results of finished jobs can be fetched.
func NewJobPoller(jobs imednet.JobGetter, opts ...JobPollerOption) (*JobPoller, error) {
	if jobs == nil {
		return nil, &Error{Op: "new job poller", Err: errors.New("the job getter is nil")}
	}
	p := &JobPoller{jobs: jobs, clock: imednet.SystemClock(), jitter: rand.Float64}
	for _, o := range opts {
		if err := o(p); err != nil {
			return nil, &Error{Op: "new job poller", Err: err}
		}
	}
	return p, nil
}

// PollOptions are the settings of one wait.
type PollOptions struct {
	// Interval is the pause before the second poll; default DefaultPollInterval. It grows by half
	// with every poll up to MaxInterval, and each pause is shortened at random by up to a fifth.
	Interval time.Duration
	// MaxInterval is the longest pause; default DefaultPollMaxInterval, or Interval when that is longer.
	MaxInterval time.Duration
	// Timeout ends the wait; default DefaultPollTimeout. One poll is made in any case, the last one
	// at the deadline.
	Timeout time.Duration
	// Tolerance is how many polls in a row may fail with an error that imednet.Retryable allows, or
	// with ErrNotFound, which a new job can answer; default DefaultPollTolerance, negative none.
	Tolerance int
	// FetchResults reads the job's resultUrl once it has ended.
	FetchResults bool
	// OnProgress is called after every poll, never by two goroutines at once.
	OnProgress func(JobProgress)
}

// JobProgress tells of one poll.
type JobProgress struct {
	StudyKey string
	BatchID  string
	Poll     int // from 1
	Elapsed  time.Duration
	State    string // as received; empty when the poll failed
	Unknown  bool   // a state that this library does not know
	Terminal bool
	Err      error // a failure that is tolerated
}

func (o PollOptions) withDefaults() (PollOptions, error) {
	if o.Interval < 0 || o.MaxInterval < 0 || o.Timeout < 0 {
		return o, errors.New("a poll interval or timeout is negative")
	}
	if o.Interval == 0 {
		o.Interval = DefaultPollInterval
	}
	if o.MaxInterval == 0 {
		o.MaxInterval = max(o.Interval, DefaultPollMaxInterval)
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultPollTimeout
	}
	if o.Tolerance == 0 {
		o.Tolerance = DefaultPollTolerance
	}
	if o.OnProgress == nil {
		o.OnProgress = func(JobProgress) {}
	}
	return o, nil
}

// Run polls a job until it has ended. A job that succeeded is returned. One that failed or was
// cancelled is returned with a *JobFailedError, a wait that ended early with a *JobTimeoutError;
// any other error is a poll that failed for good, or too often in a row.
//
// A job that succeeded can still hold records that the server refused: look at the results, or
// read the records back.
func (p *JobPoller) Run(ctx context.Context, studyKey, batchID string, opts PollOptions) (JobStatus, error) {
	opts, err := opts.withDefaults()
	if err == nil && imednet.IsMissing(batchID) {
		err = errors.New("the batch id is empty: the submission was accepted but cannot be traced")
	}
	if err != nil {
		return JobStatus{}, &Error{Op: "wait for job", StudyKey: studyKey, Err: err}
	}
	w := &jobWait{poller: p, studyKey: studyKey, batchID: batchID, opts: opts, start: p.clock.Now()}
	return w.run(ctx, w.start.Add(opts.Timeout))
}

// Resume goes on waiting for the job of a *JobTimeoutError anywhere in err.
func (p *JobPoller) Resume(ctx context.Context, err error, opts PollOptions) (JobStatus, error) {
	var timeout *JobTimeoutError
	if !errors.As(err, &timeout) {
		return JobStatus{}, &Error{Op: "resume the wait for a job", Err: errors.New("the error holds no JobTimeoutError")}
	}
	return p.Run(ctx, timeout.StudyKey, timeout.BatchID, opts)
}

// jobWait is one wait.
type jobWait struct {
	poller   *JobPoller
	studyKey string
	batchID  string
	opts     PollOptions
	start    time.Time
	last     JobStatus
	failures int // in a row
}

func (w *jobWait) run(ctx context.Context, deadline time.Time) (JobStatus, error) {
	pause := w.opts.Interval
	for {
		ended, err := w.poll(ctx)
		if err != nil || ended {
			return w.last, err
		}
		left := deadline.Sub(w.poller.clock.Now())
		if left <= 0 {
			return w.last, w.timeout(nil)
		}
		if err := w.poller.clock.Sleep(ctx, min(w.jittered(pause), left)); err != nil {
			return w.last, w.timeout(err)
		}
		pause = min(pause+pause/2, w.opts.MaxInterval)
	}
}

func (w *jobWait) jittered(pause time.Duration) time.Duration {
	return pause - time.Duration(w.poller.jitter()*float64(pause)/5)
}

func (w *jobWait) timeout(cause error) error {
	return &JobTimeoutError{StudyKey: w.studyKey, BatchID: w.batchID, Last: w.last, After: w.opts.Timeout, Cause: cause}
}

// poll asks once. ended is true for a job that succeeded.
func (w *jobWait) poll(ctx context.Context) (ended bool, err error) {
	job, err := w.poller.jobs.Job(ctx, w.studyKey, w.batchID)
	w.last.Polls++
	w.last.Elapsed = w.poller.clock.Now().Sub(w.start)
	if err != nil {
		return false, w.tolerate(ctx, err)
	}
	w.failures = 0
	w.last.Job = job
	w.report(nil)
	if !job.Terminal() {
		return false, nil
	}
	w.fetchResults(ctx)
	if job.Failed() {
		return true, &JobFailedError{StudyKey: w.studyKey, BatchID: w.batchID, Status: w.last}
	}
	return true, nil
}

// tolerate returns nil for a failure that may pass.
func (w *jobWait) tolerate(ctx context.Context, err error) error {
	if context.Cause(ctx) != nil {
		return w.timeout(context.Cause(ctx))
	}
	w.failures++
	if !imednet.Retryable(err) && !errors.Is(err, imednet.ErrNotFound) || w.failures > w.opts.Tolerance {
		return &Error{Op: "poll job " + w.batchID, StudyKey: w.studyKey, Err: err, Hint: fmt.Sprintf("failed %d times in a row; the job itself may still be running", w.failures)}
	}
	w.report(err)
	return nil
}

func (w *jobWait) report(err error) {
	progress := JobProgress{
		StudyKey: w.studyKey, BatchID: w.batchID, Poll: w.last.Polls, Elapsed: w.last.Elapsed, Err: err,
	}
	if err == nil {
		progress.State, progress.Unknown, progress.Terminal = w.last.State.Or(""), w.last.Unknown(), w.last.Terminal()
	}
	w.opts.OnProgress(progress)
}

// fetchResults reads the resultUrl. Its failure stands beside the status and changes nothing.
func (w *jobWait) fetchResults(ctx context.Context) {
	url, ok := w.last.ResultURL.Get()
	if !ok || !w.opts.FetchResults {
		return
	}
	reader, ok := w.poller.jobs.(imednet.JobResultReader)
	if !ok {
		w.last.ResultsErr = errors.New("the job getter cannot read results")
		return
	}
	results, err := reader.JobResults(ctx, url)
	if err != nil {
		w.last.ResultsErr = err
		return
	}
	w.last.Results = &results
}
