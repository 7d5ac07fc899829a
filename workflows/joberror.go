package workflows

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/imednetgo/imednet"
)

// JobFailedError reports a job that ended as failed or cancelled. A part of its records may have
// been stored all the same: see Status.Results.
type JobFailedError struct {
	StudyKey string
	BatchID  string
	Status   JobStatus
}

// Error names the job and the state it ended in.
func (e *JobFailedError) Error() string {
	return fmt.Sprintf("workflows: job %s ended in state %s", e.BatchID, e.Status.State.Or("(none)"))
}

// JobTimeoutError reports a wait that ended before the job did: by its timeout, or by the caller's
// context. The job is still running as far as anybody knows; hand the error to JobPoller.Resume to
// go on waiting. It is context.DeadlineExceeded and os.ErrDeadlineExceeded to errors.Is when the
// timeout ended it, and the context's cause when the context did.
type JobTimeoutError struct {
	StudyKey string
	BatchID  string
	Last     JobStatus     // what the last poll showed; the zero value when none succeeded
	After    time.Duration // the timeout of the wait
	Cause    error         // of the caller's context, or nil
}

// Error names the job, why the wait ended, and what the last poll showed.
func (e *JobTimeoutError) Error() string {
	state := e.Last.State.Or("(none)")
	why := fmt.Sprintf("timeout after %s", e.After)
	if e.Cause != nil {
		why = fmt.Sprintf("the wait was ended: %v", e.Cause)
	}
	return fmt.Sprintf("workflows: job %s is still running: %s (state %s, polls: %d); resume the wait later", e.BatchID, why, state, e.Last.Polls)
}

// Timeout reports that this is a timeout, as net.Error does.
func (e *JobTimeoutError) Timeout() bool { return true }

// Is makes a wait that ran out the standard library's timeouts.
func (e *JobTimeoutError) Is(target error) bool {
	return e.Cause == nil && (target == context.DeadlineExceeded || target == os.ErrDeadlineExceeded)
}

// Unwrap returns the cause of the caller's context.
func (e *JobTimeoutError) Unwrap() error { return e.Cause }

// Retryable is false: waiting again is Resume's work, and nothing must be submitted again.
func (e *JobTimeoutError) Retryable() bool { return false }

// JobStatus is a job as the last poll showed it.
type JobStatus struct {
	imednet.Job
	Polls   int           // polls that were made, failed ones included
	Elapsed time.Duration // since the wait began
	// Results is what the job's resultUrl held; nil when there was none or it was not asked for.
	Results *imednet.JobResults
	// ResultsErr says why the results could not be read. The job's own state stands.
	ResultsErr error
}

// Unknown reports whether the state is one that this library does not know. Such a job is polled
// until the deadline.
func (s JobStatus) Unknown() bool {
	switch state := imednet.NormalizeJobState(s.State.Or("")); state {
	case "", "CREATED", "QUEUED", "PENDING", "RUNNING", "PROCESSING":
		return false
	}
	return !s.Terminal()
}
