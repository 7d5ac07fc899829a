package profiles

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// topValues follows the most frequent texts of an endless stream in bounded memory (Misra and
// Gries). Its counts are lower bounds: whenever too many texts are held, all counts fall by the
// median and texts that reach zero are forgotten.
type topValues struct {
	limit  int
	counts map[string]int64
	lost   int64 // by how much any count may be too low
}

func newTopValues(limit int) *topValues {
	return &topValues{limit: limit, counts: map[string]int64{}}
}

func (t *topValues) add(text string, n int64) {
	t.counts[text] += n
	if len(t.counts) <= 2*t.limit {
		return
	}
	all := slices.Sorted(maps.Values(t.counts))
	fall := all[len(all)-1-t.limit]
	t.lost += fall
	for text, count := range t.counts {
		if count <= fall {
			delete(t.counts, text)
		} else {
			t.counts[text] = count - fall
		}
	}
}

// list returns the texts that are certain to be frequent, most frequent first: those whose count
// exceeds what may have been lost.
func (t *topValues) list(n int) []ValueCount {
	var all []ValueCount
	for text, count := range t.counts {
		if count > t.lost {
			all = append(all, ValueCount{Value: text, Count: count, AtLeast: true})
		}
	}
	return firstValues(all, n)
}

// firstValues orders by count, most frequent first, and by text.
func firstValues(all []ValueCount, n int) []ValueCount {
	slices.SortFunc(all, func(a, b ValueCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return all[:min(n, len(all))]
}
