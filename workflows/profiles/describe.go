package profiles

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/quantiles"
)

const histogramBins = 24

func describeNumbers(d *quantiles.Distribution, whole bool) *NumberProfile {
	q := d.Quantiles(0.05, 0.25, 0.5, 0.75, 0.95)
	return &NumberProfile{
		Count: d.Count(), Min: d.Min(), Max: d.Max(), Mean: d.Mean(), StdDev: d.Deviation(),
		P05: q[0], P25: q[1], Median: q[2], P75: q[3], P95: q[4], Approximate: d.Approximate(), Histogram: histogram(d, whole),
	}
}

func (t *fieldTally) describeDates() *DateProfile {
	whole := t.precision.Hour+t.precision.Minute+t.precision.Second == 0
	return &DateProfile{
		Count: t.dates.Count(), Earliest: t.first.text, Latest: t.last.text, Precision: t.precision,
		Approximate: t.dates.Approximate(), Histogram: histogram(t.dates, whole),
	}
}

// histogram has a bar for each number while they are few, else bars of equal width. Bars of whole
// numbers are whole numbers wide, so that each holds as many of them.
func histogram(d *quantiles.Distribution, whole bool) []Bin {
	if !d.Approximate() && d.Distinct() <= histogramBins {
		bins := make([]Bin, 0, d.Distinct())
		for _, v := range d.Values() {
			bins = append(bins, Bin{v.Value, v.Value, v.Count})
		}
		return bins
	}
	width, n := (d.Max()-d.Min())/histogramBins, histogramBins
	if whole {
		width = math.Ceil((d.Max() - d.Min() + 1) / histogramBins)
		n = int((d.Max()-d.Min())/width) + 1
	}
	if width <= 0 || math.IsInf(width, 0) {
		return []Bin{{d.Min(), d.Max(), d.Count()}}
	}
	bins := make([]Bin, n)
	below := int64(0)
	for i := range bins {
		bins[i].From, bins[i].To = d.Min()+float64(i)*width, d.Min()+float64(i+1)*width
		upTo := d.Count()
		if i < n-1 {
			upTo = max(d.Below(bins[i].To), below)
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
