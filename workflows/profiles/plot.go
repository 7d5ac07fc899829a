package profiles

import (
	"fmt"
	"math"
	"strings"
	"time"
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
	return plotOf(n.Histogram, "numbers", n.Count, figure)
}

// datePlot labels the axis with days where the profile shows dates as written, else with months.
func datePlot(d *DateProfile) *plotView {
	layout := time.DateOnly
	if len(d.Earliest) == len(monthLayout) || d.Earliest == "" {
		layout = monthLayout
	}
	return plotOf(d.Histogram, "dates", d.Count, func(day float64) string {
		return time.Unix(int64(math.Floor(day))*24*60*60, 0).UTC().Format(layout)
	})
}

const monthLayout = "2006-01"

// plotOf draws a histogram, if there is one to show.
func plotOf(bins []Bin, what string, count int64, label func(float64) string) *plotView {
	if len(bins) == 0 {
		return nil
	}
	from, to := label(bins[0].From), label(bins[len(bins)-1].To)
	return &plotView{Title: fmt.Sprintf("histogram of %s %s from %s to %s", grouped(count), what, from, to), Path: barsPath(bins), From: from, To: to}
}

// barsPath draws the bars: single numbers at their place on the axis, so that gaps show; intervals
// as wide as they are, and so high that the area is the count.
func barsPath(bins []Bin) string {
	from, to := bins[0].From, bins[len(bins)-1].To
	height := func(b Bin) float64 {
		if b.To > b.From {
			return float64(b.Count) / (b.To - b.From)
		}
		return float64(b.Count)
	}
	most := 0.0
	for _, b := range bins {
		most = max(most, height(b))
	}
	single := min(plotWidth/float64(len(bins))-1.2, 14)
	var path strings.Builder
	for _, b := range bins {
		if b.Count == 0 {
			continue
		}
		x, width := 0.0, single
		switch {
		case b.To > b.From:
			x, width = (b.From-from)/(to-from)*plotWidth, (b.To-b.From)/(to-from)*plotWidth-1.2
		case to > from:
			x = (b.From - from) / (to - from) * (plotWidth - width)
		}
		h := max(plotHeight*height(b)/most, 0.8)
		fmt.Fprintf(&path, "M%s %sv-%sh%sv%sz", coordinate(x), coordinate(plotHeight), coordinate(h), coordinate(max(width, 0.8)), coordinate(h))
	}
	return path.String()
}

// sitePlotView is one small bar a site.
type sitePlotView struct{ Title, Caption, Path, Back string }

func sitePlot(sites []FieldSite, names []SiteCount) *sitePlotView {
	const height = 16.0
	step := plotWidth / float64(len(sites))
	width := min(max(step-1.5, step*0.6), 12)
	var bars, back strings.Builder
	low, high, least := sites[0].PopulationRate, sites[0].PopulationRate, sites[0].SiteID
	for i, s := range sites {
		if s.PopulationRate < low {
			low, least = s.PopulationRate, s.SiteID
		}
		high = max(high, s.PopulationRate)
		x, h := float64(i)*step, height*s.PopulationRate/100
		fmt.Fprintf(&back, "M%s 0h%sv16h-%sz", coordinate(x), coordinate(width), coordinate(width))
		fmt.Fprintf(&bars, "M%s 16v-%sh%sv%sz", coordinate(x), coordinate(h), coordinate(width), coordinate(h))
	}
	caption := fmt.Sprintf("%d sites: %s", len(sites), rateText(low))
	if low < high {
		caption += fmt.Sprintf(" (%s) to %s", siteName(least, names), rateText(high))
	}
	return &sitePlotView{Title: "population at " + caption, Caption: "population at " + caption, Path: bars.String(), Back: back.String()}
}

// coordinate writes a coordinate with one decimal, to keep the page small.
func coordinate(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}
