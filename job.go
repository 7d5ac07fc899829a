package imednet

import (
	"slices"
	"strings"
)

// Job is the asynchronous unit that a submission creates (API contract, sections 4.13 and 6).
// BatchID, not JobID, is the key to poll with. The vocabulary of State is open.
type Job struct {
	Row
	JobID        Opt[string] `json:"jobId,omitzero"`
	BatchID      Opt[string] `json:"batchId,omitzero"`
	State        Opt[string] `json:"state,omitzero"`
	DateCreated  Opt[Time]   `json:"dateCreated,omitzero"`
	DateStarted  Opt[Time]   `json:"dateStarted,omitzero"`
	DateFinished Opt[Time]   `json:"dateFinished,omitzero"`
	Progress     Opt[int64]  `json:"progress,omitzero"` // percent; seldom sent
	ResultURL    Opt[string] `json:"resultUrl,omitzero"`
}

// A job has no id that is always there.
func (j *Job) ownID() (string, bool) { return "batchId", true }

// Traceable reports whether the job can be polled. A submission that was answered without a
// batch id was accepted but cannot be followed.
func (j Job) Traceable() bool { return j.BatchID.IsSet() }

// Terminal reports whether the job has ended: COMPLETED, SUCCESS, FAILED or CANCELLED in any
// case. A missing or unknown state has not ended.
func (j Job) Terminal() bool { return j.Succeeded() || j.Failed() }

// Succeeded reports whether the state is COMPLETED or SUCCESS in any case. A job that succeeded
// can still hold records that the server refused.
func (j Job) Succeeded() bool { return j.stateIn("COMPLETED", "SUCCESS") }

// Failed reports whether the state is FAILED or CANCELLED in any case.
func (j Job) Failed() bool { return j.stateIn("FAILED", "CANCELLED") }

func (j Job) stateIn(states ...string) bool {
	return slices.Contains(states, NormalizeJobState(j.State.Or("")))
}

// NormalizeJobState returns a state as states are compared: trimmed, in upper case.
func NormalizeJobState(state string) string { return strings.ToUpper(strings.TrimSpace(state)) }

// JobResults is what a job's resultUrl returned. Its shape is not documented, so it is kept as
// it arrived.
type JobResults struct {
	ContentType string
	Body        []byte
}
