// Package jobpoll is the wait for a job that packages jobs and submissions share.
package jobpoll

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/shown"
)

// SettleDelay is how far a listing of the server is taken to lag behind the end of a job.
const SettleDelay = 15 * time.Second

// Poller is what a wait needs.
type Poller struct {
	Package string // that errors name
	Jobs    imednet.JobGetter
	Clock   imednet.Clock
	Jitter  func() float64 // 0 ≤ x < 1
}

// Defaults fills in what the caller left open and refuses what cannot be meant.
func Defaults(function string, o imednet.PollOptions) (imednet.PollOptions, error) {
	if o.Interval < 0 || o.MaxInterval < 0 || o.Timeout < 0 {
		return o, argument.Invalid(function, "opts", "a poll interval or timeout is negative")
	}
	if o.Interval == 0 {
		o.Interval = imednet.DefaultPollInterval
	}
	if o.MaxInterval == 0 {
		o.MaxInterval = max(o.Interval, imednet.DefaultPollMaxInterval)
	}
	if o.Timeout == 0 {
		o.Timeout = imednet.DefaultPollTimeout
	}
	if o.Tolerance == 0 {
		o.Tolerance = imednet.DefaultPollTolerance
	}
	if o.OnProgress == nil {
		o.OnProgress = func(imednet.JobProgress) {}
	}
	return o, nil
}

// Run polls a job until it has ended, or as long as opts allow.
func (p *Poller) Run(ctx context.Context, studyKey, batchID string, opts imednet.PollOptions) (imednet.JobStatus, error) {
	opts, err := Defaults(p.Package+".Run", opts)
	if err != nil {
		return imednet.JobStatus{}, err
	}
	start := p.Clock.Now()
	return p.Wait(ctx, studyKey, batchID, opts, start, start.Add(opts.Timeout))
}

// Wait polls a job until it has ended or the deadline has come; opts are as Defaults left them.
func (p *Poller) Wait(ctx context.Context, studyKey, batchID string, opts imednet.PollOptions, start, deadline time.Time) (imednet.JobStatus, error) {
	if imednet.IsBlank(batchID) {
		return imednet.JobStatus{}, p.failed("wait for job", studyKey, errors.New("the batch id is empty: the submission was accepted but cannot be traced"), "")
	}
	w := &wait{poller: p, studyKey: studyKey, batchID: batchID, opts: opts, start: start}
	return w.run(ctx, deadline)
}

func (p *Poller) failed(op, studyKey string, err error, hint string) error {
	return &imednet.Error{Package: p.Package, Op: op, StudyKey: studyKey, Err: err, Hint: hint}
}

// wait is one wait.
type wait struct {
	poller   *Poller
	studyKey string
	batchID  string
	opts     imednet.PollOptions
	start    time.Time
	last     imednet.JobStatus
	failures int // in a row
}

func (w *wait) run(ctx context.Context, deadline time.Time) (imednet.JobStatus, error) {
	pause := w.opts.Interval
	for {
		ended, err := w.poll(ctx)
		if err != nil || ended {
			return w.last, err
		}
		left := deadline.Sub(w.poller.Clock.Now())
		if left <= 0 {
			return w.last, w.timeout(nil)
		}
		if err := w.poller.Clock.Sleep(ctx, min(w.jittered(pause), left)); err != nil {
			return w.last, w.timeout(err)
		}
		pause = min(pause+pause/2, w.opts.MaxInterval)
	}
}

func (w *wait) jittered(pause time.Duration) time.Duration {
	return pause - time.Duration(w.poller.Jitter()*float64(pause)/5)
}

func (w *wait) timeout(cause error) error {
	return &imednet.JobTimeoutError{StudyKey: w.studyKey, BatchID: w.batchID, Last: w.last, After: w.opts.Timeout, Cause: cause}
}

// poll asks once. ended is true for a job that succeeded.
func (w *wait) poll(ctx context.Context) (ended bool, err error) {
	job, err := w.poller.Jobs.Job(ctx, w.studyKey, w.batchID)
	w.last.Polls++
	w.last.Elapsed = w.poller.Clock.Now().Sub(w.start)
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
		return true, &imednet.JobFailedError{StudyKey: w.studyKey, BatchID: w.batchID, Status: w.last}
	}
	return true, nil
}

// tolerate returns nil for a failure that may pass.
func (w *wait) tolerate(ctx context.Context, err error) error {
	if context.Cause(ctx) != nil {
		return w.timeout(context.Cause(ctx))
	}
	w.failures++
	mayPass := imednet.Retryable(err) || errors.Is(err, imednet.ErrNotFound) || errors.As(err, new(*imednet.ReplyError))
	if !mayPass || w.failures > w.opts.Tolerance {
		return w.poller.failed("poll "+shown.Job(w.batchID), w.studyKey, err, fmt.Sprintf("failed %d times in a row; the job itself may still be running", w.failures))
	}
	w.report(err)
	return nil
}

func (w *wait) report(err error) {
	progress := imednet.JobProgress{
		StudyKey: w.studyKey, BatchID: w.batchID, Poll: w.last.Polls, Elapsed: w.last.Elapsed, Err: err,
	}
	if err == nil {
		progress.State, progress.Unknown, progress.Terminal = w.last.State.Or(""), w.last.Unknown(), w.last.Terminal()
	}
	w.opts.OnProgress(progress)
}

// fetchResults reads the resultUrl. Its failure stands beside the status and changes nothing.
func (w *wait) fetchResults(ctx context.Context) {
	url, ok := w.last.ResultURL.Get()
	if !ok || !w.opts.FetchResults {
		return
	}
	reader, ok := w.poller.Jobs.(imednet.JobResultReader)
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
