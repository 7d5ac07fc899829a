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
		counts imednet.ResultCounts
		known  bool
		items  int // -1 is no list
	}{
		`[{"status":"SUCCESS"},{"status":"pass"},{"status":"Completed"},{"status":"Failed"},{"status":"error"},{"status":"odd"},3]`: {
			imednet.ResultCounts{Total: 7, Succeeded: 3, Failed: 2, Unknown: 2}, true, 7},
		`[{"status":"SUCCESS"},{"status":"REJECTED"}]`: {imednet.ResultCounts{Total: 2, Succeeded: 1, Unknown: 1}, true, 2},
		`[{"status":["SUCCESS"]},{"state":"SUCCESS"}]`: {imednet.ResultCounts{Total: 2, Unknown: 2}, true, 2},
		`{"total":7,"success":5,"failed":2}`:           {imednet.ResultCounts{Total: 7, Succeeded: 5, Failed: 2}, true, -1},
		`{"total":7,"success":5,"failed":1}`:           {imednet.ResultCounts{Total: 7, Succeeded: 5, Failed: 1, Unknown: 1}, true, -1},
		`[]`:                                           {},
		`{"total":7,"success":5,"failed":3}`:           {items: -1},
		`{"total":7,"success":8,"failed":-1}`:          {items: -1},
		`{"total":0,"success":0,"failed":0}`:           {items: -1},
		`{"total":7,"failed":2}`:                       {items: -1},
		`{"metadata":{"status":"OK"}}`:                 {items: -1},
		`{}`:                                           {items: -1},
		`null`:                                         {items: -1},
		`"all fine"`:                                   {items: -1},
		`all fine`:                                     {items: -1},
		`<html><title>Log in</title></html>`:           {items: -1},
		" \n":                                          {items: -1},
		``:                                             {items: -1},
	} {
		results := &imednet.JobResults{Body: []byte(body)}
		ended := func(state string) imednet.JobStatus {
			return imednet.JobStatus{Job: imednet.Job{State: imednet.Some(state)}, Results: results}
		}
		for _, state := range []string{"COMPLETED", "FAILED"} {
			require.Equal(t, want.counts, ended(state).Counts(), body)
		}
		_, known := results.Counts()
		require.Equal(t, want.known, known, body)
		items, isList := results.Items()
		require.Equal(t, want.items >= 0, isList, body)
		require.Len(t, items, max(want.items, 0), body)
	}
	require.Zero(t, imednet.JobStatus{Job: imednet.Job{State: imednet.Some("COMPLETED")}}.Counts(), "results that were not read count nothing")
	items, isList := (*imednet.JobResults)(nil).Items()
	require.Equal(t, []json.RawMessage(nil), items)
	require.False(t, isList)
}
