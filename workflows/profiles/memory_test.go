package profiles_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/studytest"
	"github.com/imednetgo/imednet/workflows/profiles"
)

// TestProfilingStaysWithinMemory profiles 30,000 records, or 1,000,000 with IMEDNET_LONG=1. The
// growth of the heap includes what the collector has not freed yet; what other tests hold is not counted.
func TestProfilingStaysWithinMemory(t *testing.T) {
	records := 30_000
	if os.Getenv("IMEDNET_LONG") == "1" {
		records = 1_000_000
	}
	var peak uint64
	watch := func(p imednet.Progress) {
		if p.Done%5000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	p, err := profiles.NewSchemaProfiler(studytest.Generated(imednettest.GenerateOptions{Records: records}).Client(), profiles.WithProgress(watch))
	require.NoError(t, err)
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	profile, err := p.ProfileRecords(t.Context(), "DEMO", profiles.Options{})
	require.NoError(t, err)
	assert.InEpsilon(t, records, profile.Records+profile.Deleted, 0.05)
	grown := float64(peak) - float64(before.HeapAlloc)
	assert.Less(t, grown, 200e6)
	t.Logf("%d records, the heap grew by %.0f MB at most", profile.Records+profile.Deleted, grown/1e6)
}
