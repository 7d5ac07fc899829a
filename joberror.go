package imednet

import (
	"context"
	"fmt"
	"os"
	"time"
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
	return fmt.Sprintf("imednet: job %s ended in state %s", serverToken(e.BatchID), stateToken(e.Status))
}

// JobTimeoutError reports a wait that ended before the job did: by its timeout, or by the caller's
// context. The job is still running as far as anybody knows; hand the error to JobPoller.Resume of
// package jobs to go on waiting. errors.Is takes it for context.DeadlineExceeded and
// os.ErrDeadlineExceeded when the timeout ended it, and for the context's cause when the context
// did.
type JobTimeoutError struct {
	StudyKey string
	BatchID  string
	Last     JobStatus     // what the last poll showed; the zero value when none succeeded
	After    time.Duration // the timeout of the wait
	Cause    error         // of the caller's context, or nil
}

// Error names the job, why the wait ended, and what the last poll showed.
func (e *JobTimeoutError) Error() string {
	state := stateToken(e.Last)
	why := fmt.Sprintf("timeout after %s", e.After)
	if e.Cause != nil {
		why = fmt.Sprintf("the wait was ended: %v", e.Cause)
	}
	return fmt.Sprintf("imednet: job %s is still running: %s (state %s, polls: %d); resume the wait later", serverToken(e.BatchID), why, state, e.Last.Polls)
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
