package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryJobIsMeasured runs each job once, at a tiny size: both lakes have the same rows, and each has a figure.
func TestEveryJobIsMeasured(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	jobs, err := measure(t.Context(), options{records: 40, commits: 3, rounds: 1})
	require.NoError(t, err)
	var names []string
	for _, j := range jobs {
		names = append(names, j.name)
		require.Positive(t, j.rows, j.name)
		require.Positive(t, j.cpu, j.name)
	}
	require.Equal(t, []string{"first commit of every table", "incremental commit, after 2", "scan, fresh", "scan, as the commits left it", "scan, compacted", expired}, names)
	require.Equal(t, jobs[2].rows, jobs[5].rows)
}

// TestBeyondTheLimitIsAnError also says from how many commits on the limit holds.
func TestBeyondTheLimitIsAnError(t *testing.T) {
	require.ErrorContains(t, withinLimit([]job{{name: expired, ratio: 2.01}}, options{commits: 100}), "2.01 times")
	require.NoError(t, withinLimit([]job{{name: expired, ratio: 2}}, options{commits: 100}))
	require.NoError(t, withinLimit([]job{{name: "scan, compacted", ratio: 9}, {name: expired, ratio: 1}}, options{commits: 100}))
	require.NoError(t, withinLimit([]job{{name: expired, ratio: 3}}, options{commits: 3}))
}
