package cachetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// faultsOnTheWay breaks one request after the other of a run over all resources, each in another way, and in
// campaigns in every way: marks do not move, and the run after the last fault ends equal to the server.
func (s suite) faultsOnTheWay(t *testing.T) {
	faults := []imednettest.Fault{{Status: 500}, {Reset: true}, {Truncate: true}, {Malformed: true}, {OmitData: true}, {RepeatRow: true}, {Empty: true}}
	step := times(len(faults), len(faults), 1)
	for i, fault := range faults {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 400})
		server := imednettest.NewServer(study)
		l := s.open(t, server.Client(), cache.WithPageSize(50))
		failures, quiet := 0, 0
		for skip := i % step; quiet < 2; skip += step {
			require.Less(t, skip, 120)
			fault.Skip = skip
			server.ResetRequests()
			server.Inject(fault)
			_, err := l.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{})
			hit := len(server.Requests()) > skip
			server.ClearFaults()
			switch {
			case err != nil:
				failures++
			case !hit:
				quiet++
			}
		}
		require.Positive(t, failures)
		syncStudy(t, l, study.Key(), cache.SyncOptions{})
		requireEqualRows(t, server.Client(), l, study.Key())
	}
}

// resourcesWhileTheStudyChanges edits the study before each request of many runs. When it stands still
// again, every resource is the server's.
func (s suite) resourcesWhileTheStudyChanges(t *testing.T) {
	for seed := range times(1, 2, 20) {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 2100, Seed: uint64(seed)})
		server := imednettest.NewServer(study)
		l := s.open(t, server.Client(), cache.WithPageSize(50))
		m := NewMeddler(t, study, uint64(seed), 600)
		server.OnRequest(func(imednettest.Request) {
			for range 3 {
				m.Meddle()
			}
		})
		for m.Left > 0 {
			_, err := l.SyncStudy(t.Context(), study.Key(), cache.SyncOptions{})
			if err != nil {
				require.ErrorIs(t, err, cache.ErrUnsettled)
			}
		}
		server.OnRequest(nil)
		syncStudy(t, l, study.Key(), cache.SyncOptions{})
		requireEqualRows(t, server.Client(), l, study.Key())
	}
}
