package imednettest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/stretchr/testify/require"
)

// post sends a batch over HTTP and returns the status and the answer.
func post(t *testing.T, base, body string) (int, map[string]any) {
	t.Helper()
	status, _, text := send(t, request(t, "POST", base+"/DEMO/records", body))
	var answer map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &answer), text)
	return status, answer
}

func TestSubmittedRecordsBecomeRecords(t *testing.T) {
	server, study, base := serve(t, 400)
	server.Configure(imednettest.Settings{ClearAnswers: true})
	subject, _ := study.Record(study.RecordIDs()[0])
	existing := study.RecordIDs()[1]
	key := subject.SubjectKey.Or("")
	status, answer := post(t, base, `[
		{"formKey":"DM","siteName":"Site 01","data":{"AGE":61.50,"CONSENT":true,"SEX":null}},
		{"formId":3002,"subjectKey":"`+key+`","intervalName":"Registration","data":{"SYSBP":128}},
		{"formKey":"AE","subjectKey":"`+key+`","data":{"AETERM":"Cough \u00e9"}},
		{"formKey":"VS","recordId":`+itoa(existing)+`,"data":{"DIABP":77}}]`)
	require.Equal(t, 202, status)
	require.Equal(t, "created", answer["state"])
	require.Len(t, answer, 3)
	require.Zero(t, study.StoredItems(), "a program that does not wait finds nothing stored")
	study.FinishJobs()
	sub := study.Submissions()[0]
	require.Equal(t, sub.BatchID, answer["batchId"])
	require.Equal(t, 4, study.StoredItems(), "%+v", sub.Items)

	registered := record(t, study, sub.Items[0].RecordID)
	require.True(t, sub.Items[0].Created)
	require.Equal(t, "701-001", registered.SubjectKey.Or(""))
	require.EqualValues(t, 41, registered.IntervalID.Or(0))
	require.JSONEq(t, `{"AGE":"61.50","CONSENT":"true","SEX":""}`, string(registered.RecordData.Raw()))
	require.Len(t, trail(t, study, registered.RecordID), 1)

	require.Equal(t, existing, sub.Items[1].RecordID, "form, subject and interval name the scheduled record")
	require.Equal(t, existing, sub.Items[3].RecordID)
	updated := record(t, study, existing)
	systolic, _ := updated.RecordData.Get("SYSBP")
	diastolic, _ := updated.RecordData.Get("DIABP")
	require.Equal(t, "128 77", systolic.Text()+" "+diastolic.Text())
	event := record(t, study, sub.Items[2].RecordID)
	require.Equal(t, imednet.Null, event.IntervalID.Presence())
	require.Equal(t, subject.SubjectID, event.SubjectID)
}

func TestItemsThatCannotBeStored(t *testing.T) {
	server, study, base := serve(t, 400)
	study.SetJobPlan(imednettest.JobPlan{ShowResults: true})
	_, answer := post(t, base, `[
		{"formKey":"NOPE","subjectKey":"01-001","data":{}},
		{"formKey":"OLD","subjectKey":"01-001","data":{}},
		{"formKey":"AE","subjectKey":"99-999","data":{}},
		{"formKey":"AE","subjectKey":"01-001","intervalName":"Day 7","data":{}},
		{"formKey":"AE","data":{}},
		{"formKey":"DM","siteName":"Nowhere","data":{}},
		{"formKey":"AE","subjectKey":"01-001","data":{"SYSBP":1}},
		{"formKey":"VS","recordId":1,"data":{}}]`)
	batch := answer["batchId"].(string)
	job, err := server.Client().Job(t.Context(), "DEMO", batch)
	require.NoError(t, err)
	require.Equal(t, "running", job.State.Or(""))
	require.False(t, job.DateFinished.IsSet())
	job, err = server.Client().Job(t.Context(), "DEMO", batch)
	require.NoError(t, err)
	require.True(t, job.Failed(), "a batch of which nothing was stored has failed")
	for i, item := range study.Submissions()[0].Items {
		require.False(t, item.Stored, i)
		require.NotEmpty(t, item.Problem, i)
	}
	results, err := server.Client().JobResults(t.Context(), job.ResultURL.Or(""))
	require.NoError(t, err)
	require.Equal(t, 8, strings.Count(string(results.Body), `"FAILED"`))
}

func TestMalformedSubmissions(t *testing.T) {
	_, study, base := serve(t, 60)
	for body, attribute := range map[string]string{
		``:         "body",
		`{}`:       "body",
		`[]`:       "body",
		`[1]`:      "body",
		"\u00a0[]": "body",
		"\ufeff[]": "body",
		`[{"formKey":"AE","subjectKey":"x","data":{"A":"\ud800"}}]`: "body",
		`[{"formKey":"AE","recordData":{"AETERM":"x"}}]`:            "recordData",
		`[{"formKey":"AE","data":{"AETERM":["x"]}}]`:                "AETERM",
		`[{"formKey":"AE","data":"x"}]`:                             "data",
		`[{"formKey":"AE"}]`:                                        "data",
		`[{"subjectKey":"01-001","data":{}}]`:                       "formKey",
		`[{"formKey":"AE","subjectID":1,"data":{}}]`:                "subjectID",
		`[{"formKey":"AE","subjectId":"1","data":{}}]`:              "subjectId",
		`[{"formKey":"AE","subjectKey":"","data":{}}]`:              "subjectKey",
		`[{"formKey":"AE","subjectKey":"x","data":{"A":1,"A":2}}]`:  "body",
	} {
		status, answer := post(t, base, body)
		require.Equal(t, http.StatusBadRequest, status, body)
		field := answer["metadata"].(map[string]any)["error"].(map[string]any)["field"].(map[string]any)
		require.Equal(t, attribute, field["attribute"], body)
	}
	require.Empty(t, study.Submissions())
	status, _, text := send(t, request(t, "POST", base+"/DEMO/records", strings.Repeat(" ", 10<<20)+"[]"))
	require.Equal(t, http.StatusRequestEntityTooLarge, status)
	require.JSONEq(t, `{"message":"Request Too Long"}`, text)
	req := request(t, "POST", base+"/DEMO/records", `[{"formKey":"AE","subjectKey":"01-001","data":{}}]`)
	req.Header.Set("x-email-notify", "nobody")
	status, _, _ = send(t, req)
	require.Equal(t, http.StatusBadRequest, status)
}

