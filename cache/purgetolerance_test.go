package cache_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// A clock that was once set forward blocks purges no longer than the tolerance says, and the tombstone has what it said.
func TestAPurgeAfterTheClockWasSetBack(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 20})
	clock := imednettest.NewClock(retentionStart)
	l := open(t, imednettest.NewServer(study).Client(), cache.WithClock(clock), cache.WithClockTolerance(48*time.Hour))
	for _, back := range []time.Duration{0, 47 * time.Hour} {
		sync(t, l, study.Key())
		clock.Advance(-back)
		_, err := l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
		require.NoError(t, err)
	}
	all := purges(t, l, cache.PurgeVerifyOptions{}).Tombstones
	require.Equal(t, []time.Time{retentionStart, retentionStart, retentionStart.Add(-47 * time.Hour)}, []time.Time{all[0].PurgedAt, all[1].PurgedAt, all[1].Clock})
	clock.Advance(-2 * time.Hour)
	sync(t, l, study.Key())
	_, err := l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
	require.ErrorIs(t, err, cache.ErrClockBack)
	_, err = cache.NewCachedRecordsLoader(t.Context(), nil, l.Path(), cache.WithClockTolerance(0))
	require.Error(t, err)
}
