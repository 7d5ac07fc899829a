package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/postgres"
)

// during starts a run of a study, and does something once in the middle of it.
func during(t *testing.T, ctx context.Context, url string, study *imednettest.Study, opts cache.SyncOptions, do func()) error {
	t.Helper()
	server, done := imednettest.NewServer(study), false
	l := openMirror(t, url, server.Client())
	server.OnRequest(func(imednettest.Request) {
		if !done {
			done = true
			do()
		}
	})
	_, err := l.SyncRecords(ctx, study.Key(), opts)
	server.OnRequest(nil)
	require.True(t, done)
	return err
}

// TestWhoTakesAStudyOverDoesNotWaitForTheFormerHolder has a worker stand still in the middle of a run, with its
// connections open, as one does whose machine was paused or cut off. Its lease is taken over, and so is the study.
func TestWhoTakesAStudyOverDoesNotWaitForTheFormerHolder(t *testing.T) {
	url := postgrestest.URL(t)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 700})
	db, name := open(t, url), postgres.StudyLease(study.Key())
	second := openMirror(t, url, imednettest.NewServer(study).Client(), cache.WithLockTimeout(time.Millisecond))
	lease, err := db.Acquire(t.Context(), name, "first", term)
	require.NoError(t, err)
	var version imednet.MirrorVersion
	err = during(t, lease.Context(t.Context()), url, study, cache.SyncOptions{}, func() {
		expire(t, url)
		next, err := db.Acquire(t.Context(), name, "second", term)
		require.NoError(t, err)
		report, err := second.SyncRecords(next.Context(t.Context()), study.Key(), cache.SyncOptions{})
		require.NoError(t, err)
		require.EqualValues(t, 700, report.Added)
		version, err = second.LatestVersion(t.Context(), study.Key())
		require.NoError(t, err)
		study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	})
	require.ErrorIs(t, err, postgres.ErrLeaseLost)
	now, err := second.LatestVersion(t.Context(), study.Key())
	require.NoError(t, err)
	require.Equal(t, version, now, "the former holder wrote")
	require.Equal(t, 701, recordsOf(t, url, study, imednettest.NewServer(study)))
}

// TestARunWithoutALeaseAndOneWithItExcludeEachOther covers both orders, and leases that are not the study's.
func TestARunWithoutALeaseAndOneWithItExcludeEachOther(t *testing.T) {
	url := postgrestest.URL(t)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	db := open(t, url)
	other := openMirror(t, url, imednettest.NewServer(study).Client(), cache.WithLockTimeout(time.Millisecond))
	under := func(name string) context.Context {
		lease, err := db.Acquire(t.Context(), name, "worker", term)
		require.NoError(t, err)
		return lease.Context(t.Context())
	}
	with, without, elsewhere := under(postgres.StudyLease(study.Key())), t.Context(), under(postgres.StudyLease("OTHER"))
	for _, c := range []struct {
		name       string
		run, other context.Context
	}{
		{"without a lease, beside one with it", with, without},
		{"with the lease, beside one without", without, with},
		{"under another study's lease, beside one with it", with, elsewhere},
		{"both under another study's lease", elsewhere, elsewhere},
	} {
		err := during(t, c.run, url, study, cache.SyncOptions{}, func() {
			_, err := other.SyncRecords(c.other, study.Key(), cache.SyncOptions{})
			require.ErrorIs(t, err, cache.ErrSyncRunning, c.name)
		})
		require.NoError(t, err, c.name)
	}
	_, err := other.SyncRecords(with, study.Key(), cache.SyncOptions{})
	require.NoError(t, err, "the hold was not given back")
	_, err = other.SyncRecords(without, study.Key(), cache.SyncOptions{})
	require.NoError(t, err, "the hold was not given back")
}

// TestTwoRunsUnderOneLeaseExcludeEachOther has them in one process, where a lease is.
func TestTwoRunsUnderOneLeaseExcludeEachOther(t *testing.T) {
	url := postgrestest.URL(t)
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	db := open(t, url)
	lease, err := db.Acquire(t.Context(), postgres.StudyLease(study.Key()), "worker", term)
	require.NoError(t, err)
	server := imednettest.NewServer(study)
	l, err := db.Mirror(t.Context(), server.Client(), cache.WithLockTimeout(time.Millisecond))
	require.NoError(t, err)
	done := false
	server.OnRequest(func(imednettest.Request) {
		if done {
			return
		}
		done = true
		_, err := l.SyncRecords(lease.Context(t.Context()), study.Key(), cache.SyncOptions{})
		require.ErrorIs(t, err, cache.ErrSyncRunning)
	})
	_, err = l.SyncRecords(lease.Context(t.Context()), study.Key(), cache.SyncOptions{})
	require.NoError(t, err)
}
