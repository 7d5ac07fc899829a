package versioning

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCommonElementsAreAsManyAsCanBe against every subsequence of short lists.
func TestCommonElementsAreAsManyAsCanBe(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	list := func() []any {
		out := make([]any, random.IntN(8))
		for i := range out {
			out[i] = quoted(string(rune('a' + random.IntN(3))))
		}
		return out
	}
	for range 2000 {
		a, b := list(), list()
		x, y := texts(a), texts(b)
		pairs := commonElements(a, b)
		require.Len(t, pairs, longestBySearch(x, y), "%v %v", x, y)
		last := [2]int{-1, -1}
		for _, p := range pairs {
			require.Greater(t, p[0], last[0])
			require.Greater(t, p[1], last[1])
			require.Equal(t, x[p[0]], y[p[1]])
			last = p
		}
	}
}

// longestBySearch tries for every element both to leave it out and to pair it.
func longestBySearch(x, y []string) int {
	if len(x) == 0 {
		return 0
	}
	best := longestBySearch(x[1:], y)
	for j := range y {
		if y[j] == x[0] {
			best = max(best, 1+longestBySearch(x[1:], y[j+1:]))
		}
	}
	return best
}
