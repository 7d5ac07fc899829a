package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/jobs"
)

// exampleStudy is a small study on an embedded server, and a poller that does not really sleep.
func exampleStudy() (*imednettest.Study, *imednettest.Client, *jobs.JobPoller) {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DEMO", Records: 300})
	client := imednettest.NewServer(study).Client()
	poller, err := jobs.NewJobPoller(client, jobs.WithClock(imednettest.NewClock(time.Unix(0, 0))))
	if err != nil {
		log.Fatal(err)
	}
	return study, client, poller
}

// submit posts an event of the first subject and returns the batch to poll.
func submit(client *imednettest.Client, term string) string {
	event := imednet.Submission{FormKey: "AE", Data: map[string]any{"AETERM": term}}
	for s, err := range client.Subjects(context.Background(), "DEMO", imednet.ListOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		event.SubjectKey = s.SubjectKey.Or("")
		break
	}
	job, err := client.SubmitRecords(context.Background(), "DEMO", []imednet.Submission{event}, imednet.SubmitOptions{})
	if err != nil {
		log.Fatal(err)
	}
	return job.BatchID.Or("")
}

func ExampleJobPoller_PollMany() {
	_, client, poller := exampleStudy()
	batches := []string{submit(client, "Headache"), submit(client, "Nausea"), submit(client, "Rash")}
	summary, err := poller.PollMany(context.Background(), "DEMO", batches, jobs.PollManyOptions{})
	fmt.Println(len(summary.Results), "jobs ended well:", summary.AllSuccessful(), err)
	// Output:
	// 3 jobs ended well: true <nil>
}

func ExampleJobPoller_Resume() {
	study, client, poller := exampleStudy()
	study.PlanJobs(imednettest.JobPlan{States: []string{"created", "running", "running", "running", "completed"}})
	batch := submit(client, "Headache")
	_, err := poller.Run(context.Background(), "DEMO", batch, imednet.PollOptions{Timeout: 6 * time.Second})
	fmt.Println("still running:", errors.Is(err, context.DeadlineExceeded))
	status, err := poller.Resume(context.Background(), err, imednet.PollOptions{})
	fmt.Println(status.State.Or(""), err)
	// Output:
	// still running: true
	// completed <nil>
}
