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
	"github.com/imednetgo/imednet/imednettest"
)

// TestReadingKeepsItsMoment changes the mirror while readings are under way: they yield what stood
// there when they began.
func TestReadingKeepsItsMoment(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 3500})
	l := open(t, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	filter := imednet.ListOptions{Filter: imednet.Where("siteId", imednet.Greater, 0)}
	want := map[string][]imednet.Record{}
	readings := map[string]func(func(imednet.Record, error) bool){
		"records":  l.Records(t.Context(), study.Key(), imednet.ListOptions{}),
		"filtered": l.Records(t.Context(), study.Key(), filter),
		"cached":   l.IterCachedRecords(t.Context(), study.Key()),
		"subjects": l.RecordsBySubject(t.Context(), study.Key(), imednet.ListOptions{}),
	}
	for name, reading := range readings {
		for rec, err := range reading {
			require.NoError(t, err)
			want[name] = append(want[name], rec)
		}
	}
	m := newMeddler(t, study, 9, 4*300)
	for name, reading := range readings {
		now := want[name]
		if m.left < 1200 {
			now = nil
			for rec, err := range reading {
				require.NoError(t, err)
				now = append(now, rec)
			}
		}
		i := 0
		for rec, err := range reading {
			require.NoError(t, err)
			require.Equal(t, now[i].RecordID, rec.RecordID, name)
			require.Equal(t, string(now[i].Raw), string(rec.Raw), name)
			if i++; i == 700 {
				for range 300 {
					m.meddle()
				}
				sync(t, l, study.Key())
			}
		}
		require.Len(t, now, i, name)
	}
	requireEqual(t, study, l)
}

func TestPurge(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 3000})
	l := open(t, imednettest.NewServer(study).Client())
	sync(t, l, study.Key())
	for range 2 {
		study.Advance(24 * time.Hour)
		m := newMeddler(t, study, 3, 300)
		for m.left > 0 {
			m.meddle()
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

// TestAFollowerBehindAPurgeIsTold lets a follower lag behind what was purged, in part and as a whole.
func TestAFollowerBehindAPurgeIsTold(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 900})
	l := open(t, imednettest.NewServer(study).Client())
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
