package submissions_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows/jobs"
	"github.com/imednetgo/imednet/workflows/submissions"
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

func exampleUpdate(client *imednettest.Client, poller *jobs.JobPoller) *submissions.RecordUpdate {
	update, err := submissions.NewRecordUpdate(client, submissions.WithJobWaiter(poller))
	if err != nil {
		log.Fatal(err)
	}
	return update
}

func ExampleRegisterSubjects() {
	_, client, poller := exampleStudy()
	register, err := submissions.NewRegisterSubjects(client, submissions.WithJobWaiter(poller))
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
	}, submissions.Options{})
	fmt.Println(err)

	out, err := register.RegisterSubjects(context.Background(), "DEMO", []imednet.Submission{{FormKey: "DM", SiteName: site}}, submissions.Options{Wait: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("registered:", len(out.Subjects), "inferred:", out.Subjects[0].Inferred)
	// Output:
	// submissions: register subjects: item 2: site not found
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
	receipt, err := update.UpdateScheduledRecord(context.Background(), "DEMO", submissions.FormByKey("VS"), submissions.SubjectByID(record.SubjectID.Or(0)),
		submissions.IntervalByID(record.IntervalID.Or(0)), nil, submissions.Options{Wait: true})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(receipt, "- the same record:", receipt.Items[0].RecordID == record.RecordID)
	// Output:
	// 1 record: 1 standing - the same record: true
}

func ExampleRecordUpdate_DryRun() {
	study, client, poller := exampleStudy()
	update := exampleUpdate(client, poller)
	records := []imednet.Submission{{Kind: imednet.NewRecord, FormKey: "AE", SubjectKey: "01-001", Data: map[string]any{"AETERM": "Headache"}}}
	dry, err := update.DryRun(context.Background(), "DEMO", records, submissions.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v %s\n", dry[0].Kinds, dry[0].Payload)

	records[0].Data["AETRM"] = 5
	_, err = update.DryRun(context.Background(), "DEMO", records, submissions.Options{})
	var invalid *submissions.InvalidRecordsError
	fmt.Println(errors.As(err, &invalid), invalid.Problems)
	fmt.Println("sent:", len(study.Submissions()))
	// Output:
	// [new record] [{"formKey":"AE","data":{"AETERM":"Headache"},"subjectKey":"01-001"}]
	// true [item 1, form AE, variable 2 of 2 in ascending order: unknown variable; did you mean AETERM?]
	// sent: 0
}
