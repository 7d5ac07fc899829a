package submissions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// Outcome is what is known of a journaled submission after a crash or an unanswered POST.
type Outcome string

const (
	// OutcomeAbsent means that the server holds nothing of it: it was never sent, or the server
	// refused it. Only this may be sent again, with Resend.
	OutcomeAbsent Outcome = "absent"
	// OutcomeAccepted means that the server took it and its job is not known to have ended.
	OutcomeAccepted Outcome = "accepted"
	// OutcomeConfirmed means that its job has ended (see Recovered.Status for how), or that all of
	// its records were read back (see Recovered.Found).
	OutcomeConfirmed Outcome = "confirmed"
	// OutcomeUnknown means that the POST may or may not have been taken. It is not sent again; ask
	// later, or look at the study.
	OutcomeUnknown Outcome = "unknown"
)

// Recovered is one journaled submission and what is known of it.
type Recovered struct {
	Entry   Entry
	Outcome Outcome
	Status  *imednet.JobStatus // of the job, where it could be asked
	Found   *Confirmation      // the records that match, where they were looked for
	Err     error              // why no more is known; the outcome stands
}

// clockMargin is how far the caller's clock may be behind or ahead of the server's when the
// server's own time was not known.
const clockMargin = 10 * time.Minute

// Resume looks at every submission of a study that the journal holds as open and finds out what
// became of it, without sending anything. With Wait it follows jobs to their end.
//
//   - Prepared, or refused by the server: absent. Send it with Resend, or Discard it.
//   - A POST without an answer, or whose answer had no batch id: confirmed and closed if all of its
//     records stand on the server with the values that were sent. Otherwise the former is unknown,
//     and never absent, and the latter accepted, with ErrUntraceable.
//   - Accepted: the job is asked; when it has ended the entry is confirmed and closed.
func (u *RecordUpdate) Resume(ctx context.Context, studyKey string, opts Options) ([]Recovered, error) {
	if !u.journals {
		return nil, &imednet.Error{Package: "submissions", Op: "resume submissions", StudyKey: studyKey, Err: errors.New("there is no journal; see WithJournal")}
	}
	entries, err := u.journal.Open(ctx, studyKey)
	if err != nil {
		return nil, &imednet.Error{Package: "submissions", Op: "resume submissions", StudyKey: studyKey, Err: err}
	}
	recovered := make([]Recovered, len(entries))
	for i, entry := range entries {
		recovered[i] = u.recover(ctx, entry, opts)
		if cause := context.Cause(ctx); cause != nil {
			return recovered[:i], &imednet.Error{Package: "submissions", Op: "resume submissions", StudyKey: studyKey, Err: cause}
		}
	}
	return recovered, nil
}

func (u *RecordUpdate) recover(ctx context.Context, entry Entry, opts Options) Recovered {
	switch entry.State {
	case Prepared, Refused:
		return Recovered{Entry: entry, Outcome: OutcomeAbsent}
	case Sending:
		return u.lookFor(ctx, entry, OutcomeUnknown)
	case Accepted:
		if entry.BatchID == "" {
			return u.lookFor(ctx, entry, OutcomeAccepted)
		}
		return u.askJob(ctx, entry, opts)
	case Confirmed:
		return Recovered{Entry: entry, Outcome: OutcomeConfirmed}
	}
	return Recovered{Entry: entry, Outcome: OutcomeUnknown, Err: fmt.Errorf("the journal holds state %q", string(entry.State))}
}

// lookFor searches the study for the records of a POST that no job can tell of. Found whole they
// settle the entry; otherwise the outcome is the given one.
func (u *RecordUpdate) lookFor(ctx context.Context, entry Entry, otherwise Outcome) Recovered {
	out := Recovered{Entry: entry, Outcome: otherwise}
	found, err := u.readBack(ctx, entry)
	if err != nil {
		out.Err = err
		return out
	}
	out.Found = &found
	if !found.Complete() {
		if entry.State == Accepted {
			out.Err = ErrUntraceable
		}
		return out
	}
	settled := entry
	settled.State, settled.ReadBack, settled.Closed = Confirmed, true, true
	if out.Err = u.journal.Advance(ctx, settled, entry.State); out.Err == nil {
		out.Entry, out.Outcome = settled, OutcomeConfirmed
	}
	return out
}

// readBack compares what a journaled submission sent with what stands on the server.
func (u *RecordUpdate) readBack(ctx context.Context, entry Entry) (Confirmation, error) {
	items, err := decodePayload(entry.Payload)
	if err != nil {
		return Confirmation{}, err
	}
	since := entry.SentAt
	if !entry.ServerTime {
		since = since.Add(-clockMargin)
	}
	return u.Confirm(ctx, entry.StudyKey, items, since)
}

