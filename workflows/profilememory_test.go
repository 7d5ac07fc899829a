package workflows_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/workflows"
)

// TestProfilingStaysWithinMemory profiles 30,000 records, or 1,000,000 with IMEDNET_LONG=1. The
// peak includes the study in memory and what the collector has not freed yet.
func TestProfilingStaysWithinMemory(t *testing.T) {
	records := 30_000
	if os.Getenv("IMEDNET_LONG") == "1" {
		records = 1_000_000
	}
	p, err := workflows.NewSchemaProfiler(generated(imednettest.GenerateOptions{Records: records}).Client())
	require.NoError(t, err)
	var peak uint64
	watch := func(p imednet.Progress) {
		if p.Done%5000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	runtime.GC()
	profile, err := p.ProfileRecords(t.Context(), "DEMO", workflows.ProfileOptions{Progress: watch})
	require.NoError(t, err)
	assert.InEpsilon(t, records, profile.Records+profile.Deleted, 0.05)
	assert.Less(t, peak, uint64(200_000_000))
	t.Logf("%d records, peak of the heap %.0f MB", profile.Records+profile.Deleted, float64(peak)/1e6)
}
