package workflows

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

const histogramBins = 24

func describeNumbers(d *distribution, whole bool) *NumberProfile {
	q := d.quantiles([]float64{0.05, 0.25, 0.5, 0.75, 0.95})
	return &NumberProfile{
		Count: d.count, Min: d.min, Max: d.max, Mean: d.mean, StdDev: d.deviation(),
		P05: q[0], P25: q[1], Median: q[2], P75: q[3], P95: q[4], Approximate: d.approximate(), Histogram: histogram(d, whole),
	}
}

func (t *fieldTally) describeDates() *DateProfile {
	whole := t.precision.Hour+t.precision.Minute+t.precision.Second == 0
	return &DateProfile{
		Count: t.dates.count, Earliest: t.first.text, Latest: t.last.text, Precision: t.precision,
		Approximate: t.dates.approximate(), Histogram: histogram(t.dates, whole),
	}
}

// histogram has a bar for each number while they are few, else bars of equal width. Bars of whole
// numbers are whole numbers wide, so that each holds as many of them.
func histogram(d *distribution, whole bool) []Bin {
	if !d.approximate() && len(d.values) <= histogramBins {
		bins := make([]Bin, 0, len(d.values))
		for _, v := range d.sorted() {
			bins = append(bins, Bin{v, v, d.values[v]})
		}
		return bins
	}
	width, n := (d.max-d.min)/histogramBins, histogramBins
	if whole {
		width = math.Ceil((d.max - d.min + 1) / histogramBins)
		n = int((d.max-d.min)/width) + 1
	}
	if width <= 0 || math.IsInf(width, 0) {
		return []Bin{{d.min, d.max, d.count}}
	}
	bins := make([]Bin, n)
	below := int64(0)
	for i := range bins {
		bins[i].From, bins[i].To = d.min+float64(i)*width, d.min+float64(i+1)*width
		upTo := d.count
		if i < n-1 {
			upTo = max(d.below(bins[i].To), below)
		}
		bins[i].Count = upTo - below
		below = upTo
	}
	return bins
}

// codelistFew is the number of answers below which every answer is in the observed codelist.
const codelistFew = 20

// observedCodelist takes an answer as listed when it occurs twice, unless it is another spelling
// of a more frequent one.
func observedCodelist(list []keyedValue, populated int64, show bool) *CodelistProfile {
	p := &CodelistProfile{}
	byCount := slices.Clone(list)
	slices.SortStableFunc(byCount, func(a, b keyedValue) int { return cmp.Compare(b.count, a.count) })
	listed := map[string]bool{}
	for _, v := range byCount {
		fold := foldedValue(v.text)
		variant, single := listed[fold], v.count == 1 && populated >= codelistFew
		if !variant && !single {
			listed[fold] = true
			p.Values++
			if show {
				p.List = append(p.List, ValueCount{Value: v.text, Count: v.count})
			}
			continue
		}
		p.Outside++
		p.OutsideRecords += v.count
		if variant {
			p.Variants++
		}
		if show {
			p.OutsideList = append(p.OutsideList, ValueCount{Value: v.text, Count: v.count})
		}
	}
	return p
}

func foldedValue(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(text), " "))
}
