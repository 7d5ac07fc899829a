package imednet

import (
	"time"

	"github.com/imednetgo/imednet/internal/shown"
)

// JobStatus is the state of a job at the last poll.
type JobStatus struct {
	Job
	Polls   int           // polls made, failed ones included
	Elapsed time.Duration // since the start of the wait
	// Results is the content of the job's resultUrl; nil if there was none or it was not requested.
	Results *JobResults
	// ResultsErr is the reason why the results could not be read. It does not affect the job's
	// state.
	ResultsErr error
}

// Unknown reports whether this library does not know the state. Such a job is polled until the
// deadline.
func (s JobStatus) Unknown() bool {
	state := NormalizeJobState(s.State.Or(""))
	return state != "" && !shown.IsState(state)
}

// Defaults of [PollOptions].
const (
	DefaultPollInterval    = 5 * time.Second
	DefaultPollMaxInterval = 30 * time.Second
	DefaultPollTimeout     = 300 * time.Second
	DefaultPollTolerance   = 5
)

// PollOptions configures one wait for a job.
type PollOptions struct {
	// Interval is the pause before the second poll; the default is [DefaultPollInterval]. The pause
	// grows by half with every poll, up to MaxInterval, and is randomly shortened by up to a fifth.
	Interval time.Duration
	// MaxInterval is the longest pause; the default is [DefaultPollMaxInterval], or Interval if
	// that is longer.
	MaxInterval time.Duration
	// Timeout limits the wait; the default is [DefaultPollTimeout]. At least one poll is made, and
	// the last one is made at the deadline.
	Timeout time.Duration
	// Tolerance is the number of consecutive polls that may fail with a [Retryable] error or with
	// [ErrNotFound], which a new job can return. The default is [DefaultPollTolerance]; a negative
	// value tolerates none.
	Tolerance int
	// FetchResults reads the job's resultUrl once it has ended.
	FetchResults bool
	// OnProgress, if set, is called after every poll, never by two goroutines at once.
	OnProgress func(JobProgress)
}

// JobProgress describes one poll.
type JobProgress struct {
	StudyKey string
	BatchID  string
	Poll     int // from 1
	Elapsed  time.Duration
	State    string // as received; empty if the poll failed
	Unknown  bool   // a state that this library does not know
	Terminal bool
	Err      error // a tolerated failure
}
