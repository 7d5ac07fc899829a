package imednet

import (
	"encoding/json"
	"iter"
)

// ResultCounts holds the counts given by a job's results. The API documents no shape for results.
// Two shapes are known: a list of objects with a status, and an object with total, success and failed.
// Nothing else counts.
type ResultCounts struct {
	Total     int `json:"total"`
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
	Unknown   int `json:"unknown"` // with a status that is not known, or none
}

// Counts returns the counts given by the results, or the zero value if there are none of a known shape
// (see [JobResults.Counts]).
func (s JobStatus) Counts() ResultCounts {
	counts, _ := s.Results.Counts()
	return counts
}

// Counts returns the counts given by the results, and whether these have a known shape: an empty list
// and an empty object have none. A list can leave records out.
func (r *JobResults) Counts() (counts ResultCounts, known bool) {
	if list, isList := r.Items(); isList {
		return countItems(list), len(list) > 0
	}
	if r == nil {
		return counts, false
	}
	var totals struct{ Total, Success, Failed *int }
	if json.Unmarshal(r.Body, &totals) != nil || totals.Total == nil || totals.Success == nil || totals.Failed == nil {
		return counts, false
	}
	counts = ResultCounts{*totals.Total, *totals.Success, *totals.Failed, *totals.Total - *totals.Success - *totals.Failed}
	if counts.Total <= 0 || min(counts.Succeeded, counts.Failed, counts.Unknown) < 0 {
		return ResultCounts{}, false
	}
	return counts, true
}

func countItems(list []json.RawMessage) ResultCounts {
	counts := ResultCounts{Total: len(list)}
	for _, raw := range list {
		var item struct{ Status string }
		status := ResultUnknown
		if json.Unmarshal(raw, &item) == nil {
			status = ResultStatusOf(item.Status)
		}
		switch status {
		case ResultStored:
			counts.Succeeded++
		case ResultRefused:
			counts.Failed++
		default:
			counts.Unknown++
		}
	}
	return counts
}

// ResultStatus is what a job's results say of one record.
type ResultStatus int

// The states of a result. The zero value means unknown.
const (
	ResultUnknown ResultStatus = iota
	ResultStored
	ResultRefused
)

// ResultStatusOf reads the status of one result: PASS, SUCCESS and COMPLETED mean stored; FAIL, FAILED
// and ERROR mean refused, in any case and with white space around. Another word is [ResultUnknown].
func ResultStatusOf(status string) ResultStatus {
	switch NormalizeJobState(status) {
	case "PASS", "SUCCESS", "COMPLETED":
		return ResultStored
	case "FAIL", "FAILED", "ERROR":
		return ResultRefused
	}
	return ResultUnknown
}

// FirstResultIndex finds out from the indexes that results give whether they count the records of a
// batch of that size from 0 or from 1, and reports false when both are possible or neither is.
func FirstResultIndex(indexes iter.Seq[int64], size int) (first int64, ok bool) {
	zero, last := false, false
	for n := range indexes {
		if n < 0 || n > int64(size) {
			return 0, false
		}
		zero, last = zero || n == 0, last || n == int64(size)
	}
	if zero == last {
		return 0, false
	}
	if zero {
		return 0, true
	}
	return 1, true
}

// Items returns the objects of a result list, and whether the results are a list.
func (r *JobResults) Items() ([]json.RawMessage, bool) {
	if r == nil {
		return nil, false
	}
	var list []json.RawMessage
	err := json.Unmarshal(r.Body, &list)
	return list, err == nil && list != nil
}
