package imednet

import (
	"fmt"
	"log/slog"

	"github.com/imednetgo/imednet/internal/shown"
)

// What a server says of a job, and what a caller submits, can hold data of a person too: see rowlog.go.

// String names the job by its batch, if that has the shape of an id, and its state, if it is a known one.
func (j Job) String() string {
	return fmt.Sprintf("%s, state %s", shown.Job(j.BatchID.Or("")), stateWord(j))
}

// LogValue is String.
func (j Job) LogValue() slog.Value { return slog.StringValue(j.String()) }

// Format writes String, whatever the verb.
func (j Job) Format(to fmt.State, verb rune) { shown.Format(to, verb, j.String()) }

// String is that of the job, with the number of polls and the size of the results.
func (s JobStatus) String() string {
	text := fmt.Sprintf("%v, polls: %d", s.Job, s.Polls)
	if s.Results != nil {
		text += fmt.Sprintf(", %v", *s.Results)
	}
	if s.ResultsErr != nil {
		text += fmt.Sprintf(", results not read: %v", s.ResultsErr)
	}
	return text
}

// LogValue is String.
func (s JobStatus) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Format writes String, whatever the verb.
func (s JobStatus) Format(to fmt.State, verb rune) { shown.Format(to, verb, s.String()) }

// String gives the size of the results, and none of them.
func (r JobResults) String() string { return fmt.Sprintf("results of %d bytes", len(r.Body)) }

// LogValue is String.
func (r JobResults) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Format writes String, whatever the verb.
func (r JobResults) Format(to fmt.State, verb rune) { shown.Format(to, verb, r.String()) }

// String says how the job stood at a poll, in words that are certain to hold no data.
func (p JobProgress) String() string {
	text := fmt.Sprintf("%s, poll %d", shown.Job(p.BatchID), p.Poll)
	if p.Err != nil {
		return fmt.Sprintf("%s: %v", text, p.Err)
	}
	return text + ": state " + shown.State(p.State)
}

// LogValue is String.
func (p JobProgress) LogValue() slog.Value { return slog.StringValue(p.String()) }

// Format writes String, whatever the verb.
func (p JobProgress) Format(to fmt.State, verb rune) { shown.Format(to, verb, p.String()) }

// String gives the number of answers and the line of the input, and nothing that the item names.
func (s Submission) String() string {
	text := fmt.Sprintf("submission of %d answers", len(s.Data))
	if s.Line > 0 {
		text += fmt.Sprintf(", line %d", s.Line)
	}
	return text
}

// LogValue is String.
func (s Submission) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Format writes String, whatever the verb.
func (s Submission) Format(to fmt.State, verb rune) { shown.Format(to, verb, s.String()) }
