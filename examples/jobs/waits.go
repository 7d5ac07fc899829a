package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/jobs"
)

// watch prints every poll of one job, and what its results say about the records.
func (d desk) watch(ctx context.Context) error {
	batch, err := d.submit(ctx, imednettest.JobPlan{States: []string{"created", "running", "completed"}, NotFoundPolls: 1, ShowResults: true})
	if err != nil {
		return err
	}
	fmt.Fprintln(d.out, "One job, watched:")
	status, err := d.poller.Run(ctx, d.study.Key(), batch, imednet.PollOptions{FetchResults: true, OnProgress: func(p imednet.JobProgress) {
		if p.Err != nil {
			fmt.Fprintf(d.out, "  %6s  not known yet\n", p.Elapsed)
			return
		}
		fmt.Fprintf(d.out, "  %6s  %s\n", p.Elapsed, p.State)
	}})
	if err != nil {
		return err
	}
	c := status.Counts()
	_, err = fmt.Fprintf(d.out, "  %d records: %d stored, %d refused\n", c.Total, c.Succeeded, c.Failed)
	return err
}

// cancel ends a wait from outside, as Ctrl-C does through signal.NotifyContext. The job continues.
func (d desk) cancel(ctx context.Context) error {
	batch, err := d.submit(ctx, imednettest.JobPlan{States: []string{"running", "running", "completed"}})
	if err != nil {
		return err
	}
	waiting, stop := context.WithCancelCause(ctx)
	_, err = d.poller.Run(waiting, d.study.Key(), batch, imednet.PollOptions{OnProgress: func(imednet.JobProgress) {
		stop(errors.New("the user pressed Ctrl-C"))
	}})
	fmt.Fprintf(d.out, "\nA wait that is cancelled:\n  %v\n", err)
	return d.resume(ctx, err)
}

// timeout ends a wait by the clock. The error is also one of the standard library's timeouts.
func (d desk) timeout(ctx context.Context) error {
	batch, err := d.submit(ctx, imednettest.JobPlan{States: []string{"running", "running", "running", "completed"}})
	if err != nil {
		return err
	}
	_, err = d.poller.Run(ctx, d.study.Key(), batch, imednet.PollOptions{Timeout: 8 * time.Second})
	fmt.Fprintf(d.out, "\nA wait that runs out (deadline exceeded: %t):\n  %v\n", errors.Is(err, context.DeadlineExceeded), err)
	return d.resume(ctx, err)
}

// resume continues a wait. Another process does the same with Run and the batch id, which
// JobTimeoutError.BatchID has.
func (d desk) resume(ctx context.Context, ended error) error {
	status, err := d.poller.Resume(ctx, ended, imednet.PollOptions{})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.out, "  resumed: %s\n", status.State.Or(""))
	return err
}

// many follows four jobs concurrently. One fails in part, which makes the call an error; it still
// waits for the others.
func (d desk) many(ctx context.Context) error {
	var batches []string
	for _, plan := range []imednettest.JobPlan{
		{States: []string{"completed"}},
		{States: []string{"queued", "running", "SUCCESS"}},
		{States: []string{"running", "failed"}, Reject: map[int]string{1: "duplicate"}, ShowResults: true},
		{States: []string{"running", "completed"}},
	} {
		batch, err := d.submit(ctx, plan)
		if err != nil {
			return err
		}
		batches = append(batches, batch)
	}
	summary, err := d.poller.PollMany(ctx, d.study.Key(), batches, jobs.PollManyOptions{Poll: imednet.PollOptions{FetchResults: true}})
	fmt.Fprintf(d.out, "\nFour jobs at once: %v\n", err)
	for _, s := range summary.Results {
		fmt.Fprintf(d.out, "  %s  %s after %d polls\n", s.BatchID.Or(""), s.State.Or(""), s.Polls)
	}
	for _, f := range summary.Failures {
		var failed *imednet.JobFailedError
		if !errors.As(f.Err, &failed) {
			return f.Err // polling failed, not the job
		}
		c := f.Status.Counts()
		fmt.Fprintf(d.out, "  %s  %s: %d of %d records stored\n", f.BatchID, f.Status.State.Or(""), c.Succeeded, c.Total)
	}
	return nil
}
