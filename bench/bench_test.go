package main

import (
	"context"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain is also the program that does the tasks of the tests' benches.
func TestMain(m *testing.M) {
	was, err := child(context.Background())
	if was {
		exitOn(err)
		return
	}
	os.Exit(m.Run())
}

// TestSmoke runs every job once. How long it took is not looked at.
func TestSmoke(t *testing.T) {
	o := options{rows: smokeRows, n: 1, forms: 3, variables: 10, dir: t.TempDir()}
	list := withLimits(func(job) bool { return true })
	require.Equal(t, len(jobs()), len(list))
	m, err := measureJobs(t.Context(), o, list)
	require.NoError(t, err)
	held, err := (&work{task: task{Data: o.dir}}).contents()
	require.NoError(t, err)
	require.EqualValues(t, smokeRows, held.Records)
	for i, l := range m.Jobs {
		assert.Equal(t, expectedRows(list[i], o, held), l.Rows, l.Job)
		for _, figure := range []float64{l.RowsPerSecond, l.CPU, l.Allocs, l.Bytes} {
			assert.True(t, figure >= 0 && !math.IsInf(figure, 0), "%s: %v", l.Job, figure)
		}
		assert.Positive(t, l.RowsPerSecond, l.Job)
		if l.Limit != "" {
			assert.True(t, l.Ratio > 0 && !math.IsInf(l.Ratio, 0), "%s: ratio %v", l.Job, l.Ratio)
		}
	}
}

// ofActive are the jobs that read the mirror's active records only.
var ofActive = []string{"read undecoded", "map the mirror", "profile", "report"}

func expectedRows(j job, o options, held contents) int64 {
	if slices.Contains(ofActive, j.name) {
		return held.Active
	}
	return int64(j.size(task{Rows: o.rows, Wide: o.wideRows()}))
}

// TestLimits are limits, and stand in the table.
func TestLimits(t *testing.T) {
	above := map[string]bool{}
	for _, j := range jobs() {
		require.False(t, above[j.name], "%s stands twice", j.name)
		above[j.name] = true
		if j.limit == "" {
			continue
		}
		limit, known := jobNamed(j.limit)
		require.True(t, known, "%s: no limit %s", j.name, j.limit)
		assert.Equal(t, j.share, limit.share, j.name)
		assert.Equal(t, j.wide, limit.wide, j.name)
		assert.True(t, above[j.limit], "%s stands above its limit", j.name)
	}
}

func TestMedian(t *testing.T) {
	of := func(f figures) int64 { return f.Rows }
	assert.EqualValues(t, 3, median([]figures{{Rows: 9}, {Rows: 1}, {Rows: 3}}, of))
	assert.EqualValues(t, 3, median([]figures{{Rows: 9}, {Rows: 3}}, of))
}
