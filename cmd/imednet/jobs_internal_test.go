package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// TestRefusedPlacesAreNotGuessed: which records a batch's results refuse is shown, counted from 1, only
// where they say it. They can leave records out, and the size of the batch is not known here.
func TestRefusedPlacesAreNotGuessed(t *testing.T) {
	for results, want := range map[string][]int{
		`[{"index":0,"status":"PASS"},{"index":1,"status":" failed"}]`:    {2},
		`[{"index":3,"status":"FAILED"},{"index":0,"status":"PASS"}]`:     {4},
		`[{"index":2,"status":"FAIL"},{"index":1,"status":"ERROR"}]`:      nil, // from 1, or from 0 without the first?
		`[{"index":1,"status":"FAIL"},{"index":2,"status":"PASS"}]`:       nil,
		`[{"status":"FAILED"},{"status":"FAILED"}]`:                       nil, // all of the batch, or the refused ones?
		`[{"status":"FAILED"}]`:                                           nil,
		`[{"status":"PASS"},{"status":"FAILED"}]`:                         nil, // in the order of the batch?
		`[{"index":2,"status":"FAILED"}]`:                                 nil, // of how many?
		`[{"index":0,"status":"PASS"},{"index":-1,"status":"FAILED"}]`:    nil,
		`[{"index":0,"status":"FAILED"},{"index":0,"status":"FAILED"}]`:   nil,
		`[{"index":0,"status":"FAILED"},{"status":"FAILED"}]`:             nil,
		`[{"index":"1","status":"FAILED"},{"index":0,"status":"FAILED"}]`: nil,
		`{"total":3,"failed":1}`:                                          nil,
	} {
		got := refusedPlaces(imednet.JobStatus{Results: &imednet.JobResults{Body: []byte(results)}})
		require.Equal(t, want, got, results)
	}
}
