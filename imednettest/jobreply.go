package imednettest

import (
	"net/http"
	"strconv"

	"github.com/imednetgo/imednet"
)

// render writes the bare job; resultsURL is where this server answers its results.
func (j *job) render(resultsURL string) []byte {
	dst := appendMember(nil, '{', "jobId", appendString(nil, j.JobID))
	dst = appendMember(dst, ',', "batchId", appendString(nil, j.BatchID))
	dst = appendMember(dst, ',', "state", appendString(nil, j.state))
	failed := imednet.Job{State: imednet.Some(j.state)}.Failed()
	if failed {
		dst = j.shape.addWords(dst)
	}
	started, finished := appendTime(nil, j.created), []byte("null")
	if j.ended {
		finished = appendTime(nil, j.finished)
	}
	if failed && j.shape == FailedUndated {
		started, finished = []byte("null"), []byte("null")
	}
	dst = appendMember(dst, ',', "dateCreated", appendTime(nil, j.created))
	dst = appendMember(dst, ',', "dateStarted", started)
	dst = appendMember(dst, ',', "dateFinished", finished)
	if j.plan.ResultURL != "" {
		resultsURL = j.plan.ResultURL
	}
	if j.ended && j.plan.showsResults() {
		dst = append(dst, `,"progress":100`...)
		dst = appendMember(dst, ',', "resultUrl", appendString(nil, resultsURL))
	}
	return append(dst, '}')
}

// results answers what a job's resultUrl holds: one object for each item.
func (s *Study) results(c *call, batchID string) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.findJob(batchID)
	if j == nil || !j.ended || !j.plan.showsResults() {
		return s.notFound()
	}
	if j.plan.Results != nil || j.plan.ResultText != "" {
		return reply{status: http.StatusOK, bare: append([]byte(j.plan.ResultText), j.plan.Results...), time: s.now}
	}
	dst := []byte{'['}
	for n, it := range j.Items {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = appendMember(dst, '{', "index", strconv.AppendInt(nil, int64(n), 10))
		if it.Lost {
			dst = append(dst, `,"status":"SUCCESS"}`...)
			continue
		}
		if !it.Stored {
			dst = append(dst, `,"status":"FAILED"`...)
			if !it.wordless {
				dst = appendMember(dst, ',', "message", appendString(nil, it.Problem))
			}
			dst = append(dst, '}')
			continue
		}
		dst = append(dst, `,"status":"SUCCESS","recordId":`...)
		dst = strconv.AppendInt(dst, it.RecordID, 10)
		if raw, ok := s.tables[imednet.Subjects].get(it.SubjectID); ok {
			dst = appendMember(dst, ',', "subjectKey", orNull(valueOf(raw, "subjectKey")))
		}
		dst = append(dst, '}')
	}
	return reply{status: http.StatusOK, bare: append(dst, ']'), time: s.now}
}
