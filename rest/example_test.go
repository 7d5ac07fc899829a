package rest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
)

// oneForm is a server with a form of two records.
func oneForm(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, `{
		"metadata":   {"status":"OK","timestamp":"2026-03-02 14:05:31","error":{}},
		"pagination": {"currentPage":0,"size":500,"totalPages":1,"totalElements":2},
		"data": [
			{"recordId":11,"formKey":"AE","deleted":false,"recordData":{"AETERM":"Headache"}},
			{"recordId":12,"formKey":"AE","deleted":true,"recordData":{}}
		]}`)
}

func Example() {
	server := httptest.NewServer(http.HandlerFunc(oneForm))
	defer server.Close()

	client, err := rest.New("api key", "security key", rest.WithBaseURL(server.URL))
	if err != nil {
		log.Fatal(err)
	}
	opts := imednet.ListOptions{Filter: imednet.Where("formKey", imednet.Equal, "AE")}
	for rec, err := range client.Records(context.Background(), "DEMO", opts) {
		if err != nil {
			log.Fatal(err)
		}
		term, _ := rec.RecordData.Get("AETERM")
		fmt.Printf("%d deleted=%t %s\n", rec.RecordID, rec.IsDeleted(), term.Text())
	}
	// Output:
	// 11 deleted=false Headache
	// 12 deleted=true
}

// An error says what to do by its sentinel and its fields, and never repeats data.
func Example_errors() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"metadata":{"status":"FORBIDDEN","error":{"code":"9001","description":"Not authorized"}}}`)
	}))
	defer server.Close()

	client, err := rest.New("api key", "security key", rest.WithBaseURL(server.URL))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.ProbeRecords(context.Background(), "TYPO", imednet.Filter{})
	var refused *imednet.APIError
	if errors.As(err, &refused) {
		fmt.Println(err)
		fmt.Println("description:", refused.Description)
		fmt.Println("wrong study key, or no right to it:", errors.Is(err, imednet.ErrForbidden))
		fmt.Println("worth another try:", imednet.Retryable(err))
	}
	// Output:
	// imednet: GET /api/v1/edc/studies/TYPO/records: status 403 (forbidden, or no such study), code 9001
	// description: Not authorized
	// wrong study key, or no right to it: true
	// worth another try: false
}

// A submission returns when the server has accepted it; the job tells when it is stored.
func ExampleClient_SubmitRecords() {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 50})
	server := httptest.NewServer(imednettest.NewServer(study))
	defer server.Close()
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL(server.URL))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()

	job, err := client.SubmitRecords(ctx, study.Key(), []imednet.Submission{
		{FormKey: "DM", SiteName: "Site 01", Data: map[string]any{"AGE": 61, "SEX": "F"}},
	}, imednet.SubmitOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for !job.Terminal() {
		if job, err = client.Job(ctx, study.Key(), job.BatchID.Or("")); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(job.State.Or(""), job.Succeeded())
	// Output: completed true
}

// All settings of a client.
func ExampleNew() {
	client, err := rest.New("api key", "security key",
		rest.WithBaseURL("https://edc.prod.imednetapi.com/api"),
		rest.WithTimeout(20*time.Second),
		rest.WithPageSize(250),
		rest.WithLookAhead(2),
		rest.WithRateLimit(5, 5),
		rest.WithRetry(rest.RetryPolicy{MaxAttempts: 6, MaxWait: time.Minute}),
		rest.WithMaxBodyBytes(16<<20),
	)
	fmt.Println(client, err)
	// Output: rest.Client(https://edc.prod.imednetapi.com) <nil>
}
