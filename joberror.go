package imednet

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/imednetgo/imednet/internal/shown"
)

// JobFailedError reports a job that failed or was cancelled. Some of its records may nevertheless
// have been stored: see Status.Results.
type JobFailedError struct {
	StudyKey string
	BatchID  string
	Status   JobStatus
}

// Error names the job, if its id has the shape of one, and its final state.
func (e *JobFailedError) Error() string {
	return fmt.Sprintf("imednet: %s ended in state %s", shown.Job(e.BatchID), stateWord(e.Status.Job))
}

// Format writes Error, whatever the verb.
func (e JobFailedError) Format(to fmt.State, verb rune) { shown.Format(to, verb, e.Error()) }

// LogValue is Error.
func (e JobFailedError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

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
	state := stateWord(e.Last.Job)
	why := fmt.Sprintf("timeout after %s", e.After)
	if e.Cause != nil {
		why = fmt.Sprintf("the wait was ended: %v", e.Cause)
	}
	return fmt.Sprintf("imednet: %s is still running: %s (state %s, polls: %d); resume the wait later", shown.Job(e.BatchID), why, state, e.Last.Polls)
}

// Format writes Error, whatever the verb.
func (e JobTimeoutError) Format(to fmt.State, verb rune) { shown.Format(to, verb, e.Error()) }

// LogValue is Error.
func (e JobTimeoutError) LogValue() slog.Value { return slog.StringValue(e.Error()) }

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
