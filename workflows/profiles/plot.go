package profiles

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The plots are drawn in a box of 240 units; the page scales it.
const (
	plotWidth  = 240.0
	plotHeight = 44.0
)

// meterView is one bar that is parted by share.
type meterView struct {
	Title string
	Parts []meterPart
}

type meterPart struct{ Class, X, W string }

func newMeter(title string, whole int64, parts ...struct {
	class string
	count int64
}) meterView {
	m := meterView{Title: title}
	x := 0.0
	for _, p := range parts {
		if p.count == 0 || whole == 0 {
			continue
		}
		w := plotWidth * float64(p.count) / float64(whole)
		m.Parts = append(m.Parts, meterPart{p.class, coordinate(x), coordinate(w)})
		x += w
	}
	return m
}

type meterShare = struct {
	class string
	count int64
}

func rateMeter(rate float64) meterView {
	full := int64(rate * 100)
	return newMeter(rateText(rate)+" populated", 10000, meterShare{"s-full", full}, meterShare{"s-none", 10000 - full})
}

func missingMeter(records int64, p *FieldProfile) meterView {
	m := p.Missing
	title := fmt.Sprintf("%s populated, %s blank, %s null, %s absent, %s without data", grouped(p.Populated),
		grouped(m.Blank+m.Whitespace), grouped(m.Null+m.Ambiguous), grouped(m.Absent), grouped(m.NoData))
	if records == 0 {
		return newMeter("no records", 1, meterShare{"s-none", 1})
	}
	return newMeter(title, records, meterShare{"s-full", p.Populated}, meterShare{"s-blank", m.Blank + m.Whitespace},
		meterShare{"s-null", m.Null + m.Ambiguous}, meterShare{"s-none", m.Absent + m.NoData})
}

// plotView is a histogram with the ends of its axis.
type plotView struct{ Title, Path, From, To string }

func numberPlot(n *NumberProfile) *plotView {
	return &plotView{
		Title: fmt.Sprintf("histogram of %s numbers from %s to %s", grouped(n.Count), figure(n.Min), figure(n.Max)),
		Path:  barsPath(n.Histogram), From: figure(n.Min), To: figure(n.Max),
	}
}

func datePlot(d *DateProfile) *plotView {
	return &plotView{
		Title: fmt.Sprintf("histogram of %s dates from %s to %s", grouped(d.Count), d.Earliest, d.Latest),
		Path:  barsPath(d.Histogram), From: d.Earliest, To: d.Latest,
	}
}

// barsPath draws the bars. Single numbers stand at their place on the axis, so that gaps show.
func barsPath(bins []Bin) string {
	if len(bins) == 0 {
		return ""
	}
	from, to := bins[0].From, bins[len(bins)-1].To
	most := slices.MaxFunc(bins, func(a, b Bin) int { return cmp.Compare(a.Count, b.Count) }).Count
	single := bins[0].From == bins[0].To
	width := plotWidth/float64(len(bins)) - 1.2
	if single {
		width = min(width, 14)
	}
	var b strings.Builder
	for i, bin := range bins {
		if bin.Count == 0 {
			continue
		}
		x := float64(i) * plotWidth / float64(len(bins))
		if single && to > from {
			x = (bin.From - from) / (to - from) * (plotWidth - width)
		}
		height := max(plotHeight*float64(bin.Count)/float64(most), 0.8)
		fmt.Fprintf(&b, "M%s %sv-%sh%sv%sz", coordinate(x), coordinate(plotHeight), coordinate(height), coordinate(width), coordinate(height))
	}
	return b.String()
}

// sitePlotView is one small bar a site.
type sitePlotView struct{ Title, Path, Back string }

func sitePlot(sites []FieldSite) *sitePlotView {
	const height = 16.0
	step := plotWidth / float64(len(sites))
	width := min(max(step-1.5, step*0.6), 12)
	var bars, back strings.Builder
	low, high := sites[0].PopulationRate, sites[0].PopulationRate
	for i, s := range sites {
		low, high = min(low, s.PopulationRate), max(high, s.PopulationRate)
		x, h := float64(i)*step, height*s.PopulationRate/100
		fmt.Fprintf(&back, "M%s 0h%sv16h-%sz", coordinate(x), coordinate(width), coordinate(width))
		fmt.Fprintf(&bars, "M%s 16v-%sh%sv%sz", coordinate(x), coordinate(h), coordinate(width), coordinate(h))
	}
	title := fmt.Sprintf("population at %d sites, %s to %s", len(sites), rateText(low), rateText(high))
	return &sitePlotView{Title: title, Path: bars.String(), Back: back.String()}
}

// coordinate writes a coordinate with one decimal, to keep the page small.
func coordinate(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

// heatSiteLimit is the number of sites that the table of sites has room for.
const heatSiteLimit = 30

type heatRow struct {
	Form  string
	Cells []heatCell
}

type heatCell struct {
	Has         bool
	Text, Alpha string
}

// addHeat fills the table of mean population by form and site.
func (v *reportView) addHeat(p *StudyProfile) {
	sites := slices.DeleteFunc(slices.Clone(p.Sites), func(s SiteCount) bool { return s.Records == 0 || s.SiteID == 0 })
	slices.SortStableFunc(sites, func(a, b SiteCount) int { return cmp.Compare(b.Records, a.Records) })
	v.SitesAll = len(sites)
	sites = sites[:min(len(sites), heatSiteLimit)]
	v.SitesShown, v.SitesLeftOut = len(sites), len(sites) < v.SitesAll
	sortSites(sites)
	for _, s := range sites {
		name := s.SiteName
		if name == "" {
			name = fmt.Sprint(s.SiteID)
		}
		v.HeatSites = append(v.HeatSites, name)
	}
	for i := range p.Forms {
		if f := &p.Forms[i]; f.Records > 0 && len(sites) > 0 {
			v.Heat = append(v.Heat, newHeatRow(f, sites))
		}
	}
}

func newHeatRow(f *FormProfile, sites []SiteCount) heatRow {
	sums, counts := map[int64]float64{}, map[int64]int{}
	for i := range f.Fields {
		if field := &f.Fields[i]; field.Declared && !field.Retired {
			for _, s := range field.Sites {
				sums[s.SiteID] += s.PopulationRate
				counts[s.SiteID]++
			}
		}
	}
	row := heatRow{Form: f.FormKey}
	for _, s := range sites {
		if counts[s.SiteID] == 0 {
			row.Cells = append(row.Cells, heatCell{})
			continue
		}
		mean := sums[s.SiteID] / float64(counts[s.SiteID])
		row.Cells = append(row.Cells, heatCell{true, fmt.Sprintf("%.0f", mean), fmt.Sprintf("%.2f", 0.06+0.5*mean/100)})
	}
	return row
}
