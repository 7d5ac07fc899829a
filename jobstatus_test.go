package imednet_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestEveryStateOfAJobIsOneKind(t *testing.T) {
	type kind struct{ succeeded, failed, unknown bool }
	for state, want := range map[string]kind{
		"": {}, "CREATED": {}, "QUEUED": {}, "PENDING": {}, " running ": {}, "Processing": {},
		"COMPLETED": {succeeded: true}, "success": {succeeded: true}, "FAILED": {failed: true}, "Cancelled": {failed: true},
		"PAUSED": {unknown: true}, "COMPLETE": {unknown: true},
	} {
		s := imednet.JobStatus{Job: imednet.Job{State: imednet.Some(state)}}
		require.Equal(t, want, kind{s.Succeeded(), s.Failed(), s.Unknown()}, state)
		require.Equal(t, want.succeeded || want.failed, s.Terminal(), state)
	}
}

func TestWhatAJobsResultsCount(t *testing.T) {
	for body, want := range map[string]struct {
		ofSuccess, ofFailure imednet.ResultCounts
		items                int // -1 is no list
	}{
		`[{"status":"SUCCESS"},{"status":"pass"},{"status":"Completed"},{"status":"Failed"},{"status":"error"},{"status":"odd"},3]`: {
			imednet.ResultCounts{Total: 7, Succeeded: 3, Failed: 2}, imednet.ResultCounts{Total: 7, Succeeded: 3, Failed: 2}, 7},
		`[]`:                                 {items: 0},
		`{"total":7,"success":5,"failed":2}`: {imednet.ResultCounts{Total: 7, Succeeded: 5, Failed: 2}, imednet.ResultCounts{Total: 7, Succeeded: 5, Failed: 2}, -1},
		`all fine`:                           {imednet.ResultCounts{Total: 1, Succeeded: 1}, imednet.ResultCounts{Total: 1, Failed: 1}, -1},
		" \n":                                {items: -1},
		``:                                   {items: -1},
	} {
		results := &imednet.JobResults{Body: []byte(body)}
		ended := func(state string) imednet.JobStatus {
			return imednet.JobStatus{Job: imednet.Job{State: imednet.Some(state)}, Results: results}
		}
		require.Equal(t, want.ofSuccess, ended("COMPLETED").Counts(), body)
		require.Equal(t, want.ofFailure, ended("FAILED").Counts(), body)
		items, isList := results.Items()
		require.Equal(t, want.items >= 0, isList, body)
		require.Len(t, items, max(want.items, 0), body)
	}
	require.Zero(t, imednet.JobStatus{Job: imednet.Job{State: imednet.Some("COMPLETED")}}.Counts(), "results that were not read count nothing")
	items, isList := (*imednet.JobResults)(nil).Items()
	require.Equal(t, []json.RawMessage(nil), items)
	require.False(t, isList)
}
