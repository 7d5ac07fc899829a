package workflows

import (
	"math"
	"strings"
)

const histogramBins = 24

func describeNumbers(d *distribution) *NumberProfile {
	q := d.quantiles([]float64{0.05, 0.25, 0.5, 0.75, 0.95})
	return &NumberProfile{
		Count: d.count, Min: d.min, Max: d.max, Mean: d.mean, StdDev: d.deviation(),
		P05: q[0], P25: q[1], Median: q[2], P75: q[3], P95: q[4], Approximate: d.approximate(), Histogram: histogram(d),
	}
}

func (t *fieldTally) describeDates() *DateProfile {
	return &DateProfile{
		Count: t.dates.count, Earliest: t.first.text, Latest: t.last.text, Precision: t.precision,
		Approximate: t.dates.approximate(), Histogram: histogram(t.dates),
	}
}

// histogram has a bar for each number while they are few, else bars of equal width.
func histogram(d *distribution) []Bin {
	if !d.approximate() && len(d.values) <= histogramBins {
		bins := make([]Bin, 0, len(d.values))
		for _, v := range d.sorted() {
			bins = append(bins, Bin{v, v, d.values[v]})
		}
		return bins
	}
	width := (d.max - d.min) / histogramBins
	if width <= 0 || math.IsInf(width, 0) {
		return []Bin{{d.min, d.max, d.count}}
	}
	bins := make([]Bin, histogramBins)
	below := int64(0)
	for i := range bins {
		bins[i].From, bins[i].To = d.min+float64(i)*width, d.min+float64(i+1)*width
		upTo := d.count
		if i < histogramBins-1 {
			upTo = max(d.below(bins[i].To), below)
		}
		bins[i].Count = upTo - below
		below = upTo
	}
	bins[histogramBins-1].To = d.max
	return bins
}

// The rules of an observed codelist.
const (
	codelistShare = 0.005 // of the answers, from which on an answer is listed
	codelistTwice = 2     // times that it must occur
	codelistFew   = 20    // answers, below which all are listed
)

func observedCodelist(list []keyedValue, populated int64, show bool) *CodelistProfile {
	p := &CodelistProfile{}
	listed := map[string]bool{}
	needed := max(codelistTwice, int64(math.Ceil(codelistShare*float64(populated))))
	if populated < codelistFew {
		needed = 1
	}
	var outside []keyedValue
	for _, v := range list {
		if v.count < needed {
			outside = append(outside, v)
			continue
		}
		p.Values++
		listed[foldedValue(v.text)] = true
		if show {
			p.List = append(p.List, ValueCount{Value: v.text, Count: v.count})
		}
	}
	for _, v := range outside {
		p.Outside++
		p.OutsideRecords += v.count
		if listed[foldedValue(v.text)] {
			p.Variants++
		}
		if show {
			p.OutsideList = append(p.OutsideList, ValueCount{Value: v.text, Count: v.count})
		}
	}
	p.List = firstValues(p.List, len(p.List))
	p.OutsideList = firstValues(p.OutsideList, len(p.OutsideList))
	return p
}

func foldedValue(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(text), " "))
}
