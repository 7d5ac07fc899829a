package page

import (
	"fmt"
	"strings"
)

// Plots are drawn in a box of 240 units; the page scales it.
const (
	PlotWidth  = 240.0
	PlotHeight = 44.0
)

// Meter is one bar that is parted by share.
type Meter struct {
	Title string
	Parts []MeterPart
}

// MeterPart is a part of a [Meter], with its class of colour.
type MeterPart struct{ Class, X, W string }

// Share is what a part of a [Meter] counts.
type Share struct {
	Class string
	Count int64
}

// Part is a [Share].
func Part(class string, count int64) Share { return Share{class, count} }

// NewMeter draws shares of a whole, from the left.
func NewMeter(title string, whole int64, shares ...Share) Meter {
	m := Meter{Title: title}
	x := 0.0
	for _, s := range shares {
		if s.Count == 0 || whole == 0 {
			continue
		}
		w := PlotWidth * float64(s.Count) / float64(whole)
		m.Parts = append(m.Parts, MeterPart{s.Class, Coordinate(x), Coordinate(w)})
		x += w
	}
	return m
}

// RateMeter draws a rate, 0 to 100, of what a word names.
func RateMeter(rate float64, what string) Meter {
	full := int64(rate * 100)
	return NewMeter(Rate(rate)+" "+what, 10000, Share{"s-full", full}, Share{"s-none", 10000 - full})
}

// Bar is one bar of a histogram: a single number if To is From, otherwise an interval.
type Bar struct {
	From, To float64
	Count    int64
}

// Histogram is the path of a histogram: single numbers at their place on the axis, so that gaps show;
// intervals as wide as they are, and so high that the area is the count.
func Histogram(bars []Bar) string {
	from, to := bars[0].From, bars[len(bars)-1].To
	height := func(b Bar) float64 {
		if b.To > b.From {
			return float64(b.Count) / (b.To - b.From)
		}
		return float64(b.Count)
	}
	most := 0.0
	for _, b := range bars {
		most = max(most, height(b))
	}
	single := min(PlotWidth/float64(len(bars))-1.2, 14)
	var path strings.Builder
	for _, b := range bars {
		if b.Count == 0 {
			continue
		}
		x, width := 0.0, single
		switch {
		case b.To > b.From:
			x, width = (b.From-from)/(to-from)*PlotWidth, (b.To-b.From)/(to-from)*PlotWidth-1.2
		case to > from:
			x = (b.From - from) / (to - from) * (PlotWidth - width)
		}
		column(&path, x, PlotHeight, max(width, 0.8), max(PlotHeight*height(b)/most, 0.8))
	}
	return path.String()
}

// column draws a rectangle that stands on a base line.
func column(path *strings.Builder, x, base, width, height float64) {
	fmt.Fprintf(path, "M%s %sv-%sh%sv%sz", Coordinate(x), Coordinate(base), Coordinate(height), Coordinate(width), Coordinate(height))
}

// Coordinate writes a coordinate with one decimal, to keep the page small.
func Coordinate(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}
