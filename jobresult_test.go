package imednet_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

func TestResultStatus(t *testing.T) {
	for word, want := range map[string]imednet.ResultStatus{
		"PASS": imednet.ResultStored, " success\n": imednet.ResultStored, "Completed": imednet.ResultStored,
		"fail": imednet.ResultRefused, "FAILED ": imednet.ResultRefused, "Error": imednet.ResultRefused,
		"": imednet.ResultUnknown, "PASSED": imednet.ResultUnknown, "PENDING": imednet.ResultUnknown,
	} {
		require.Equal(t, want, imednet.ResultStatusOf(word), "%q", word)
	}
	status := imednet.JobStatus{Results: &imednet.JobResults{Body: []byte(`[{"status":" pass"},{"status":"Failed "},{"status":"?"},7]`)}}
	require.Equal(t, imednet.ResultCounts{Total: 4, Succeeded: 1, Failed: 1, Unknown: 2}, status.Counts())
}

func TestResultsCountFromNoughtOrFromOne(t *testing.T) {
	for _, c := range []struct {
		indexes []int64
		size    int
		first   int64
		ok      bool
	}{
		{[]int64{0, 1}, 2, 0, true}, {[]int64{0}, 2, 0, true}, {[]int64{1, 2}, 2, 1, true}, {[]int64{2}, 2, 1, true},
		{[]int64{1}, 2, 0, false}, {nil, 2, 0, false}, {[]int64{0, 2}, 2, 0, false}, {[]int64{0, 3}, 2, 0, false}, {[]int64{-1, 0}, 2, 0, false},
	} {
		first, ok := imednet.FirstResultIndex(slices.Values(c.indexes), c.size)
		require.Equal(t, c.ok, ok, c.indexes)
		require.Equal(t, c.first, first, c.indexes)
	}
}
