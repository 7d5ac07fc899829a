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
	bit := hash(subject) >> 57
	s[bit/64] |= 1 << (bit % 64)
}

func hash(subject int64) uint64 {
	h := uint64(subject) * 0x9e3779b97f4a7c15
	h ^= h >> 29
	return h * 0xbf58476d1ce4e5b9
}

func (s *fewSeen) atLeast(n int) bool { return s.count() >= n }

// join adds the subjects of another count, each once.
func (s *fewSeen) join(other fewSeen) {
	s[0], s[1] = s[0]|other[0], s[1]|other[1]
}

// count is how many subjects there are at least.
func (s *fewSeen) count() int { return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) }

// mostRecords bounds the number of records of any one subject of a form from above. It is exact for the
// first subjects; of those beyond, some are counted together, so that its memory is bounded.
type mostRecords struct {
	first, others map[int64]int64
	most          int64
}

// countedExactly is the number of subjects that mostRecords tells apart.
const countedExactly = 1024

func (m *mostRecords) add(subject int64) {
	if m.first == nil {
		m.first, m.others = map[int64]int64{}, map[int64]int64{}
	}
	counts, at := m.first, subject
	if counts[at] == 0 && len(counts) == countedExactly {
		counts, at = m.others, int64(hash(subject)%countedExactly)
	}
	counts[at]++
	m.most = max(m.most, counts[at])
}

// groupedBins counts a distribution between bounds by edges; what lies beyond the outer edges counts
// to the outer bars, and bars of fewer answers than size are joined with the next.
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