func TestJobPlans(t *testing.T) {
	server, study, base := serve(t, 400)
	client := server.Client()
	body := `[{"formKey":"LOG","subjectKey":"01-001","data":{"LOGTXT":"a"}},{"formKey":"LOG","subjectKey":"01-001","data":{"LOGTXT":"b"}}]`
	states := func(batch string, polls int) (seen []string) {
		for range polls {
			job, err := client.Job(t.Context(), "DEMO", batch)
			if err != nil {
				require.ErrorIs(t, err, imednet.ErrNotFound)
				seen = append(seen, "404")
				continue
			}
			seen = append(seen, job.State.Or(""))
		}
		return seen
	}
	study.PlanJobs(
		imednettest.JobPlan{NotFoundPolls: 2, States: []string{"created", "weird", "SUCCESS"}},
		imednettest.JobPlan{LoseBatchID: true, StoreAtOnce: true},
		imednettest.JobPlan{States: []string{"failed"}},
		imednettest.JobPlan{States: []string{"failed"}, Reject: map[int]string{1: "bad"}},
		imednettest.JobPlan{Results: []byte("plain text"), ShowResults: true},
	)
	_, answer := post(t, base, body)
	batch := answer["batchId"].(string)
	require.Zero(t, study.StoredItems())
	require.Equal(t, []string{"404", "404", "created", "weird"}, states(batch, 4))
	require.Zero(t, study.StoredItems(), "items are stored at the end of their job")
	require.Equal(t, []string{"SUCCESS", "SUCCESS"}, states(batch, 2))
	require.Equal(t, 2, study.StoredItems())

	_, answer = post(t, base, body)
	require.NotContains(t, answer, "batchId")
	require.Equal(t, 4, study.StoredItems(), "stored although the reply names no batch")

	_, answer = post(t, base, body)
	require.Equal(t, []string{"failed"}, states(answer["batchId"].(string), 1))
	require.Equal(t, 4, study.StoredItems())

	_, answer = post(t, base, body)
	require.Equal(t, []string{"failed"}, states(answer["batchId"].(string), 1))
	require.Equal(t, 5, study.StoredItems(), "one item of a job that failed in part")
	require.Equal(t, "bad", study.Submissions()[3].Items[1].Problem)

	_, answer = post(t, base, body)
	batch = answer["batchId"].(string)
	require.Equal(t, []string{"running", "completed"}, states(batch, 2))
	job, err := client.Job(t.Context(), "DEMO", batch)
	require.NoError(t, err)
	require.True(t, job.ResultURL.IsSet())
	_, _, text := send(t, request(t, "GET", base+"/DEMO/jobs/"+batch+"/results", ""))
	require.Equal(t, "plain text", text)

	study.PlanJobs(imednettest.JobPlan{EndAfter: 2, LoseBatchID: true})
	before := study.StoredItems()
	_, _ = post(t, base, body)
	require.Equal(t, []string{"completed", "completed"}, states(batch, 2))
	require.Equal(t, before, study.StoredItems())
	require.Equal(t, []string{"completed"}, states(batch, 1))
	require.Equal(t, before+2, study.StoredItems(), "a job ends also where nobody polls it")
	study.PlanJobs(imednettest.JobPlan{States: []string{"created", "running"}})

	before = study.StoredItems()
	_, answer = post(t, base, body)
	batch = answer["batchId"].(string)
	require.Equal(t, []string{"created", "running", "running"}, states(batch, 3))
	study.FinishJobs()
	require.Equal(t, []string{"running"}, states(batch, 1), "a job that hangs does not end")
	require.Equal(t, before, study.StoredItems())

	_, answer = post(t, base, body)
	batch = answer["batchId"].(string)
	require.Equal(t, []string{"running", "completed"}, states(batch, 2))
	job, err = client.Job(t.Context(), "DEMO", batch)
	require.NoError(t, err)
	require.Equal(t, imednet.Absent, job.ResultURL.Presence(), "the vendor's replies have no resultUrl")
	status, _, _ := send(t, request(t, "GET", base+"/DEMO/jobs/"+batch+"/results", ""))
	require.Equal(t, http.StatusNotFound, status)
}

// A job ends when a poll shows a final state, however it is spelled, and stores then or never.
func TestAFinalStateEndsAJob(t *testing.T) {
	for state, stored := range map[string]int{"completed": 1, " SUCCESS": 1, " Failed ": 0, "Cancelled\n": 0} {
		server, study, base := serve(t, 60)
		study.PlanJobs(imednettest.JobPlan{States: []string{state}, ResultText: "anything"})
		_, answer := post(t, base, `[{"formKey":"AE","subjectKey":"01-001","data":{}}]`)
		for range 2 {
			job, err := server.Client().Job(t.Context(), "DEMO", answer["batchId"].(string))
			require.NoError(t, err)
			require.Equal(t, state, job.State.Or(""))
			require.True(t, job.DateFinished.IsSet(), state)
			require.Equal(t, stored, study.StoredItems(), state)
			require.True(t, job.ResultURL.IsSet(), "results that are planned are shown")
		}
	}
}
