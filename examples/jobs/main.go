// Command jobs waits for submissions. The server stores what it receives in jobs, in its own time;
// the poller polls until a job has ended, reports every poll, and never mistakes "not yet" for "no".
//
// It shows one job watched, a wait that is cancelled and one that times out, both resumed, and
// several jobs at once, one of which fails. Everything runs offline on a synthetic study, on a clock
// that jumps instead of waiting.
//
//	go run ./examples/jobs
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/jobs"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "jobs:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	client := imednettest.NewServer(study).Client() // a *rest.Client in your own program
	// Without these two options the poller waits on the computer's clock, with some jitter.
	poller, err := jobs.NewJobPoller(client,
		jobs.WithClock(imednettest.NewClock(study.Now())),
		jobs.WithRandom(func() float64 { return 0 }))
	if err != nil {
		return err
	}
	d := desk{out: out, study: study, client: client, poller: poller}
	for _, step := range []func(context.Context) error{d.watch, d.cancel, d.timeout, d.many} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// desk is where submissions are followed.
type desk struct {
	out    io.Writer
	study  *imednettest.Study
	client *imednettest.Client
	poller *jobs.JobPoller
}

// submit sends two adverse events of a subject and returns the batch id, by which the job is polled.
// The plan scripts what the embedded server does with them. It sends them unchecked; see
// examples/registration for submissions that are checked and journaled.
func (d desk) submit(ctx context.Context, plan imednettest.JobPlan) (batchID string, err error) {
	d.study.PlanJobs(plan)
	job, err := d.client.SubmitRecords(ctx, d.study.Key(), []imednet.Submission{
		{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "Headache"}},
		{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "Nausea"}},
	}, imednet.SubmitOptions{})
	return job.BatchID.Or(""), err
}
