package submissions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/imednetgo/imednet"
)

// ErrOpenSubmission means that the journal holds the very same records in an entry that nobody has
// dealt with: to send them now could make them stand in the study twice.
var ErrOpenSubmission = errors.New("the same records are in the journal already")

// PartialError reports a submission that stopped midway. Batches in front of the failed one were
// accepted; those behind it were not sent.
type PartialError struct {
	StudyKey string
	Accepted []SubmittedBatch
	// First and Count are the records of the batch that failed.
	First, Count int
	// Refused says that the server answered that it takes nothing of the failed batch, or that it
	// was never sent. Otherwise its outcome is unknown, or its job failed: see Err.
	Refused bool
	// NotSent counts the records behind the failed batch.
	NotSent int
	Err     error
}

// Error says which records failed, by their places in the call, and what became of the others, if
// there were others.
func (e *PartialError) Error() string {
	text := fmt.Sprintf("workflows: submit records: study %s: record %d failed", e.StudyKey, e.First)
	if e.Count > 1 {
		text = fmt.Sprintf("workflows: submit records: study %s: records %d to %d failed", e.StudyKey, e.First, e.First+e.Count-1)
	}
	if e.Refused {
		text += ", nothing of it was taken"
	} else {
		text += ", with an outcome that is not certain"
	}
	if len(e.Accepted) > 0 {
		text += fmt.Sprintf("; batches accepted before: %d", len(e.Accepted))
	}
	if e.NotSent > 0 {
		text += fmt.Sprintf("; records not sent: %d", e.NotSent)
	}
	return text + ": " + strings.TrimPrefix(e.Err.Error(), fmt.Sprintf("workflows: submit records: study %s: ", e.StudyKey))
}

// Unwrap returns what ended the submission.
func (e *PartialError) Unwrap() error { return e.Err }

// Retryable is false: what was accepted must not be sent again.
func (e *PartialError) Retryable() bool { return false }

// UnknownOutcomeError reports a POST that got no answer that settles its outcome: the server may
// have stored the batch. It is never sent again by itself. With a journal, Resume finds out.
type UnknownOutcomeError struct {
	StudyKey  string
	JournalID string // empty without a journal
	Err       error
}

// Error names the study and the journal entry, and what to do before anything is sent again.
func (e *UnknownOutcomeError) Error() string {
	hint := "read the records back before sending anything again"
	if e.JournalID != "" {
		hint = "journal entry " + e.JournalID + "; call Resume before sending anything again"
	}
	return fmt.Sprintf("workflows: submit records: study %s: the outcome is unknown: %v (%s)", e.StudyKey, e.Err, hint)
}

// Unwrap returns the cause.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// Retryable is false.
func (e *UnknownOutcomeError) Retryable() bool { return false }

// refused reports whether the server answered that it takes nothing of a POST.
func refused(err error) bool {
	var api *imednet.APIError
	return errors.As(err, &api) && api.StatusCode >= 400 && api.StatusCode < 500 && api.StatusCode != 408
}

// submitAll sends the batches one after the other; every one of them is in the journal before the
// first is sent.
func (u *RecordUpdate) submitAll(ctx context.Context, studyKey string, batches []plannedBatch, opts Options) ([]SubmittedBatch, error) {
	if err := u.refuseOpen(ctx, studyKey, batches); err != nil {
		return nil, err
	}
	entries, err := u.prepare(ctx, studyKey, batches)
	if err != nil {
		return nil, &imednet.Error{Package: "submissions", Op: "submit records", StudyKey: studyKey, Err: err, Hint: "the journal could not be written; nothing was sent"}
	}
	var done []SubmittedBatch
	for i, b := range batches {
		sent, became, err := u.submitBatch(ctx, entries[i], b, opts)
		if became == fateAccepted {
			done = append(done, sent)
		}
		if err == nil {
			continue
		}
		partial := &PartialError{StudyKey: studyKey, Accepted: done, First: b.first, Count: len(b.items), Refused: became == fateNotSent || became == fateRefused, Err: err}
		for _, rest := range batches[i+1:] {
			partial.NotSent += len(rest.items)
		}
		return done, partial
	}
	return done, nil
}

