package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/workflows/submissions"
	"github.com/imednetgo/imednet/workflows/submissions/sqlitejournal"
)

// process is one run of a program: it opens the journal, works, and ends, or dies.
type process struct {
	*office
	journal *sqlitejournal.Journal
	update  *submissions.RecordUpdate
}

// start starts a process with a client.
func (o *office) start(ctx context.Context, name string, client imednet.Client) (*process, error) {
	j, err := sqlitejournal.Open(ctx, o.file, sqlitejournal.WithClock(o.clock))
	if err != nil {
		return nil, err
	}
	u, err := submissions.NewRecordUpdate(client, submissions.WithJournal(j, "anna"), submissions.WithHolder(name), submissions.WithClock(o.clock), submissions.WithIDs(o.nextID))
	return &process{o, j, u}, err
}

// register sends subjects and prints what is known about them afterwards. It returns the id of the
// submission.
func (p *process) register(ctx context.Context, subjects []imednet.Submission) string {
	receipt, err := p.update.CreateOrUpdateRecords(ctx, p.study, subjects, submissions.Options{Wait: true, Source: "subjects.json"})
	p.tell(receipt, err)
	return receipt.SubmissionID
}

// tell prints the outcome of a submission. A program branches on the types of the errors.
func (p *process) tell(receipt submissions.Receipt, err error) {
	var invalid *submissions.InvalidRecordsError
	var conflict *submissions.ConflictError
	var left *submissions.IncompleteError
	switch {
	case errors.As(err, &invalid):
		for _, problem := range invalid.Problems {
			fmt.Fprintf(p.out, "  not sent: %v\n", problem)
		}
		return
	case errors.As(err, &conflict):
		fmt.Fprintf(p.out, "  not sent: %v\n", conflict)
		return
	case err != nil && !errors.As(err, &left):
		fmt.Fprintf(p.out, "  failed: %v\n", err)
		return
	}
	fmt.Fprintf(p.out, "  %v\n", receipt)
	if left == nil {
		return
	}
	for i := range left.Items {
		item := &left.Items[i]
		fmt.Fprintf(p.out, "  line %d is %s: %s: %s\n", item.Line, item.State, item.Reason, item.ShowableMessage())
	}
}

// settle determines the outcome of everything that is open, and sends what is certainly not stored.
// A program does this at each start, before it sends anything new.
func (p *process) settle(ctx context.Context) {
	resumed, err := p.update.Resume(ctx, p.study, submissions.ResumeOptions{Wait: true})
	if len(resumed) == 0 {
		fmt.Fprintln(p.out, "  nothing is open")
		return
	}
	for _, r := range resumed {
		fmt.Fprintf(p.out, "  %v\n", r.Receipt)
		if submissions.Count(r.Items)[submissions.Absent] == 0 {
			continue
		}
		receipt, err := p.update.Resend(ctx, p.study, r.SubmissionID, nil, submissions.Options{Wait: true})
		p.tell(receipt, err)
	}
	if errors.Is(err, submissions.ErrUnknownOutcome) {
		fmt.Fprintln(p.out, "  of some it is not known whether they stand: look again later")
	}
}

// end closes the journal.
func (p *process) end() error { return p.journal.Close() }
