package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// register sends subjects and prints what is known of them afterwards.
func (o office) register(ctx context.Context, subjects ...imednet.Submission) {
	registered, err := o.tryToRegister(ctx, subjects)
	var invalid *submissions.InvalidRecordsError
	var unknown *submissions.UnknownOutcomeError
	var partial *submissions.PartialError
	switch {
	case errors.As(err, &invalid):
		for _, p := range invalid.Problems {
			fmt.Fprintf(o.out, "  not sent: subject %d, form %s, variable %s: %s\n", p.Index+1, p.FormKey, p.Variable, p.Reason)
		}
	case errors.As(err, &unknown):
		fmt.Fprintf(o.out, "  nobody knows: %v; to be sent again: %t\n", unknown.Err, imednet.Retryable(err))
	case errors.As(err, &partial) && partial.Refused:
		fmt.Fprintf(o.out, "  refused: %v\n", partial.Err)
	case err != nil:
		fmt.Fprintf(o.out, "  failed: %v\n", err)
	default:
		fmt.Fprintf(o.out, "  registered: %d\n", len(registered.Subjects))
	}
}

func (o office) tryToRegister(ctx context.Context, subjects []imednet.Submission) (registered submissions.Registration, err error) {
	j, err := sqlitejournal.Open(ctx, o.journal)
	if err != nil {
		return registered, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	register, err := submissions.NewRegisterSubjects(o.client, submissions.WithJournal(j), submissions.WithJobWaiter(o.poller))
	if err != nil {
		return registered, err
	}
	return register.RegisterSubjects(ctx, o.study, subjects, submissions.Options{Wait: true})
}

// recover settles every submission that the journal holds as open. It is what a program does at
// each start, before it sends anything new.
func (o office) recover(ctx context.Context) (err error) {
	j, err := sqlitejournal.Open(ctx, o.journal)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	update, err := submissions.NewRecordUpdate(o.client, submissions.WithJournal(j), submissions.WithJobWaiter(o.poller))
	if err != nil {
		return err
	}
	open, err := update.Resume(ctx, o.study, submissions.Options{Wait: true})
	if err != nil {
		return err
	}
	fmt.Fprintf(o.out, "  open submissions: %d\n", len(open))
	for _, r := range open {
		if err := o.settle(ctx, update, r); err != nil {
			return err
		}
	}
	return nil
}

// settle does what the outcome of one submission asks for.
func (o office) settle(ctx context.Context, update *submissions.RecordUpdate, r submissions.Recovered) error {
	fmt.Fprintf(o.out, "  %d subject(s), %s: ", r.Entry.Items, r.Outcome)
	switch {
	case r.Outcome == submissions.OutcomeAbsent:
		sent, err := update.Resend(ctx, r, submissions.Options{Wait: true})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(o.out, "sent again, byte for byte; the job %s\n", sent.Status.State.Or(""))
		return err
	case r.Outcome == submissions.OutcomeConfirmed && r.Found != nil: // there was no job to ask
		_, err := fmt.Fprintf(o.out, "read back as records %v\n", r.Found.RecordIDs)
		return err
	case r.Outcome == submissions.OutcomeConfirmed:
		_, err := fmt.Fprintf(o.out, "the job %s\n", r.Entry.JobState)
		return err
	}
	_, err := fmt.Fprintf(o.out, "not settled; look again later: %v\n", r.Err)
	return err
}