// refuseOpen finds a batch that an open entry of the journal has sent, or may have, or offers to send.
func (u *RecordUpdate) refuseOpen(ctx context.Context, studyKey string, batches []plannedBatch) error {
	if !u.journals {
		return nil
	}
	open, err := u.journal.Open(ctx, studyKey)
	if err != nil {
		return &imednet.Error{Package: "submissions", Op: "submit records", StudyKey: studyKey, Err: err, Hint: "the journal could not be read; nothing was sent"}
	}
	for _, entry := range open {
		for _, b := range batches {
			if bytes.Equal(entry.Payload, b.payload) {
				return &imednet.Error{Package: "submissions", Op: "submit records", StudyKey: studyKey, Err: fmt.Errorf("%w: journal entry %s", ErrOpenSubmission, entry.ID),
					Hint: "nothing was sent; Resume tells what became of the entry, Discard closes it"}
			}
		}
	}
	return nil
}

func (u *RecordUpdate) prepare(ctx context.Context, studyKey string, batches []plannedBatch) ([]Entry, error) {
	entries := make([]Entry, len(batches))
	for i, b := range batches {
		entries[i] = Entry{
			StudyKey: studyKey, State: Prepared, Payload: b.payload, Items: len(b.items), PreparedAt: u.clock.Now().UTC(),
		}
		if u.journals {
			entries[i].ID = u.newID()
		}
	}
	return entries, u.journal.Prepare(ctx, entries)
}

// fate is what became of one POST.
type fate int

const (
	fateNotSent fate = iota
	fateRefused
	fateUnknown
	fateAccepted
)

// submitBatch sends one batch and, when asked, follows its job.
func (u *RecordUpdate) submitBatch(ctx context.Context, entry Entry, b plannedBatch, opts Options) (SubmittedBatch, fate, error) {
	entry, job, became, err := u.post(ctx, entry, b.items, opts)
	sent := SubmittedBatch{First: b.first, Count: len(b.items), JournalID: entry.ID, Job: job}
	if err != nil || !opts.Wait {
		return sent, became, err
	}
	if !job.Traceable() {
		return sent, became, &imednet.Error{Package: "submissions", Op: "wait for job", StudyKey: entry.StudyKey, Err: ErrUntraceable}
	}
	status, err := u.jobs.Run(ctx, entry.StudyKey, job.BatchID.Or(""), opts.Poll)
	sent.Status = &status
	if status.Terminal() {
		err = errors.Join(err, u.settle(ctx, entry, status))
	}
	return sent, became, err
}

// post takes an entry to accepted or refused. If neither is certain the entry stays in sending.
func (u *RecordUpdate) post(ctx context.Context, entry Entry, items []imednet.Submission, opts Options) (Entry, imednet.Job, fate, error) {
	entry, err := u.beginSending(ctx, entry)
	if err != nil {
		return entry, imednet.Job{}, fateNotSent, err
	}
	job, err := u.client.SubmitRecords(ctx, entry.StudyKey, items, imednet.SubmitOptions{EmailNotify: opts.EmailNotify})
	// What happened must reach the journal even if the caller has gone away meanwhile.
	ctx = context.WithoutCancel(ctx)
	switch {
	case err == nil:
		entry.State, entry.BatchID = Accepted, job.BatchID.Or("")
		return entry, job, fateAccepted, u.journal.Advance(ctx, entry, Sending)
	case refused(err):
		var api *imednet.APIError
		errors.As(err, &api)
		entry.State, entry.Refusal = Refused, api.StatusCode
		return entry, job, fateRefused, errors.Join(err, u.journal.Advance(ctx, entry, Sending))
	}
	return entry, job, fateUnknown, &UnknownOutcomeError{StudyKey: entry.StudyKey, JournalID: entry.ID, Err: err}
}

// beginSending notes that the POST may be on its way, with the server's time where that can be had.
func (u *RecordUpdate) beginSending(ctx context.Context, entry Entry) (Entry, error) {
	from := entry.State
	entry.State, entry.SentAt = Sending, u.clock.Now().UTC()
	if prober, ok := u.client.(imednet.RecordProber); ok && u.journals {
		probe, err := prober.ProbeRecords(ctx, entry.StudyKey, imednet.Filter{})
		if err != nil {
			return entry, &imednet.Error{Package: "submissions", Op: "ask for the server's time", StudyKey: entry.StudyKey, Err: err, Hint: "nothing was sent"}
		}
		entry.SentAt, entry.ServerTime = probe.ServerTime.UTC(), true
	}
	return entry, u.journal.Advance(ctx, entry, from)
}

// settle notes how a job ended.
func (u *RecordUpdate) settle(ctx context.Context, entry Entry, status imednet.JobStatus) error {
	entry.State, entry.JobState, entry.Closed = Confirmed, status.State.Or(""), true
	return u.journal.Advance(context.WithoutCancel(ctx), entry, Accepted)
}
