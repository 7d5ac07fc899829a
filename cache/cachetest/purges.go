package cachetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// aFollowerBehindAPurgeIsTold lets a follower lag behind what was purged, in part and as a whole.
func (s suite) aFollowerBehindAPurgeIsTold(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
	l := s.open(t, imednettest.NewServer(study).Client())
	follow := func(after imednet.MirrorVersion) (n int, err error) {
		for _, err = range l.ChangesSince(t.Context(), study.Key(), after) {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	}
	first := sync(t, l, study.Key()).Version
	for _, id := range study.RecordIDs()[:20] {
		require.NoError(t, study.RemoveRecord(id))
	}
	gone := sync(t, l, study.Key()).Version
	study.Advance(48 * time.Hour)
	require.NoError(t, study.EditRecord(study.RecordIDs()[30], "X", 1))
	last := sync(t, l, study.Key()).Version
	_, err := l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Before: study.Now().Add(-time.Hour)})
	require.NoError(t, err)

	_, err = follow(first)
	require.ErrorIs(t, err, cache.ErrPurged, "20 records would stay with the follower for ever")
	n, err := follow(gone)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	n, err = follow(0)
	require.NoError(t, err)
	require.Equal(t, 881, n) // 880 records, one of them twice

	_, err = l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
	require.NoError(t, err)
	_, err = follow(last)
	require.ErrorIs(t, err, cache.ErrPurged)
	again := sync(t, l, study.Key()).Version
	require.Greater(t, again, last, "versions of a purged study began anew")
	for _, after := range []imednet.MirrorVersion{first, gone, last} {
		_, err = follow(after)
		require.ErrorIs(t, err, cache.ErrPurged)
	}
	n, err = follow(0)
	require.NoError(t, err)
	require.Equal(t, 880, n)
}
