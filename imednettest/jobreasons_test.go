package imednettest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/imednettest"
)

// A plan that refuses an item without saying why makes results that say so without a message; the item
// is told from one whose job is still running.
func TestARefusalWithoutAReason(t *testing.T) {
	_, study, base := serve(t, 60)
	study.PlanJobs(imednettest.JobPlan{ShowResults: true, Reject: map[int]string{0: "", 1: "out of range"}})
	status, answer := post(t, base, `[{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"x"}},{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"y"}},{"formKey":"AE","subjectKey":"01-001","data":{"AETERM":"z"}}]`)
	require.Equal(t, http.StatusAccepted, status)
	require.Empty(t, study.Submissions()[0].Items[0].Problem, "the job is running")
	study.FinishJobs()
	items := study.Submissions()[0].Items
	require.Equal(t, []string{"refused without a reason", "out of range", ""}, []string{items[0].Problem, items[1].Problem, items[2].Problem})
	require.Equal(t, []bool{false, false, true}, []bool{items[0].Stored, items[1].Stored, items[2].Stored})
	results := plainly(t, "GET", base+"/DEMO/jobs/"+answer["batchId"].(string)+"/results", "")
	require.JSONEq(t, `[{"index":0,"status":"FAILED"},{"index":1,"status":"FAILED","message":"out of range"},
		{"index":2,"status":"SUCCESS","recordId":`+itoa(items[2].RecordID)+`,"subjectKey":"01-001"}]`, results.body)
}
