package imednettest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// A study is generated and read without a network.
func ExampleGenerate() {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1000})
	client := imednettest.NewServer(study).Client()
	serious := imednet.ListOptions{
		Filter:           imednet.Where("formKey", imednet.Equal, "AE"),
		RecordDataFilter: imednet.Where("AESER", imednet.Equal, "Yes"),
	}
	n := 0
	for rec, err := range client.Records(context.Background(), "DEMO", serious) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if !rec.IsDeleted() { // no endpoint documents deleted in a filter
			n++
		}
	}
	fmt.Println(study.Count(imednet.Records), "records,", n, "serious adverse events")
	// Output: 1000 records, 97 serious adverse events
}

// Each edit moves what a real data entry would move.
func ExampleStudy_EditRecord() {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	id := study.RecordIDs()[1]
	show := func() {
		rec, _ := study.Record(id)
		value, _ := rec.RecordData.Get("SYSBP")
		fmt.Println(rec.DateModified.Or(imednet.Time{}), value.Text(), rec.IsDeleted(), study.Count(imednet.RecordRevisions), "revisions")
	}
	show()
	_ = study.EditRecord(id, "SYSBP", "120")
	show()
	_ = study.DeleteRecord(id, false) // the date stays: only the revision tells
	show()
	// Output:
	// 2024-02-10 21:49:05 113 false 137 revisions
	// 2025-08-23 01:00:01 120 false 138 revisions
	// 2025-08-23 01:00:01 120 true 139 revisions
}

// A server refuses a request twice and then answers.
func ExampleServer_Inject() {
	server := imednettest.NewServer(imednettest.Generate(imednettest.GenerateOptions{Records: 100}))
	server.Inject(imednettest.Fault{Path: "/records", Status: 429, RetryAfter: "5", Times: 2})
	client := server.Client()
	for range 3 {
		probe, err := client.ProbeRecords(context.Background(), "DEMO", imednet.Filter{})
		var refused *imednet.APIError
		if errors.As(err, &refused) {
			fmt.Println("status", refused.StatusCode, "wait", refused.RetryAfter)
			continue
		}
		fmt.Println(probe.Total, "records")
	}
	fmt.Println(len(server.Requests()), "requests")
	// Output:
	// status 429 wait 5s
	// status 429 wait 5s
	// 100 records
	// 3 requests
}

// A job is not known at first, then runs, then completes in part.
func ExampleStudy_PlanJobs() {
	ctx := context.Background()
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	study.PlanJobs(imednettest.JobPlan{NotFoundPolls: 1, Reject: map[int]string{1: "query is open"}})
	client := imednettest.NewServer(study).Client()
	item := imednet.Submission{FormKey: "LOG", SubjectKey: "01-001", Data: map[string]any{"LOGTXT": "called"}}
	job, err := client.SubmitRecords(ctx, "DEMO", []imednet.Submission{item, item}, imednet.SubmitOptions{})
	fmt.Println(job.State.Or(""), err)
	for range 3 {
		polled, err := client.Job(ctx, "DEMO", job.BatchID.Or(""))
		fmt.Println(polled.State.Or("?"), errors.Is(err, imednet.ErrNotFound))
	}
	fmt.Println(study.StoredItems(), "of", len(study.Submissions()[0].Items), "items stored")
	// Output:
	// created <nil>
	// ? true
	// running false
	// completed false
	// 1 of 2 items stored
}

// A test can change the study while a client is paging.
func ExampleServer_OnRequest() {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	server := imednettest.NewServer(study)
	ids := study.RecordIDs()
	server.OnRequest(func(r imednettest.Request) {
		if len(server.Requests()) == 2 { // before the second page
			_ = study.RemoveRecord(ids[0])
		}
	})
	n := 0
	for _, err := range server.Client().Records(context.Background(), "DEMO", imednet.ListOptions{PageSize: 50}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		n++
	}
	fmt.Println(n, "listed,", study.Count(imednet.Records), "left")
	// Output: 100 listed, 99 left
}
