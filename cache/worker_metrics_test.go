package cache_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
)

var updateMetrics = flag.Bool("update-metrics", false, "rewrite testdata/worker_metrics.golden.txt")

// stillClock stands still.
type stillClock struct{ now time.Time }

func (c *stillClock) Now() time.Time { return c.now }

func (c *stillClock) Sleep(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	return context.Cause(ctx)
}

func TestWorkerMetrics(t *testing.T) {
	noon := time.Date(2026, 5, 22, 12, 0, 0, 0, time.UTC)
	f := &fakeSyncer{answer: func(_ context.Context, c syncCall, n int) (cache.Report, error) {
		if c.study != "A" {
			return cache.Report{}, errServer
		}
		return cache.Report{Added: 100, Updated: 3, Mark: noon.Add(-1500 * time.Millisecond), After: cache.Counts{Active: 98, Deleted: 2}}, nil
	}}
	w := newWorker(t, f, []string{"A", "quote\" back\\ line\n"}, cache.WithClock(&stillClock{noon}), cache.WithMarkLedger(newFakeLedger(), "records"))
	require.False(t, w.Status().Healthy(time.Hour))
	_, err := w.RunOnce(t.Context())
	require.Error(t, err)
	var got bytes.Buffer
	require.NoError(t, w.Status().WriteMetrics(&got))
	golden := "testdata/worker_metrics.golden.txt"
	if *updateMetrics {
		require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String())
}

func TestStudyStatusHealth(t *testing.T) {
	noon := time.Date(2026, 5, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		s    cache.StudyStatus
		want bool
	}{
		{"never synced", cache.StudyStatus{State: cache.StateRunning}, false},
		{"fresh", cache.StudyStatus{State: cache.StateWaiting, LastSuccess: noon.Add(-time.Hour)}, true},
		{"stale", cache.StudyStatus{State: cache.StateRunning, LastSuccess: noon.Add(-time.Hour - 1)}, false},
		{"a failure since", cache.StudyStatus{State: cache.StateBackingOff, LastSuccess: noon.Add(-time.Minute)}, true},
		{"resting", cache.StudyStatus{State: cache.StateCircuitOpen, LastSuccess: noon}, false},
		{"stopped", cache.StudyStatus{State: cache.StateStopped, LastSuccess: noon}, false},
	} {
		require.Equal(t, c.want, c.s.Healthy(noon, time.Hour), c.name)
	}
}
