package profiles

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/crowd"
	"github.com/imednetgo/imednet/internal/quantiles"
)

const histogramBins = 24

func (t *fieldTally) describeNumbers() *NumberProfile {
	d, beyond := t.numbers, t.types.Numeric-t.numbers.Count()
	if d.Count() == 0 {
		return &NumberProfile{Beyond: beyond, Histogram: []Bin{}}
	}
	whole := t.types.Integers == d.Count()
	q := d.Quantiles(0.05, 0.25, 0.5, 0.75, 0.95)
	if c := t.numberCrowd; c != nil {
		mean, deviation := t.shownMean()
		return &NumberProfile{
			Count: d.Count(), Beyond: beyond, Min: c.Shown(d.Min()), Max: c.Shown(d.Max()), Mean: mean, StdDev: deviation,
			P05: c.Shown(q[0]), P25: c.Shown(q[1]), Median: c.Shown(q[2]), P75: c.Shown(q[3]), P95: c.Shown(q[4]),
			Approximate: d.Approximate(), Histogram: numberBins(c, d, t.barSize(c)),
		}
	}
	return &NumberProfile{
		Count: d.Count(), Beyond: beyond, Min: new(d.Min()), Max: new(d.Max()), Mean: new(d.Mean()), StdDev: finite(d.Deviation()),
		P05: &q[0], P25: &q[1], Median: &q[2], P75: &q[3], P95: &q[4], Approximate: d.Approximate(), Histogram: histogram(d, whole),
	}
}

// shownMean is the mean and the deviation, unless they tell about few subjects, or about one.
func (t *fieldTally) shownMean() (mean, deviation *float64) {
	c, d := t.numberCrowd, t.numbers
	spread := spreadOf(d.Count(), d.Mean(), d.Deviation(), d.Min(), d.Max())
	if spread.TellsOne() || c.TellsOneSubject(spread, func(take func(float64, int64)) {
		for _, v := range d.Values() {
			take(v.Value, v.Count)
		}
	}) {
		return nil, nil
	}
	return c.ShownAlways(d.Mean()), c.ShownAlways(d.Deviation())
}

// finite is a figure that a float64 holds, else nil.
func finite(v float64) *float64 {
	if math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// numberBins is a histogram between the bounds, by rounded edges.
func numberBins(c *crowd.Crowd, d *quantiles.Distribution, size int64) []Bin {
	low, high, some := c.Bounds()
	if !some {
		return []Bin{}
	}
	edges := []float64{crowd.Significant(low)}
	for i := 1; i < groupedBars; i++ {
		if edge := crowd.Significant(quantiles.Between(low, high, float64(i)/groupedBars)); edge > edges[len(edges)-1] {
			edges = append(edges, edge)
		}
	}
	return groupedBins(d, append(edges, max(crowd.Significant(high), edges[len(edges)-1])), size)
}

// barSize is the number of answers that a whole group of subjects gave at least.
func (t *fieldTally) barSize(c *crowd.Crowd) int64 { return int64(c.Size()) * t.perSubject }

// groupedBars is the number of bars at most of a histogram without values.
const groupedBars = 12

func (t *fieldTally) describeDates() *DateProfile {
	p := &DateProfile{Count: t.dates.Count(), Yearless: t.yearless, Precision: t.precision, Approximate: t.dates.Approximate()}
	if p.Count == 0 {
		p.Histogram = []Bin{}
		return p
	}
	if c := t.dateCrowd; c != nil {
		p.Earliest, p.Latest, p.Histogram = groupedDates(c, t.dates, t.barSize(c))
		return p
	}
	whole := t.precision.Hour+t.precision.Minute+t.precision.Second == 0
	p.Earliest, p.Latest, p.Histogram = t.first.text, t.last.text, histogram(t.dates, whole)
	return p
}

// dates gives the months of the first and the last date where a whole group has one there, and a
// histogram by months between the bounds.
func groupedDates(c *crowd.Crowd, d *quantiles.Distribution, size int64) (earliest, latest string, bins []Bin) {
	low, high, some := c.Bounds()
	if !some {
		return "", "", []Bin{}
	}
	from, to := monthOf(low), monthOf(high)
	if monthOf(d.Min()) == from {
		earliest = monthText(from)
	}
	if monthOf(d.Max()) == to {
		latest = monthText(to)
	}
	step := (to-from)/groupedBars + 1
	edges := []float64{monthStart(from)}
	for m := from + step; m <= to; m += step {
		edges = append(edges, monthStart(m))
	}
	return earliest, latest, groupedBins(d, append(edges, monthStart(to+1)), size)
}

// monthOf numbers the months; day counts days since 1970-01-01.
func monthOf(day float64) int {
	at := time.Unix(int64(math.Floor(day))*24*60*60, 0).UTC()
	return at.Year()*12 + int(at.Month()) - 1
}

// monthStart is the first day of a month, in days since 1970-01-01.
func monthStart(month int) float64 {
	return float64(time.Date(month/12, time.Month(month%12+1), 1, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

func monthText(month int) string { return fmt.Sprintf("%04d-%02d", month/12, month%12+1) }

func (t *fieldTally) describeLengths() *LengthProfile {
	n := float64(t.populated)
	mean := t.lengthSum / n
	if c := t.lengthCrowd; c != nil {
		p := &LengthProfile{Min: c.Shown(float64(t.lengths.min)), Max: c.Shown(float64(t.lengths.max))}
		spread := crowd.Spread{Count: t.populated, Mean: mean, Squares: t.lengthSquares - n*mean*mean, Min: float64(t.lengths.min), Max: float64(t.lengths.max)}
		if !spread.TellsOne() {
			p.Mean = c.ShownAlways(mean)
		}
		return p
	}
	return &LengthProfile{Min: new(float64(t.lengths.min)), Max: new(float64(t.lengths.max)), Mean: new(roundTo(mean, 2))}
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
		bins[i].From, bins[i].To = d.Min()+float64(i)*width, min(d.Min()+float64(i+1)*width, math.MaxFloat64)
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
	return answers.Fold(strings.Join(strings.Fields(text), " "))
}
