package imednet

import "time"

// JobStatus is a job as the last poll showed it.
type JobStatus struct {
	Job
	Polls   int           // polls made, failed ones included
	Elapsed time.Duration // since the wait began
	// Results is what the job's resultUrl held; nil when there was none or it was not asked for.
	Results *JobResults
	// ResultsErr says why the results could not be read. The job's own state stands.
	ResultsErr error
}

// Unknown reports whether the state is one that this library does not know. Such a job is polled
// until the deadline.
func (s JobStatus) Unknown() bool {
	switch state := NormalizeJobState(s.State.Or("")); state {
	case "", "CREATED", "QUEUED", "PENDING", "RUNNING", "PROCESSING":
		return false
	}
	return !s.Terminal()
}

// The defaults of PollOptions.
const (
	DefaultPollInterval    = 5 * time.Second
	DefaultPollMaxInterval = 30 * time.Second
	DefaultPollTimeout     = 300 * time.Second
	DefaultPollTolerance   = 5
)

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
	// Tolerance is how many polls in a row may fail with an error that Retryable allows, or
	// with ErrNotFound, which a new job can answer; default DefaultPollTolerance, negative none.
	Tolerance int
	// FetchResults reads the job's resultUrl once it has ended.
	FetchResults bool
	// OnProgress is called after every poll, never by two goroutines at once.
	OnProgress func(JobProgress)
}

// JobProgress reports one poll.
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
