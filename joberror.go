package imednet

import (
	"context"
	"fmt"
	"os"
	"time"
)

// JobFailedError reports a job that failed or was cancelled. Some of its records may nevertheless
// have been stored: see Status.Results.
type JobFailedError struct {
	StudyKey string
	BatchID  string
	Status   JobStatus
}

// Error names the job and its final state.
func (e *JobFailedError) Error() string {
	return fmt.Sprintf("imednet: job %s ended in state %s", serverToken(e.BatchID), stateToken(e.Status))
}

// JobTimeoutError reports a wait that ended before the job did, because of its timeout or the
// caller's context. The job may still be running; pass the error to JobPoller.Resume of package
// jobs to continue waiting. With errors.Is it matches context.DeadlineExceeded and
// os.ErrDeadlineExceeded if the timeout ended the wait, and the context's cause if the context did.
type JobTimeoutError struct {
	StudyKey string
	BatchID  string
	Last     JobStatus     // state at the last successful poll; the zero value if there was none
	After    time.Duration // timeout of the wait
	Cause    error         // of the caller's context, or nil
}

// Error names the job, the reason why the wait ended, and the state at the last poll.
func (e *JobTimeoutError) Error() string {
	state := stateToken(e.Last)
	why := fmt.Sprintf("timeout after %s", e.After)
	if e.Cause != nil {
		why = fmt.Sprintf("the wait was ended: %v", e.Cause)
	}
	return fmt.Sprintf("imednet: job %s is still running: %s (state %s, polls: %d); resume the wait later", serverToken(e.BatchID), why, state, e.Last.Polls)
}

// Timeout returns true, as for a net.Error: the wait ended before the job did.
func (e *JobTimeoutError) Timeout() bool { return true }

// Is matches the standard library's timeout errors if the timeout ended the wait.
func (e *JobTimeoutError) Is(target error) bool {
	return e.Cause == nil && (target == context.DeadlineExceeded || target == os.ErrDeadlineExceeded)
}

// Unwrap returns the cause of the caller's context.
func (e *JobTimeoutError) Unwrap() error { return e.Cause }

// Retryable returns false: to wait again call Resume, and do not submit anything again.
func (e *JobTimeoutError) Retryable() bool { return false }
