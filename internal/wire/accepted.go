package wire

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
)

// ParseAccepted reads the reply with a 2xx status to a POST: the job that the API contract names
// (section 6), which without a batch id is not Traceable. Anything else is an *imednet.ReplyError.
func ParseAccepted(path string, status int, body []byte) (imednet.Job, error) {
	body = bytes.TrimSpace(body)
	job, err := imednet.Decode[imednet.Job](body)
	if err != nil || !isSubmittedJob(body) {
		return imednet.Job{}, &imednet.ReplyError{Method: http.MethodPost, Path: path, StatusCode: status, Body: bodyKind(body)}
	}
	return job, nil
}

// submittedJob is the reply to a POST as the API contract has it. What is decoded into a Job may also
// have other kinds.
type submittedJob struct {
	JobID   *string `json:"jobId"`
	BatchID *string `json:"batchId"`
	State   *string `json:"state"`
}

// isSubmittedJob reports whether the answer to a POST is the API's and says that the batch was taken.
// Only the batch id may be missing.
func isSubmittedJob(body []byte) bool {
	var job submittedJob
	if json.Unmarshal(body, &job) != nil || job.JobID == nil || job.State == nil {
		return false
	}
	failed := imednet.Job{State: imednet.Some(*job.State)}.Failed()
	return isOpaqueID(*job.JobID) && (job.BatchID == nil || isOpaqueID(*job.BatchID)) && shown.IsState(*job.State) && !failed
}

// mostOfID is the greatest length of an id that a server is taken to give.
const mostOfID = 200

// isOpaqueID reports whether a text can be the id of a job or batch: printable ASCII without blanks.
func isOpaqueID(id string) bool {
	return id != "" && len(id) <= mostOfID && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
}