// askJob finds out how an accepted submission went on.
func (u *RecordUpdate) askJob(ctx context.Context, entry Entry, opts Options) Recovered {
	out := Recovered{Entry: entry, Outcome: OutcomeAccepted}
	status, err := u.jobStatus(ctx, entry, opts)
	if err == nil || status.Terminal() {
		out.Status = &status
	}
	if !status.Terminal() {
		out.Err = err
		return out
	}
	if err := u.settle(ctx, entry, status); err != nil {
		out.Err = err
		return out
	}
	out.Outcome, out.Err = OutcomeConfirmed, err
	out.Entry.State, out.Entry.JobState, out.Entry.Closed = Confirmed, status.State.Or(""), true
	return out
}

func (u *RecordUpdate) jobStatus(ctx context.Context, entry Entry, opts Options) (imednet.JobStatus, error) {
	if opts.Wait {
		return u.jobs.Run(ctx, entry.StudyKey, entry.BatchID, opts.Poll)
	}
	job, err := u.client.Job(ctx, entry.StudyKey, entry.BatchID)
	return imednet.JobStatus{Job: job, Polls: 1}, err
}

// Resend sends a submission that Resume found absent, byte for byte as it was prepared. Any other
// outcome is refused. Two processes cannot both send it: the journal lets one of them through.
func (u *RecordUpdate) Resend(ctx context.Context, r Recovered, opts Options) (SubmittedBatch, error) {
	opts, err := opts.withDefaults()
	if err == nil && r.Outcome != OutcomeAbsent {
		err = fmt.Errorf("journal entry %s is %s; only an absent one may be sent again", r.Entry.ID, r.Outcome)
	}
	var items []imednet.Submission
	if err == nil {
		items, err = decodePayload(r.Entry.Payload)
	}
	if err != nil {
		return SubmittedBatch{}, &imednet.Error{Package: "submissions", Op: "resend", StudyKey: r.Entry.StudyKey, Err: err}
	}
	sent, _, err := u.submitBatch(ctx, r.Entry, plannedBatch{items: items, payload: r.Entry.Payload}, opts)
	return sent, err
}

// Discard closes a journal entry that somebody has dealt with, so that Resume no longer offers it.
// Nothing is erased.
func (u *RecordUpdate) Discard(ctx context.Context, entry Entry) error {
	from := entry.State
	entry.Closed = true
	if err := u.journal.Advance(ctx, entry, from); err != nil {
		return &imednet.Error{Package: "submissions", Op: "discard journal entry " + entry.ID, StudyKey: entry.StudyKey, Err: err}
	}
	return nil
}

// ConfirmEntry reads the records of a journaled submission back. When all of them stand on the
// server with the values that were sent the journal notes it, and an entry without a job to ask is
// confirmed and closed.
func (u *RecordUpdate) ConfirmEntry(ctx context.Context, journalID string) (Confirmation, error) {
	entry, err := u.journal.Entry(ctx, journalID)
	if err != nil {
		return Confirmation{}, &imednet.Error{Package: "submissions", Op: "confirm journal entry " + journalID, Err: err}
	}
	found, err := u.confirmEntry(ctx, entry)
	if err != nil {
		return Confirmation{}, &imednet.Error{Package: "submissions", Op: "confirm journal entry " + journalID, StudyKey: entry.StudyKey, Err: err}
	}
	return found, nil
}

func (u *RecordUpdate) confirmEntry(ctx context.Context, entry Entry) (Confirmation, error) {
	if entry.State == Sending || entry.State == Accepted && entry.BatchID == "" {
		r := u.lookFor(ctx, entry, OutcomeUnknown)
		if r.Found != nil && (r.Err == nil || !r.Found.Complete()) {
			return *r.Found, nil
		}
		return Confirmation{}, r.Err
	}
	found, err := u.readBack(ctx, entry)
	if err == nil && found.Complete() && !entry.ReadBack {
		entry.ReadBack = true
		err = u.journal.Advance(ctx, entry, entry.State)
	}
	return found, err
}

// decodePayload reads a journaled body so that encoding it again gives the same bytes: numbers
// keep their text.
func decodePayload(payload jsontext.Value) ([]imednet.Submission, error) {
	var items []imednet.Submission
	exact := json.WithUnmarshalers(json.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *any) error {
		raw, err := dec.ReadValue()
		if err != nil {
			return err
		}
		*v = raw.Clone()
		return nil
	}))
	if err := json.Unmarshal(payload, &items, exact); err != nil {
		return nil, errors.New("the journal's payload is damaged")
	}
	return items, nil
}
