package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
	"github.com/imednetgo/imednet/workflows/jobs"
)

func newJobs(a *app) *cobra.Command {
	cmd := parent("jobs", "Follow the jobs of submissions", newJobsWait(a))
	cmd.GroupID = groupData
	return cmd
}

func newJobsWait(a *app) *cobra.Command {
	var o imednet.PollOptions
	cmd := &cobra.Command{
		Use:         "wait STUDY BATCH...",
		Short:       "Wait until submissions have been processed",
		Long:        "Wait until submissions have been processed. The exit code is 6 if one of them failed or,\nwith --results, if the server rejected a record, reported an unknown status for one, or\nreturned results that cannot be understood. A completed job does not prove that every record\nwas stored; `imednet submit settle` determines that.",
		Example:     "  imednet jobs wait CARDIO 5d3c… --timeout 10m",
		Args:        cobra.MinimumNArgs(2),
		Annotations: map[string]string{afterInterrupt: "the jobs continue on the server; run the same command again"},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.jobsWait(cmd.Context(), args[0], args[1:], o)
		},
	}
	cmd.Flags().DurationVar(&o.Interval, "interval", imednet.DefaultPollInterval, "pause before the second poll; later ones are longer")
	cmd.Flags().DurationVar(&o.Timeout, "timeout", imednet.DefaultPollTimeout, "how long to wait")
	cmd.Flags().BoolVar(&o.FetchResults, "results", false, "also read how many records were accepted and rejected")
	return cmd
}

// jobJSON is how a job ended, or stood when the wait ended.
type jobJSON struct {
	BatchID string                `json:"batchId"`
	State   string                `json:"state"`
	Polls   int                   `json:"polls"`
	Seconds float64               `json:"seconds"`
	Results *imednet.ResultCounts `json:"results,omitempty"`
	Refused []int                 `json:"refused,omitempty"` // places in the batch, from 1
}

func (a *app) jobsWait(ctx context.Context, study string, batches []string, o imednet.PollOptions) error {
	client, err := a.client()
	if err != nil {
		return err
	}
	poller, err := jobs.NewJobPoller(client)
	if err != nil {
		return err
	}
	jobs := []jobJSON{}
	var failed error
	for i, batch := range batches {
		name := a.batchName(i, batch)
		o.OnProgress = func(p imednet.JobProgress) {
			if !a.json && !p.Terminal && p.Err == nil {
				fmt.Fprintf(a.errOut, "%s: %s\n", name, stateWord(imednet.Some(p.State), a.words))
			}
		}
		status, err := poller.Run(ctx, study, batch, o)
		if failed = errors.Join(failed, asInvalid(err)); status.Polls == 0 {
			continue
		}
		job := jobJSON{BatchID: name, State: stateWord(status.State, a.words), Polls: status.Polls, Seconds: status.Elapsed.Seconds()}
		if o.FetchResults && status.Terminal() {
			failed = errors.Join(failed, job.addResults(status))
		}
		jobs = append(jobs, job)
	}
	if a.json {
		return errors.Join(failed, a.writeJSON(jobs))
	}
	return errors.Join(failed, a.printJobs(jobs))
}

// batchName is the id of a batch as it was named, or else its place on the command line, counted from 0:
// what has not the shape of an id may be the key of a subject in a wrong place.
func (a *app) batchName(place int, id string) string {
	if a.words || shown.IsBatchID(id) {
		return printable(id)
	}
	return fmt.Sprintf("number %d", place+1)
}

// asInvalid gives a job that failed the exit code of a check that found something.
func asInvalid(err error) error {
	var job *imednet.JobFailedError
	if errors.As(err, &job) {
		return &invalidError{err.Error()}
	}
	return err
}

func (a *app) printJobs(jobs []jobJSON) error {
	t := newTable(a.out, "BATCH", "STATE", "POLLS", "ACCEPTED", "REFUSED", "UNKNOWN", "WHICH")
	for _, j := range jobs {
		taken, refused, unknown := "", "", ""
		if j.Results != nil {
			taken, refused, unknown = number(j.Results.Succeeded), number(j.Results.Failed), number(j.Results.Unknown)
		}
		which := strings.Trim(fmt.Sprint(j.Refused), "[]")
		if err := t.add(j.BatchID, j.State, number(j.Polls), taken, refused, unknown, which); err != nil {
			return err
		}
	}
	return t.flush()
}
