package imednettest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// Rights to sites and rights to forms limit rows each by themselves.
func TestRightsToSitesAloneShowAllTheirForms(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 400})
	c := imednettest.NewServer(study).Client()
	forms, sites := map[string]bool{}, map[int64]bool{}
	read := func(rights imednettest.Rights) {
		study.SetRights(rights)
		clear(forms)
		clear(sites)
		for rec, err := range c.Records(t.Context(), study.Key(), imednet.ListOptions{}) {
			require.NoError(t, err)
			forms[rec.FormKey.Or("")], sites[rec.SiteID.Or(0)] = true, true
		}
	}
	read(imednettest.Rights{})
	all := len(forms)
	require.Greater(t, len(sites), 2)
	read(imednettest.Rights{Sites: []int64{702}})
	require.Len(t, forms, all-1, "all but the form of sites")
	require.True(t, sites[702])
	require.False(t, sites[701] || sites[703])
	read(imednettest.Rights{Forms: []string{"AE"}})
	require.Equal(t, map[string]bool{"AE": true}, forms)
	require.Greater(t, len(sites), 2)
}

// A server that hangs sends nothing until the caller gives up.
func TestAHangLastsAsLongAsTheRequest(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 50})
	synctest.Test(t, func(t *testing.T) {
		server := imednettest.NewServer(study)
		server.Inject(imednettest.Fault{Hang: true})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		_, err := server.Client().ProbeRecords(ctx, study.Key(), imednet.Filter{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Hour, time.Since(began))
	})
}

// Two studies cannot have one key.
func TestTwoStudiesOfOneKeyPanic(t *testing.T) {
	a, b := imednettest.Generate(imednettest.GenerateOptions{}), imednettest.Generate(imednettest.GenerateOptions{})
	require.Panics(t, func() { imednettest.NewServer(a, b) })
}

// A job that waits for its polls is not ended by requests of other kinds, whatever else counts them.
func TestOtherRequestsDoNotEndAJob(t *testing.T) {
	server, study, base := serve(t, 100)
	study.SetCommitLag(1000)
	for range 2 { // the second is held back, and counts requests
		study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE"), SubjectKey: imednet.Some("01-001")})
	}
	_, job := post(t, base, `[{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"Cough"}}]`)
	require.NotEmpty(t, job["batchId"])
	for range 20 {
		get(t, base+"/DEMO/records?size=1")
	}
	require.Zero(t, study.StoredItems())
	study.FinishJobs()
	require.Equal(t, 1, study.StoredItems())
	require.NotEmpty(t, server.Requests())
}

// Ids of a submission are positive numbers.
func TestIDsOfSubmissionsArePositive(t *testing.T) {
	_, study, base := serve(t, 100)
	for _, id := range []string{"0", "-1", `"100001"`, "1.5", "null"} {
		status, _ := post(t, base, `[{"formKey":"AE","recordId":`+id+`,"data":{"AETERM":"x"}}]`)
		require.Equal(t, http.StatusBadRequest, status, id)
	}
	require.Empty(t, study.Submissions())
}

// The in-memory client refuses result URLs that lead nowhere, and reads a listing of one page once.
func TestInMemoryClientAsksForWhatItNeeds(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 50})
	server := imednettest.NewServer(study)
	c := server.Client()
	for _, bad := range []string{"", "http://a b\x00"} {
		_, err := c.JobResults(t.Context(), bad)
		var invalid *imednet.ValidationError
		require.ErrorAs(t, err, &invalid)
	}
	require.Empty(t, server.Requests())
	_, err := drain(c.Users(t.Context(), study.Key(), imednet.ListOptions{}))
	require.NoError(t, err)
	require.Len(t, server.Requests(), 1)
}

// The results of a job are JSON with one member for each item, stored or not.
func TestResultsOfAJobAreJSON(t *testing.T) {
	_, study, base := serve(t, 100)
	study.SetJobPlan(imednettest.JobPlan{ShowResults: true})
	_, job := post(t, base, `[{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"Cough"}},{"formKey":"NOPE","subjectKey":"01-001","data":{}}]`)
	study.FinishJobs()
	_, _, text := send(t, request(t, "GET", base+"/DEMO/jobs/"+job["batchId"].(string)+"/results", ""))
	var results []struct {
		Status     string
		RecordID   int64
		SubjectKey string
		Message    string
	}
	require.NoError(t, json.Unmarshal([]byte(text), &results), text)
	require.Len(t, results, 2)
	require.Equal(t, []string{"SUCCESS", "FAILED"}, []string{results[0].Status, results[1].Status})
	require.Positive(t, results[0].RecordID)
	require.Equal(t, "01-001", results[0].SubjectKey)
	require.NotEmpty(t, results[1].Message)
}

// A fault's size and page number stand in the answer in place of the true ones.
func TestEchoesCanDiffer(t *testing.T) {
	server, _, base := serve(t, 100)
	page := 3
	server.Inject(imednettest.Fault{EchoSize: 7}, imednettest.Fault{EchoPage: &page})
	_, first := get(t, base+"/DEMO/records?size=5")
	require.Equal(t, []int{7, 0}, []int{first.Pagination.Size, first.Pagination.CurrentPage})
	_, second := get(t, base+"/DEMO/records?size=5")
	require.Equal(t, []int{5, 3}, []int{second.Pagination.Size, second.Pagination.CurrentPage})
}

// Dates are compared as instants, whatever the day and the hour: as their texts sort here.
func TestDatesAreComparedAsInstants(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 300})
	c := imednettest.NewServer(study).Client()
	var dates []imednet.Time
	for rec, err := range c.Records(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		dates = append(dates, rec.DateModified.Or(imednet.Time{}))
	}
	for _, at := range dates {
		later := 0
		for _, other := range dates {
			if other.String() > at.String() {
				later++
			}
		}
		n, err := drain(c.Records(t.Context(), study.Key(), imednet.ListOptions{Filter: imednet.Where("dateModified", imednet.Greater, at.Time)}))
		require.NoError(t, err)
		require.Equal(t, later, n, at)
	}
}
