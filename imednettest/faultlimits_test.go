package imednettest_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
)

// submitted posts one record and returns where its job is polled.
func submitted(t *testing.T, study *imednettest.Study, base string) (poll string) {
	t.Helper()
	status, answer := post(t, base, `[{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"x"}}]`)
	require.Equal(t, http.StatusAccepted, status)
	return base + "/" + study.Key() + "/jobs/" + answer["batchId"].(string)
}

// polled is the state that a poll shows, or the status of an answer that shows none.
func polled(t *testing.T, url string) string {
	t.Helper()
	s := plainly(t, "GET", url, "")
	require.NoError(t, s.err)
	var job struct{ State string }
	if err := json.Unmarshal([]byte(s.body), &job); err != nil || job.State == "" {
		return http.StatusText(s.status)
	}
	return job.State
}

// A gateway that refuses large answers has let the request through: a poll whose answer it refuses counts
// like any other, once, and the job goes on.
func TestALimitOfBytesMeetsPolls(t *testing.T) {
	for name, c := range map[string]struct {
		fault  imednettest.Fault
		states []string
		stored int // after the last of these polls
	}{
		"below the limit":               {imednettest.Fault{OverBytes: 100_000, Status: 413}, []string{"created", "running", "completed", "completed"}, 1},
		"above the limit":               {imednettest.Fault{OverBytes: 10, Status: 413}, []string{"Request Entity Too Large", "Request Entity Too Large", "Request Entity Too Large", "Request Entity Too Large"}, 1},
		"once the job has results":      {imednettest.Fault{OverBytes: 300, Status: 413}, []string{"created", "running", "Request Entity Too Large", "Request Entity Too Large"}, 1},
		"listings in another order":     {imednettest.Fault{OverBytes: 10, IgnoreSort: true}, []string{"created", "running", "completed", "completed"}, 1},
		"rows, of which a job has none": {imednettest.Fault{OverRows: 1, Status: 413}, []string{"created", "running", "completed", "completed"}, 1},
		"from the second poll on":       {imednettest.Fault{OverBytes: 10, Skip: 1, Status: 413}, []string{"created", "Request Entity Too Large", "Request Entity Too Large", "Request Entity Too Large"}, 1},
	} {
		server, study, base := serve(t, 60)
		study.PlanJobs(imednettest.JobPlan{ShowResults: true, States: []string{"created", "running", "completed"}})
		url := submitted(t, study, base)
		c.fault.Method, c.fault.Times = "GET", -1
		server.Inject(c.fault)
		var states []string
		for range c.states {
			states = append(states, polled(t, url))
		}
		require.Equal(t, c.states, states, name)
		require.Equal(t, c.stored, study.StoredItems(), name)
		server.ClearFaults()
		require.Equal(t, "completed", polled(t, url), name)
	}
}

// A request that a limit looked at and then let through is one request to what counts them.
func TestALimitDoesNotCountARequestTwice(t *testing.T) {
	for _, f := range []imednettest.Fault{{OverRows: 5, Times: -1, ShiftRows: 1}, {OverRows: 5, Times: -1, CutRows: 1}, {OverBytes: 5, Times: -1, IgnoreFilter: true}, {OverRows: 500, Times: -1, Status: 413}} {
		server, study, base := serve(t, 60)
		study.PlanJobs(imednettest.JobPlan{EndAfter: 3})
		submitted(t, study, base)
		server.Inject(f)
		var stored []int
		for range 4 {
			get(t, base+"/DEMO/records?size=20")
			stored = append(stored, study.StoredItems())
		}
		require.Equal(t, []int{0, 0, 0, 1}, stored, "%+v", f)
	}
}

// What a test changes before a request is in its answer, also where a limit has to look at the answer first.
func TestALimitLooksAfterTheTest(t *testing.T) {
	server, study, base := serve(t, 60)
	server.Inject(imednettest.Fault{OverRows: 61, Times: -1, Status: 413})
	server.OnRequest(func(imednettest.Request) { study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")}) })
	status, e := get(t, base+"/DEMO/records?size=500")
	require.Equal(t, http.StatusOK, status)
	require.Len(t, e.Data, 61)
	status, _ = get(t, base+"/DEMO/records?size=500")
	require.Equal(t, http.StatusRequestEntityTooLarge, status)
}

// A fault whose path is jobs hits every poll, and neither submissions nor readings of results.
func TestAFaultOfEveryPoll(t *testing.T) {
	for path, hit := range map[string]bool{"jobs": true, "/jobs": true, "/DEMO/jobs": true, "/OTHER/jobs": false} {
		server, study, base := serve(t, 60)
		study.SetJobPlan(imednettest.JobPlan{ShowResults: true})
		server.Inject(imednettest.Fault{Path: path, Times: -1, Status: 503})
		first, second := submitted(t, study, base), submitted(t, study, base)
		study.FinishJobs()
		want := map[bool]string{true: "Service Unavailable", false: "completed"}[hit]
		require.Equal(t, []string{want, want}, []string{polled(t, first), polled(t, second)}, path)
		require.Equal(t, http.StatusOK, plainly(t, "GET", first+"/results", "").status, path)
	}
}
