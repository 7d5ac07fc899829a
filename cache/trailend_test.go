package cache

import (
	"context"
	"iter"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet"
)

// trail is the audit trail of a server that counts how often it is asked.
type trail struct {
	Client
	ids   []int64
	asked int
	grow  func(*trail)
}

func (c *trail) after(opts imednet.Filter) []int64 {
	c.asked++
	if c.grow != nil {
		c.grow(c)
	}
	bound := int64(0)
	for _, condition := range opts.Conditions() {
		bound = condition.Value.(int64)
	}
	i, _ := slices.BinarySearch(c.ids, bound+1)
	return c.ids[i:]
}

func (c *trail) RecordRevisions(_ context.Context, _ string, opts imednet.ListOptions) iter.Seq2[imednet.RecordRevision, error] {
	return func(yield func(imednet.RecordRevision, error) bool) {
		for _, id := range c.after(opts.Filter) {
			if !yield(imednet.RecordRevision{RecordRevisionID: id}, nil) {
				return
			}
		}
	}
}

// countingTrail can also be asked how many revisions there are.
type countingTrail struct{ *trail }

func (c countingTrail) ProbeRows(_ context.Context, _ string, _ imednet.Resource, f imednet.Filter) (imednet.Probe, error) {
	return imednet.Probe{Total: int64(len(c.after(f)))}, nil
}

// rising returns ids with the distances that step gives.
func rising(n int, step func(i int) int64) []int64 {
	ids := make([]int64, n)
	at := int64(500_000)
	for i := range ids {
		at += step(i)
		ids[i] = at
	}
	return ids
}

func TestTheEndOfTheAuditTrailIsFound(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	every := func(n int64) func(int) int64 { return func(int) int64 { return n } }
	after := func(at int, first, then int64) func(int) int64 {
		return func(i int) int64 {
			if i < at {
				return first
			}
			return then
		}
	}
	shapes := map[string]struct {
		ids  []int64
		most int // requests of a client that counts
	}{
		"none":          {nil, 1},
		"one":           {rising(1, every(1)), 1},
		"499":           {rising(499, every(1)), 1},
		"500":           {rising(500, every(1)), 3},
		"501":           {rising(501, every(1)), 3},
		"dense":         {rising(1_000_000, every(1)), 3},
		"even":          {rising(1_000_000, func(i int) int64 { return 1 + int64(i%30/29) }), 6},
		"random":        {rising(1_000_000, func(int) int64 { return 1 + rnd.Int64N(20) }), 9},
		"sparse later":  {rising(200_000, after(100_000, 1, 1000)), 32},
		"dense later":   {rising(200_000, after(100_000, 1000, 1)), 32},
		"one far away":  {rising(200_000, after(199_999, 1, 1<<40)), 80},
		"far away":      {rising(200_000, after(1, 1<<40, 1)), 80},
		"denser":        {rising(200_000, func(i int) int64 { return 1 + int64(200_000-i)/1000 }), 24},
		"full of holes": {rising(200_000, func(int) int64 { return 1 + rnd.Int64N(3)*rnd.Int64N(1000) }), 12},
	}
	for name, shape := range shapes {
		for _, counts := range []bool{true, false} {
			c := &trail{ids: shape.ids}
			var client Client = c
			if counts {
				client = countingTrail{c}
			}
			r := &run{server: newServer(client, "S", 0)}
			got, err := r.newestRevisions(t.Context())
			require.NoError(t, err, name)
			require.Equal(t, wholePosition(shape.ids), got, name)
			t.Logf("%s, counts %v: %d requests", name, counts, c.asked)
			if !counts {
				shape.most = 4 + 4*bits.Len64(uint64(len(shape.ids)))
				if n := len(shape.ids); n > 0 {
					shape.most = 4 + 2*bits.Len64(uint64(shape.ids[n-1]))
				}
			}
			require.LessOrEqual(t, c.asked, shape.most, "%s, counts %v", name, counts)
		}
	}
}

// wholePosition is the position after these ids, of which all are known.
func wholePosition(ids []int64) position {
	if len(ids) == 0 {
		return position{}
	}
	first, _ := slices.BinarySearch(ids, ids[len(ids)-1]-revisionWindow+1)
	return newPosition(ids[first:])
}

// Whatever is written while the end is looked for: the position is one that the trail had meanwhile, and has
// every revision of its window that was there from the beginning.
func TestTheEndOfAGrowingAuditTrailIsFound(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		gap := 1 + rnd.Int64N(30)
		c := &trail{ids: rising(rnd.IntN(5000), func(int) int64 { return 1 + rnd.Int64N(gap) })}
		before := slices.Clone(c.ids)
		c.grow = func(c *trail) {
			last := int64(500_000)
			if n := len(c.ids); n > 0 {
				last = c.ids[n-1]
			}
			for range rnd.IntN(100) {
				last += 1 + rnd.Int64N(gap)
				c.ids = append(c.ids, last)
			}
		}
		got, err := (&run{server: newServer(countingTrail{c}, "S", 0)}).newestRevisions(t.Context())
		require.NoError(t, err)
		require.Less(t, c.asked, 60)
		if len(before) == 0 && got.revision == 0 {
			continue
		}
		require.True(t, slices.Contains(c.ids, got.revision), "schedule %d", seed)
		if n := len(before); n > 0 {
			require.GreaterOrEqual(t, got.revision, before[n-1])
		}
		for _, id := range before {
			require.True(t, got.has(id), "schedule %d: %d", seed, id)
		}
	}
}
