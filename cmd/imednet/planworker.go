package main

import (
	"context"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
)

// planRetry is the longest time after which a refresh that failed is tried again.
const planRetry = 15 * time.Minute

// planWorker refreshes a plan whenever it is due, until it is interrupted.
type planWorker struct {
	clock imednet.Clock
	// refresh does one run and returns how often the plan wants one.
	refresh func(context.Context) (every time.Duration, err error)
	tell    func(err error, next time.Time) // about a run that failed
}

// run ends in good order when ctx ends, also in the middle of a refresh. Keys that the server refuses end
// it: trying again could lock the account.
func (w *planWorker) run(ctx context.Context) error {
	for {
		pause, err := w.refresh(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if isAny(err, errNoKeys, imednet.ErrUnauthorized) {
			return err
		}
		if err != nil {
			if failed(err) {
				pause = min(pause, planRetry)
			}
			w.tell(err, w.clock.Now().Add(pause))
		}
		if w.clock.Sleep(ctx, pause) != nil {
			return nil
		}
	}
}

// workPlan is `imednet worker --plan`. The plan is read anew before each run, so that changes apply; one
// that cannot be read any more is an error of that run.
func (a *app) workPlan(ctx context.Context, o workerOptions, clock imednet.Clock) error {
	path := o.plan
	p, err := readStudyPlan(path)
	if err != nil {
		return err
	}
	if p.every == 0 {
		return usagef("%s: every is missing, which says how often a worker refreshes", path)
	}
	every, status := p.every, newPlanStatus(p, clock)
	watch, err := a.watch(ctx, o.watch, storePaths{}, clock)
	if err != nil {
		return err
	}
	stop, err := a.serveStatus(ctx, withReports(withWatch(status, watch), a.planReports(status)), o.listen)
	if err != nil {
		return err
	}
	defer stop()
	worker := &planWorker{clock: clock, refresh: func(ctx context.Context) (time.Duration, error) {
		p, err := readStudyPlan(path)
		if err != nil {
			status.ended(nil, err)
			return every, err
		}
		if p.every > 0 {
			every = p.every
		}
		status.follow(p, every)
		report, err := a.refresh(ctx, p, clock)
		status.ended(report, err)
		if report != nil {
			err = orFirst(a.tellRefresh(report), err)
		}
		return every, err
	}, tell: func(err error, next time.Time) {
		told := classify(err, true)
		fmt.Fprintf(a.errOut, "%s: %s; next run at %s\n", told.title, safeText(told.Error), clockCell(next))
	}}
	if err := watched(ctx, watch, worker.run); err != nil || a.json {
		return err
	}
	return a.printf("Worker termination requested. Exiting cleanly.\n")
}

// tellRefresh writes a run of a worker: tables for people, or an object a line.
func (a *app) tellRefresh(report *planJSON) error {
	if a.json {
		return a.writeLine(report)
	}
	return a.printRefresh(report)
}
