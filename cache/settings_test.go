package cache_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
)

// A mirror is the server's, byte for byte, whichever way a server takes what the API leaves open. Where
// a deletion leaves no trace, neither a date nor a revision, a sweep finds it.
func TestMirrorUnderEverySetting(t *testing.T) {
	for seed, settings := range imednettest.SettingsPairs() {
		if testing.Short() && seed > 1 {
			break
		}
		name, err := json.Marshal(settings)
		require.NoError(t, err)
		t.Run(string(name), func(t *testing.T) {
			study := imednettest.Generate(imednettest.GenerateOptions{Records: 200, Seed: uint64(seed)})
			server := imednettest.NewServer(study)
			server.Configure(settings)
			l := open(t, server.Client(), cache.WithPageSize(25))
			syncStudy(t, l, study.Key(), cache.SyncOptions{})
			requireEqualResources(t, server.Client(), l, study.Key())
			m := cachetest.NewMeddler(t, study, uint64(seed), 40)
			for m.Left > 0 {
				m.Meddle()
			}
			require.NoError(t, study.SetStatus(study.RecordIDs()[0], "Record Reviewed"))
			syncStudy(t, l, study.Key(), cache.SyncOptions{Sweep: settings.DeleteLeavesNoTrace || settings.HideDeleted})
			requireEqualResources(t, server.Client(), l, study.Key())
		})
	}
}
