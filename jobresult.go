package imednet

import (
	"bytes"
	"encoding/json"
	"strings"
)

// ResultCounts holds the counts given by a job's results. The API documents no shape for results.
// The shapes observed so far are a list of objects with a status, and an object with total, success
// and failed; anything else counts as one item.
type ResultCounts struct {
	Total     int `json:"total"`
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
}

// Counts returns the counts given by the results, or the zero value if there are none.
func (s JobStatus) Counts() ResultCounts {
	if s.Results == nil || len(bytes.TrimSpace(s.Results.Body)) == 0 {
		return ResultCounts{}
	}
	var list []json.RawMessage
	if json.Unmarshal(s.Results.Body, &list) == nil {
		return countItems(list)
	}
	var totals struct{ Total, Success, Failed int }
	if json.Unmarshal(s.Results.Body, &totals) == nil {
		return ResultCounts{totals.Total, totals.Success, totals.Failed}
	}
	if s.Succeeded() {
		return ResultCounts{Total: 1, Succeeded: 1}
	}
	return ResultCounts{Total: 1, Failed: 1}
}

func countItems(list []json.RawMessage) ResultCounts {
	counts := ResultCounts{Total: len(list)}
	for _, raw := range list {
		switch itemStatus(raw) {
		case statusStored:
			counts.Succeeded++
		case statusRefused:
			counts.Failed++
		}
	}
	return counts
}

type resultStatus int

const (
	statusUnknown resultStatus = iota
	statusStored
	statusRefused
)

func itemStatus(raw json.RawMessage) resultStatus {
	var item struct{ Status string }
	if json.Unmarshal(raw, &item) != nil {
		return statusUnknown
	}
	switch strings.ToUpper(item.Status) {
	case "PASS", "SUCCESS", "COMPLETED":
		return statusStored
	case "FAIL", "FAILED", "ERROR":
		return statusRefused
	}
	return statusUnknown
}

// Items returns the objects of a result list, and whether the results are a list.
func (r *JobResults) Items() ([]json.RawMessage, bool) {
	if r == nil {
		return nil, false
	}
	var list []json.RawMessage
	err := json.Unmarshal(r.Body, &list)
	return list, err == nil
}
