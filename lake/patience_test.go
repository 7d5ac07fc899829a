package lake_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/internal/postgrestest"
	"github.com/imednetgo/imednet/lake"
)

// upkeep is a sync, a tag, a compaction and an expiry.
func (w *world) upkeep(ctx context.Context, tag string) error {
	study := w.study.Key()
	if _, err := w.lake.Sync(ctx, study, lake.SyncOptions{}); err != nil {
		return err
	}
	if _, err := w.lake.Tag(ctx, study, tag, 0); err != nil {
		return err
	}
	_, err := w.lake.Maintain(ctx, study, lake.MaintainPolicy{
		Compact: lake.CompactPolicy{MinFiles: 2, MaxManifests: 1}, Expire: lake.ExpirePolicy{Keep: time.Nanosecond},
	}, time.Now().Add(time.Second))
	return err
}

// sequence are the numbers of commits that the tables of the newest moment have had.
func (w *world) sequence(list *lake.Listing) (numbers map[string]int64) {
	numbers = map[string]int64{}
	for _, t := range list.Tables {
		tbl, err := w.lake.Table(w.t.Context(), w.study.Key(), t.Table)
		require.NoError(w.t, err)
		numbers[t.Table] = tbl.Metadata().LastSequenceNumber()
	}
	return numbers
}

// TestALostCatalogIsWaitedOut cuts the connection to the catalog before messages of its server, while a lake is synced,
// tagged, compacted and expired. Nobody sees an error, every table is what the mirror says, and no commit is made
// twice: tables have as many snapshots as those of a lake whose connection was never cut.
func TestALostCatalogIsWaitedOut(t *testing.T) {
	every := int64(131)
	if long() {
		every = 1
	}
	c := postgrestest.NewCutter()
	w := worldOf(t, imednettest.Generate(imednettest.GenerateOptions{Records: 40}), postgrestest.Way(t, postgrestest.URL(t), c.Pass))
	calm := &world{t: t, study: w.study, mirror: w.mirror, catalog: postgrestest.URL(t), warehouse: t.TempDir()}
	calm.lake, calm.cat = calm.open()
	cuts := int64(0)
	for n := int64(1); c.Cuts() == cuts; n += every {
		w.meddle(3)
		w.pull()
		c.At(n)
		require.NoError(t, w.upkeep(t.Context(), fmt.Sprint(n)), "message %d", n)
		cuts++
		c.At(postgrestest.Never)
		require.NoError(t, calm.upkeep(t.Context(), fmt.Sprint(n)))
		list := w.requireEqual(nil)
		require.Equal(t, calm.sequence(calm.requireEqual(nil)), w.sequence(list), "message %d", n)
		if c.Cuts() < cuts {
			break
		}
	}
	t.Logf("%d cuts", c.Cuts())
	require.Greater(t, c.Cuts(), int64(5))
}

// TestARestartedCatalogIsWaitedOut restarts the server, as if it had crashed, while lakes are written.
func TestARestartedCatalogIsWaitedOut(t *testing.T) {
	server, url := postgrestest.Start(t)
	w := worldOf(t, imednettest.Generate(imednettest.GenerateOptions{Records: 60}), url)
	for i := range 3 {
		w.meddle(5)
		w.pull()
		done := make(chan error)
		go func() { done <- w.upkeep(t.Context(), fmt.Sprint(i)) }()
		server.Restart(t)
		require.NoError(t, <-done)
		w.requireEqual(nil)
	}
}

// TestACatalogThatStaysAway is an error that says so, and nothing is written; whoever begins then fails at once unless
// told to wait.
func TestACatalogThatStaysAway(t *testing.T) {
	const nobody = "postgres://lake@127.0.0.1:1/lake"
	open := func(opts lake.CatalogOptions) error {
		opts.Warehouse = t.TempDir()
		_, _, err := lake.OpenCatalog(t.Context(), nobody, opts)
		return err
	}
	start := time.Now()
	require.ErrorIs(t, open(lake.CatalogOptions{Wait: time.Hour}), lake.ErrUnreachable)
	require.Less(t, time.Since(start), time.Minute)
	var told []error
	err := open(lake.CatalogOptions{Wait: 50 * time.Millisecond, WaitToOpen: func(problem error) { told = append(told, problem) }})
	require.ErrorIs(t, err, lake.ErrUnreachable)
	require.True(t, imednet.Retryable(err))
	require.Len(t, told, 1)
	require.Error(t, open(lake.CatalogOptions{Wait: -1}))
}

// TestALateCatalogIsWaitedFor if whoever opens it asks for that.
func TestALateCatalogIsWaitedFor(t *testing.T) {
	url, arrive := postgrestest.Late(t, postgrestest.URL(t))
	told := 0
	_, closeCatalog, err := lake.OpenCatalog(t.Context(), url, lake.CatalogOptions{Warehouse: t.TempDir(), WaitToOpen: func(error) { told++; arrive() }})
	require.NoError(t, err)
	require.NoError(t, closeCatalog())
	require.Equal(t, 1, told)
}

// TestACatalogThatSaysNothingIsNotWaitedForLonger than any other that is away: it takes connections and is silent.
func TestACatalogThatSaysNothingIsNotWaitedForLonger(t *testing.T) {
	began := time.Now()
	_, _, err := lake.OpenCatalog(t.Context(), postgrestest.Silent(t), lake.CatalogOptions{Warehouse: t.TempDir(), Wait: 50 * time.Millisecond, WaitToOpen: func(error) {}})
	require.ErrorIs(t, err, lake.ErrUnreachable)
	require.Less(t, time.Since(began), 20*time.Second)
}
