package profiles

import (
	"math/bits"

	"github.com/imednetgo/imednet/internal/crowd"
	"github.com/imednetgo/imednet/internal/quantiles"
)

// DefaultGroupSize is the default of [Options.GroupSize].
const DefaultGroupSize = crowd.DefaultSize

// fewSeen counts distinct subjects from below in a few bytes: as many as bits are set are certain.
type fewSeen [2]uint64

func (s *fewSeen) add(subject int64) {
	h := uint64(subject) * 0x9e3779b97f4a7c15
	h ^= h >> 29
	bit := h * 0xbf58476d1ce4e5b9 >> 57
	s[bit/64] |= 1 << (bit % 64)
}

func (s *fewSeen) atLeast(n int) bool {
	return bits.OnesCount64(s[0])+bits.OnesCount64(s[1]) >= n
}

// groupedBins counts a distribution between bounds by edges; what lies beyond the outer edges counts
// to the outer bars, and bars of fewer answers than a group are joined with the next.
func groupedBins(d *quantiles.Distribution, edges []float64, size int64) []Bin {
	var bins []Bin
	below := int64(0)
	from := edges[0]
	for i := 1; i < len(edges); i++ {
		upTo := d.Count()
		if i < len(edges)-1 {
			upTo = max(d.Below(edges[i]), below)
		}
		if upTo-below >= size || i == len(edges)-1 {
			bins = append(bins, Bin{from, edges[i], upTo - below})
			below, from = upTo, edges[i]
		}
	}
	if n := len(bins); n > 1 && bins[n-1].Count < size {
		bins[n-2].To, bins[n-2].Count = bins[n-1].To, bins[n-2].Count+bins[n-1].Count
		bins = bins[:n-1]
	}
	return bins
}
