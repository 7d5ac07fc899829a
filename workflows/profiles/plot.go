package profiles

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/page"
)

func missingMeter(records int64, p *FieldProfile) page.Meter {
	m := p.Missing
	title := fmt.Sprintf("%s populated, %s blank, %s null, %s absent, %s without data", page.Number(p.Populated),
		page.Number(m.Blank+m.Whitespace), page.Number(m.Null+m.Ambiguous), page.Number(m.Absent), page.Number(m.NoData))
	if records == 0 {
		return page.NewMeter("no records", 1, page.Part("s-none", 1))
	}
	return page.NewMeter(title, records, page.Part("s-full", p.Populated), page.Part("s-blank", m.Blank+m.Whitespace),
		page.Part("s-null", m.Null+m.Ambiguous), page.Part("s-none", m.Absent+m.NoData))
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
	return &plotView{Title: fmt.Sprintf("histogram of %s %s from %s to %s", page.Number(count), what, from, to), Path: page.Histogram(barsOf(bins)), From: from, To: to}
}

// barsOf are the bars of a histogram, for a plot.
func barsOf(bins []Bin) []page.Bar {
	bars := make([]page.Bar, len(bins))
	for i, b := range bins {
		bars[i] = page.Bar(b)
	}
	return bars
}

// sitePlotView is one small bar a site.
type sitePlotView struct{ Title, Caption, Path, Back string }

func sitePlot(sites []FieldSite, names []SiteCount) *sitePlotView {
	const height = 16.0
	step := page.PlotWidth / float64(len(sites))
	width := min(max(step-1.5, step*0.6), 12)
	var bars, back strings.Builder
	low, high, least := sites[0].PopulationRate, sites[0].PopulationRate, sites[0].SiteID
	for i, s := range sites {
		if s.PopulationRate < low {
			low, least = s.PopulationRate, s.SiteID
		}
		high = max(high, s.PopulationRate)
		x, h := float64(i)*step, height*s.PopulationRate/100
		fmt.Fprintf(&back, "M%s 0h%sv16h-%sz", page.Coordinate(x), page.Coordinate(width), page.Coordinate(width))
		fmt.Fprintf(&bars, "M%s 16v-%sh%sv%sz", page.Coordinate(x), page.Coordinate(h), page.Coordinate(width), page.Coordinate(h))
	}
	caption := fmt.Sprintf("%d sites: %s", len(sites), page.Rate(low))
	if low < high {
		caption += fmt.Sprintf(" (%s) to %s", siteName(least, names), page.Rate(high))
	}
	return &sitePlotView{Title: "population at " + caption, Caption: "population at " + caption, Path: bars.String(), Back: back.String()}
}
