package cache_test

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
)

func TestPurge(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 3000})
	l := open(t, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	for range 2 {
		study.Advance(24 * time.Hour)
		m := cachetest.NewMeddler(t, study, 3, 300)
		for m.Left > 0 {
			m.Meddle()
		}
		sync(t, l, study.Key())
	}
	before, err := l.Status(t.Context(), study.Key())
	require.NoError(t, err)
	require.Positive(t, before.History)
	require.Positive(t, before.Records.Vanished)

	n := 0
	for _, err := range l.Records(t.Context(), study.Key(), imednet.ListOptions{}) {
		if n++; n == 1 {
			study.Advance(48 * time.Hour)
			require.NoError(t, study.EditRecord(study.RecordIDs()[2900], "X", 1))
			sync(t, l, study.Key())
			r, err := l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Before: study.Now().Add(time.Hour)})
			require.NoError(t, err)
			require.Equal(t, before.History+1, r.History)
			require.Equal(t, before.Records.Vanished, r.Tombstones)
		}
		if err != nil {
			require.ErrorIs(t, err, cache.ErrPurged)
			n = -1
		}
	}
	require.Equal(t, -1, n, "the reading did not notice that its states were purged")
	after, err := l.Status(t.Context(), study.Key())
	require.NoError(t, err)
	require.Zero(t, after.History)
	require.Zero(t, after.Records.Vanished)
	require.Equal(t, before.Records.Active+before.Records.Deleted, after.Records.Total())
	sync(t, l, study.Key())
	requireEqual(t, study, l)
	v, err := l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	require.True(t, v.OK(), "%+v", v)

	r, err := l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
	require.NoError(t, err)
	require.Equal(t, after.Records.Active, r.Records)
	keys, err := l.StudyKeys(t.Context())
	require.NoError(t, err)
	require.Empty(t, keys)
	requireNothingLeft(t, l.Path(), "subjectKey")
	sync(t, l, study.Key())
	requireEqual(t, study, l)
}

// TestPurgeIsDoneWhenTheBytesAreGone keeps a snapshot of another program open during a purge.
func TestPurgeIsDoneWhenTheBytesAreGone(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 500})
	var waits []imednet.Progress
	clock := imednettest.NewClock(study.Now())
	l := open(t, imednettest.NewServer(study).Client(), cache.WithClock(clock), cache.WithLockTimeout(2*time.Second),
		cache.WithProgress(func(p imednet.Progress) {
			if strings.HasPrefix(p.Op, "purge") {
				waits = append(waits, p)
			}
		}))
	sync(t, l, study.Key())
	reader := otherProgram(t, l.Path())
	tx, err := reader.Begin()
	require.NoError(t, err)
	var n int
	require.NoError(t, tx.QueryRow(`SELECT count(*) FROM record_cache`).Scan(&n))

	for range 2 {
		_, err = l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
		require.ErrorIs(t, err, cache.ErrStillReadable)
		require.ErrorContains(t, err, strconv.Itoa(os.Getpid()), "it does not say who holds the bytes")
		require.NotEmpty(t, waits, "it does not show that it waits")
	}
	require.NoError(t, tx.Rollback())
	_, err = l.Purge(t.Context(), study.Key(), cache.PurgeOptions{Study: true})
	require.NoError(t, err)
	requireNothingLeft(t, l.Path(), "subjectKey")
}
