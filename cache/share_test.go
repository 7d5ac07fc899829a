package cache_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/childtest"
)

// TestManyGoroutinesAndProcesses lets eight goroutines and three processes sync and read one file:
// no lock gives up, no reading is torn.
func TestManyGoroutinesAndProcesses(t *testing.T) {
	rounds := 4
	if long() {
		rounds = 60
	}
	options := imednettest.GenerateOptions{StudyKey: "SHARED", Records: 1500}
	shared := imednettest.Generate(options)
	moving := imednettest.Generate(imednettest.GenerateOptions{StudyKey: "MOVING", Records: 1500})
	server := imednettest.NewServer(shared, moving)
	path := filepath.Join(t.TempDir(), "mirror.sqlite3")
	l := openAt(t, server.Client(), path, cache.WithBatchRows(100))
	sync(t, l, "SHARED")
	sync(t, l, "MOVING")

	group, ctx := errgroup.WithContext(t.Context())
	for _, key := range []string{"SHARED", "OTHER1", "OTHER2"} {
		task := childTask{Path: path, Study: imednettest.GenerateOptions{StudyKey: key, Records: 1500}, Sweep: true, Repeat: rounds, Batches: 100}
		group.Go(childtest.Start(t, task).Wait)
	}
	m := cachetest.NewMeddler(t, moving, 5, 50*rounds)
	for i := range 8 {
		group.Go(func() error {
			for range rounds {
				if err := shareOnce(ctx, i, l, shared, m); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	sync(t, l, "MOVING")
	requireEqual(t, moving, l)
	requireEqual(t, shared, l)
	for _, key := range []string{"OTHER1", "OTHER2"} {
		requireEqual(t, imednettest.Generate(imednettest.GenerateOptions{StudyKey: key, Records: 1500}), l)
	}
}

// shareOnce is one round of one goroutine: some sync, some read.
func shareOnce(ctx context.Context, i int, l *cache.CachedRecordsLoader, shared *imednettest.Study, m *cachetest.Meddler) error {
	switch i {
	case 0:
		for range 50 {
			m.Meddle()
		}
		_, err := l.SyncRecords(ctx, "MOVING", cache.SyncOptions{})
		return err
	case 1, 2:
		_, err := l.SyncRecords(ctx, "SHARED", cache.SyncOptions{})
		return err
	case 3, 4:
		_, err := l.Status(ctx, "MOVING")
		return errors.Join(err, ascending(ctx, l, "MOVING"))
	}
	ids := shared.RecordIDs()
	n := 0
	for rec, err := range l.Records(ctx, "SHARED", imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		want, _ := shared.Record(ids[n])
		if n++; rec.RecordID != want.RecordID || !bytes.Equal(rec.Raw, want.Raw) {
			return errors.New("torn read")
		}
	}
	if n != len(ids) {
		return errors.New("torn listing")
	}
	return nil
}

func ascending(ctx context.Context, l *cache.CachedRecordsLoader, study string) error {
	var last int64
	for rec, err := range l.IterCachedRecords(ctx, study) {
		if err != nil {
			return err
		}
		if rec.RecordID <= last {
			return errors.New("ids do not rise")
		}
		last = rec.RecordID
	}
	return nil
}

func TestOneRunOfAStudyAtATime(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 100})
	server := imednettest.NewServer(study)
	path := filepath.Join(t.TempDir(), "mirror.sqlite3")
	first := openAt(t, server.Client(), path)
	second := openAt(t, imednettest.NewServer(study).Client(), path, cache.WithLockTimeout(0))
	var inside error
	attempt := func(other *cache.CachedRecordsLoader) {
		server.OnRequest(func(imednettest.Request) {
			server.OnRequest(nil)
			_, inside = other.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
		})
		sync(t, first, study.Key())
	}
	attempt(second)
	require.ErrorIs(t, inside, cache.ErrSyncRunning)
	sync(t, second, study.Key())

	clock := imednettest.NewClock(study.Now())
	attempt(openAt(t, imednettest.NewServer(study).Client(), path, cache.WithClock(clock), cache.WithLockTimeout(7*time.Second)))
	require.ErrorIs(t, inside, cache.ErrSyncRunning)
	require.Equal(t, 7*time.Second, clock.Now().Sub(study.Now()))
}
