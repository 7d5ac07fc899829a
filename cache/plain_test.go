package cache_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/cache/cachetest"
	"github.com/imednetgo/imednet/imednettest"
)

// plainClient hides the optional abilities of a client.
type plainClient struct{ c *imednettest.Client }

func (p plainClient) Records(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.Record, error] {
	return p.c.Records(ctx, study, opts)
}

func (p plainClient) RecordRevisions(ctx context.Context, study string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return p.c.RecordRevisions(ctx, study, opts)
}

// probingClient can count, but not read a page and count in one request.
type probingClient struct{ plainClient }

func (p probingClient) ProbeRecords(ctx context.Context, study string, f imednet.Filter) (imednet.Probe, error) {
	return p.c.ProbeRecords(ctx, study, f)
}

// TestClientsWithoutOptionalAbilities lets the mirror follow a study by the least of clients.
func TestClientsWithoutOptionalAbilities(t *testing.T) {
	for name, wrap := range map[string]func(*imednettest.Client) cache.Client{
		"plain":   func(c *imednettest.Client) cache.Client { return plainClient{c} },
		"probing": func(c *imednettest.Client) cache.Client { return probingClient{plainClient{c}} },
	} {
		t.Run(name, func(t *testing.T) {
			study := imednettest.Generate(imednettest.GenerateOptions{Records: 1800})
			l := open(t, wrap(imednettest.NewServer(study).Client()))
			for seed := range 5 {
				m := cachetest.NewMeddler(t, study, uint64(seed), 40)
				for m.Left > 0 {
					m.Meddle()
				}
				sync(t, l, study.Key())
				requireEqual(t, study, l)
			}
			r := sync(t, l, study.Key())
			require.False(t, r.Changed)
			require.Equal(t, name == "plain", r.AsOf.IsZero())

			ids := study.RecordIDs()
			require.NoError(t, study.RemoveRecord(ids[3]))
			r = sync(t, l, study.Key())
			require.EqualValues(t, 1, r.Vanished)
			removeAll(t, study, 0)
			var mass *cache.MassDeletionError
			_, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{AllowMassDeletion: true})
			require.ErrorAs(t, err, &mass)
		})
	}
}

// TestFaultsOnTheWay breaks one request after the other: what arrived is kept, no mark moves, and
// the run after the last fault ends equal to the server.
func TestFaultsOnTheWay(t *testing.T) {
	faults := []imednettest.Fault{
		{Status: 500}, {Status: 429}, {Reset: true}, {Truncate: true}, {Malformed: true}, {OmitData: true}, {RepeatRow: true}, {CutRows: 1},
	}
	for _, fault := range faults {
		study := imednettest.Generate(imednettest.GenerateOptions{Records: 1200})
		server := imednettest.NewServer(study)
		l := open(t, server.Client(), cache.WithBatchRows(300))
		failures := 0
		for skip := 0; ; skip++ {
			fault.Skip = skip
			server.Inject(fault)
			before, err := l.Status(t.Context(), study.Key())
			require.NoError(t, err)
			r, err := l.SyncRecords(t.Context(), study.Key(), cache.SyncOptions{})
			requireBalanced(t, r)
			server.ClearFaults()
			if err == nil && r.Rounds == 0 {
				break
			}
			if err != nil {
				failures++
				after, err := l.Status(t.Context(), study.Key())
				require.NoError(t, err)
				require.Equal(t, before.Whole, after.Whole)
			}
			require.Less(t, skip, 40)
		}
		require.Positive(t, failures)
		requireEqual(t, study, l)
	}
}

func TestContextEndsARun(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1200})
	server := imednettest.NewServer(study)
	l := open(t, server.Client(), cache.WithBatchRows(100))
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("shutting down")
	n := 0
	server.OnRequest(func(imednettest.Request) {
		if n++; n == 9 {
			cancel(why)
		}
	})
	r, err := l.SyncRecords(ctx, study.Key(), cache.SyncOptions{})
	require.ErrorIs(t, err, why)
	require.Positive(t, r.Added)
	server.OnRequest(nil)
	r = sync(t, l, study.Key())
	require.True(t, r.Resumed)
	requireEqual(t, study, l)
}

func TestProgressRises(t *testing.T) {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 1200})
	var seen []imednet.Progress
	l := open(t, imednettest.NewServer(study).Client(), cache.WithBatchRows(100), cache.WithProgress(func(p imednet.Progress) { seen = append(seen, p) }))
	sync(t, l, study.Key())
	require.Greater(t, len(seen), 10)
	for i, p := range seen {
		require.Equal(t, "sync", p.Op)
		require.LessOrEqual(t, p.Done, p.Total)
		require.True(t, i == 0 || p.Done >= seen[i-1].Done)
	}
}
