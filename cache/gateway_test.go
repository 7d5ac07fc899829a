package cache_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/imednettest"
)

// cuttingClient stands behind a gateway that lets no page of more than so many records pass: a
// client that shrinks its pages answers with fewer rows than it was asked for.
type cuttingClient struct {
	*imednettest.Client
	most int
}

func (c *cuttingClient) RecordPage(ctx context.Context, study string, f imednet.Filter, size int) (imednet.RecordPage, error) {
	return c.Client.RecordPage(ctx, study, f, min(size, c.most))
}

func TestPagesSmallerThanAskedForAreTaken(t *testing.T) {
	for _, most := range []int{499, 250, 7, 1}[:sized(3, 4)] {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 2300})
		client := &cuttingClient{imednettest.NewServer(study).Client(), 500}
		l := open(t, client)
		sync(t, l, study.Key())

		client.most = most
		ids := study.RecordIDs()
		for _, i := range []int{3, 4, 700, 701, 1500, 2290} {
			require.NoError(t, study.RemoveRecord(ids[i]))
		}
		for _, i := range []int{10, 20, 2200} {
			require.NoError(t, study.DeleteRecord(ids[i], false))
		}
		for range 600 {
			study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
		}
		r := sync(t, l, study.Key())
		require.EqualValues(t, 6, r.Vanished)
		require.EqualValues(t, 600, r.Added)
		requireEqual(t, study, l)

		fresh := open(t, client)
		sync(t, fresh, study.Key())
		requireEqual(t, study, fresh)
	}
}

func TestPageSizeReachesEveryLeg(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1300})
	server := imednettest.NewServer(study)
	l := open(t, server.Client(), cache.WithPageSize(100))
	sync(t, l, study.Key())
	ids := study.RecordIDs()
	for _, i := range []int{3, 4, 700, 1201} {
		require.NoError(t, study.RemoveRecord(ids[i]))
		require.NoError(t, study.DeleteRecord(ids[i+10], false))
	}
	study.InsertRecord(imednet.Record{FormKey: imednet.Some("AE")})
	sync(t, l, study.Key())
	_, err := l.ReconcileCache(t.Context(), study.Key(), cache.SyncOptions{})
	require.NoError(t, err)
	_, err = l.SyncStructure(t.Context(), study.Key(), cache.SyncOptions{})
	require.NoError(t, err)
	_, err = l.Verify(t.Context(), study.Key())
	require.NoError(t, err)
	requireEqual(t, study, l)
	for _, r := range server.Requests() {
		size, err := strconv.Atoi(r.Query.Get("size"))
		require.NoError(t, err)
		require.LessOrEqual(t, size, 100, r.Path)
	}
}

// TestBulkChangeIsReadOnce stamps a whole study within one second. Later quiet runs cost what quiet
// runs cost.
func TestBulkChangeIsReadOnce(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 2600})
	server := imednettest.NewServer(study)
	l := open(t, server.Client())
	sync(t, l, study.Key())
	study.SetTime(study.Now().Add(24 * time.Hour))
	for _, id := range study.RecordIDs() {
		require.NoError(t, study.EditRecord(id, "BULK", 1))
	}
	for range 3 {
		study.SetTime(study.Now().Add(time.Hour))
		sync(t, l, study.Key())
	}
	requireEqual(t, study, l)
	before := fingerprint(t, l.Path())
	for range 3 {
		study.SetTime(study.Now().Add(time.Hour))
		server.ResetRequests()
		sync(t, l, study.Key())
		require.LessOrEqual(t, len(server.Requests()), 6)
	}
	require.Equal(t, before, fingerprint(t, l.Path()), "a quiet run wrote")

	// What changes then is found, whatever it moves.
	ids := study.RecordIDs()
	require.NoError(t, study.EditRecord(ids[7], "X", 2))
	require.NoError(t, study.DeleteRecord(ids[8], false))
	sync(t, l, study.Key())
	requireEqual(t, study, l)
}

func TestADateAheadOfTheServersClockWritesNothing(t *testing.T) {
	c := newTable(t, 700)
	c.set(t, 500, "ahead", false, c.now.Add(90*24*time.Hour))
	l := open(t, c)
	sync(t, l, "S")
	before := fingerprint(t, l.Path())
	for range 3 {
		c.now = c.now.Add(time.Hour)
		c.requests = 0
		r := sync(t, l, "S")
		require.False(t, r.Changed)
		require.LessOrEqual(t, c.requests, 6)
		require.Equal(t, before, fingerprint(t, l.Path()), "a quiet run wrote")
	}
	// The mark moves on with what changes.
	c.set(t, 510, "v2", false, c.now)
	sync(t, l, "S")
	requireTable(t, c, l)
	require.Equal(t, c.now, mustStatus(t, l, "S").Mark)
}

// TestABulkAheadOfTheServersClockWritesNothing: of more rows than a page, until the clock has passed them.
func TestABulkAheadOfTheServersClockWritesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("a large study")
	}
	study := imednettest.Generate(imednettest.GenerateOptions{Records: recordsForMany(imednet.Queries)})
	client := &filteredClient{Client: imednettest.NewServer(study).Client(), rewritten: map[int64]string{}}
	l := open(t, client)
	bulk := cache.SyncOptions{Resources: []imednet.Resource{imednet.Queries}}
	syncStudy(t, l, study.Key(), bulk)
	ahead := study.Now().Add(240 * time.Hour)
	require.NoError(t, study.StampRecords(study.RecordIDs()[:900], ahead))
	for q, err := range client.Client.Queries(t.Context(), study.Key(), imednet.ListOptions{}) {
		require.NoError(t, err)
		if client.rewritten[q.AnnotationID] = "bulk"; len(client.rewritten) == 900 {
			break
		}
	}
	client.renewed = ahead
	run := func(after time.Duration) string {
		study.Advance(after)
		syncStudy(t, l, study.Key(), bulk)
		return fingerprint(t, l.Path())
	}
	first := run(time.Hour)
	for range 3 {
		require.Equal(t, first, run(time.Hour), "a quiet run wrote")
	}
	run(240 * time.Hour)
	passed := run(time.Hour)
	require.Equal(t, passed, run(time.Hour), "a quiet run wrote after the clock had passed them")
	r := syncStudy(t, l, study.Key(), bulk)
	require.Less(t, r.Records.Received, int64(600))
	require.Equal(t, rowsOf(t, client, study.Key(), imednet.Queries), rowsOf(t, l.Client(), study.Key(), imednet.Queries))
	requireEqual(t, study, l)
}

func mustStatus(t *testing.T, l *cache.CachedRecordsLoader, study string) cache.Status {
	status, err := l.Status(t.Context(), study)
	require.NoError(t, err)
	return status
}
