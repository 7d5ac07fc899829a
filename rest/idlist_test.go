package rest

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestIDListHoldsWhatAnOrdinaryListHolds at every place and for every id near one.
func TestIDListHoldsWhatAnOrdinaryListHolds(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		var l idList
		var want []int64
		id := r.Int64N(5) - 2
		if seed%10 == 0 {
			id = math.MinInt64
		}
		for range r.IntN(3 * blockRows) {
			step := int64(1)
			if r.IntN(4) == 0 {
				step += r.Int64N(int64(1) << r.IntN(55))
			}
			if id > math.MaxInt64-step {
				break
			}
			id += step
			l.add(id)
			want = append(want, id)
		}
		require.Equal(t, len(want), l.rows)
		for i, id := range want {
			require.Equal(t, id, l.at(i))
			for _, near := range []int64{id - 1, id, id + 1} {
				_, found := slices.BinarySearch(want, near)
				require.Equal(t, found, l.has(near), "%d", near)
			}
		}
		require.False(t, (&idList{}).has(0))
	}
}

// TestIDListIsSmall holds a million dense ids in little more than a byte each.
func TestIDListIsSmall(t *testing.T) {
	var l idList
	for id := range int64(1_000_000) {
		l.add(3 * id)
	}
	bytes := 40 * cap(l.blocks)
	for _, b := range l.blocks {
		bytes += cap(b.steps)
	}
	require.Less(t, bytes, 1_300_000)
}
