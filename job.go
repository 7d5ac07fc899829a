package imednet

import (
	"slices"
	"strings"
)

// Job is the asynchronous job that a submission starts (API contract, sections 4.13 and 6). Poll it
// by BatchID, not by JobID. State has an open vocabulary.
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

// A job has no id that is always present.
func (j *Job) ownID() (string, bool) { return "batchId", true }

// Traceable reports whether the job can be polled. A submission whose response has no batch id was
// accepted but cannot be followed.
func (j Job) Traceable() bool { return j.BatchID.IsSet() }

// Terminal reports whether the job has ended: its state is COMPLETED, SUCCESS, FAILED or CANCELLED,
// ignoring case. A missing or unknown state is not terminal.
func (j Job) Terminal() bool { return j.Succeeded() || j.Failed() }

// Succeeded reports whether the state is COMPLETED or SUCCESS, ignoring case. A successful job can
// still contain records that the server rejected.
func (j Job) Succeeded() bool { return j.stateIn("COMPLETED", "SUCCESS") }

// Failed reports whether the state is FAILED or CANCELLED, ignoring case.
func (j Job) Failed() bool { return j.stateIn("FAILED", "CANCELLED") }

func (j Job) stateIn(states ...string) bool {
	return slices.Contains(states, NormalizeJobState(j.State.Or("")))
}

// NormalizeJobState returns a job state in the form used for comparison: trimmed and in upper case.
func NormalizeJobState(state string) string { return strings.ToUpper(strings.TrimSpace(state)) }

// JobResults is the content of a job's resultUrl. The API does not document its shape, so it is
// kept as it arrived.
type JobResults struct {
	ContentType string
	Body        []byte
}
