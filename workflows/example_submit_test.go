package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows"
)

// exampleStudy is a small study on an embedded server, and a poller that does not really sleep.
func exampleStudy() (*imednettest.Study, *imednettest.Client, *workflows.JobPoller) {
	study := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "DEMO", Records: 300})
	client := imednettest.NewServer(study).Client()
	poller, err := workflows.NewJobPoller(client, workflows.WithPollClock(imednettest.NewClock(time.Unix(0, 0))))
	if err != nil {
		log.Fatal(err)
	}
	return study, client, poller
}

func exampleUpdate(client *imednettest.Client, poller *workflows.JobPoller) *workflows.RecordUpdate {
	update, err := workflows.NewRecordUpdate(client, workflows.WithJobPoller(poller))
	if err != nil {
		log.Fatal(err)
	}
	return update
}

func ExampleRegisterSubjects() {
	_, client, poller := exampleStudy()
	register, err := workflows.NewRegisterSubjects(client, workflows.WithJobPoller(poller))
	if err != nil {
		log.Fatal(err)
	}
	site := ""
	for s, err := range client.Sites(context.Background(), "DEMO", imednet.ListOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		site = s.SiteName.Or("")
		break
	}
	_, err = register.RegisterSubjects(context.Background(), "DEMO", []imednet.Submission{
		{FormKey: "DM", SiteName: site}, {FormKey: "DM", SiteName: "Atlantis"},
	}, workflows.UpdateOptions{})
	fmt.Println(err)

	out, err := register.RegisterSubjects(context.Background(), "DEMO", []imednet.Submission{{FormKey: "DM", SiteName: site}}, workflows.UpdateOptions{Wait: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("registered:", len(out.Subjects), "inferred:", out.Subjects[0].Inferred)
	// Output:
	// workflows: register subjects: Index 1: site 'Atlantis' not found
	// registered: 1 inferred: false
}

func ExampleRecordUpdate_UpdateScheduledRecord() {
	_, client, poller := exampleStudy()
	update := exampleUpdate(client, poller)
	var record imednet.Record
	for r, err := range client.Records(context.Background(), "DEMO", imednet.ListOptions{Filter: imednet.Where("formKey", imednet.Equal, "VS")}) {
		if err != nil {
			log.Fatal(err)
		}
		if r.IntervalID.Or(0) != 0 {
			record = r
			break
		}
	}
	batch, err := update.UpdateScheduledRecord(context.Background(), "DEMO", workflows.FormByKey("VS"), workflows.SubjectByID(record.SubjectID.Or(0)),
		workflows.IntervalByID(record.IntervalID.Or(0)), nil, workflows.UpdateOptions{Wait: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(batch.Status.State.Or(""), "after", batch.Status.Polls, "polls")
	// Output:
	// completed after 2 polls
}

func ExampleRecordUpdate_DryRun() {
	study, client, poller := exampleStudy()
	update := exampleUpdate(client, poller)
	records := []imednet.Submission{{FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "Headache"}}}
	dry, err := update.DryRun(context.Background(), "DEMO", records, workflows.UpdateOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", dry[0].Payload)

	records[0].Data["AETRM"] = 5
	_, err = update.DryRun(context.Background(), "DEMO", records, workflows.UpdateOptions{})
	var invalid *workflows.InvalidRecordsError
	fmt.Println(errors.As(err, &invalid), invalid.Problems)
	fmt.Println("sent:", len(study.Submissions()))
	// Output:
	// [{"formKey":"AE","data":{"AETERM":"Headache"},"subjectKey":"01-001"}]
	// true [{0 AE AETRM unknown variable}]
	// sent: 0
}

func ExampleJobPoller_PollMany() {
	_, client, poller := exampleStudy()
	update := exampleUpdate(client, poller)
	var batches []string
	for i := range 3 {
		sent, err := update.CreateOrUpdateRecords(context.Background(), "DEMO", []imednet.Submission{
			{FormKey: "AE", SubjectKey: firstKey(client), Data: map[string]any{"AETERM": fmt.Sprintf("Event %d", i)}},
		}, workflows.UpdateOptions{})
		if err != nil {
			log.Fatal(err)
		}
		batches = append(batches, sent[0].Job.BatchID.Or(""))
	}
	summary, err := poller.PollMany(context.Background(), "DEMO", batches, workflows.PollManyOptions{})
	fmt.Println(len(summary.Results), "jobs ended well:", summary.AllSuccessful(), err)
	// Output:
	// 3 jobs ended well: true <nil>
}

func firstKey(client *imednettest.Client) string {
	for s, err := range client.Subjects(context.Background(), "DEMO", imednet.ListOptions{}) {
		if err == nil && !s.IsDeleted() {
			return s.SubjectKey.Or("")
		}
	}
	return ""
}

func ExampleJobPoller_Resume() {
	study, client, poller := exampleStudy()
	study.PlanJobs(imednettest.JobPlan{States: []string{"created", "running", "running", "running", "completed"}})
	update := exampleUpdate(client, poller)
	sent, err := update.CreateOrUpdateRecords(context.Background(), "DEMO", []imednet.Submission{{FormKey: "AE", SubjectKey: firstKey(client)}}, workflows.UpdateOptions{})
	if err != nil {
		log.Fatal(err)
	}
	_, err = poller.Run(context.Background(), "DEMO", sent[0].Job.BatchID.Or(""), workflows.PollOptions{Timeout: 6 * time.Second})
	fmt.Println("still running:", errors.Is(err, context.DeadlineExceeded))
	status, err := poller.Resume(context.Background(), err, workflows.PollOptions{})
	fmt.Println(status.State.Or(""), err)
	// Output:
	// still running: true
	// completed <nil>
}
