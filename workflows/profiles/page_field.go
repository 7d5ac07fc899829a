package profiles

import (
	"fmt"
	"strings"

	"github.com/imednetgo/imednet/internal/page"
)

func newReportField(anchor string, form *FormProfile, p *FieldProfile, sites []SiteCount) reportField {
	v := reportField{
		Anchor: anchor, Name: keyText(p.Variable), Label: p.Label, Rate: page.Rate(p.PopulationRate), Warn: p.Disagrees,
		Meter: missingMeter(form.Records, p), Tags: fieldTags(form, p), Stats: fieldStats(p),
	}
	if p.Label == p.Variable {
		v.Label = ""
	}
	switch {
	case p.Masked != "":
	case p.Dates != nil && p.Dates.Count > 0 && p.Inferred == DateField:
		v.Plot = datePlot(p.Dates)
	case p.Numbers != nil && p.Numbers.Count > 0 && p.Inferred == NumericField:
		v.Plot = numberPlot(p.Numbers)
	}
	for _, top := range p.Top {
		count := page.Number(top.Count)
		if top.AtLeast {
			count = "≥ " + count
		}
		v.Values = append(v.Values, reportPair{top.Value, count})
	}
	if len(p.Sites) > 1 && p.Populated > 0 {
		v.SitePlot = sitePlot(p.Sites, sites)
	}
	return v
}

func fieldTags(form *FormProfile, p *FieldProfile) []reportTag {
	var tags []reportTag
	add := func(on bool, warn bool, text string) {
		if on {
			tags = append(tags, reportTag{text, warn})
		}
	}
	add(p.Populated > 0, false, string(p.Inferred))
	add(p.DeclaredType != "", p.Disagrees, "declared "+p.DeclaredType)
	add(!p.Declared && form.Listed, true, "not declared")
	add(p.Retired, false, "retired")
	add(p.Masked == "phi", false, "identifies a person")
	add(p.Blinded, false, "blinded")
	add(len(p.Spellings) > 0, false, "key in another case")
	add(p.Misfits > 0, true, page.Plural(p.Misfits, "misfit"))
	add(p.Codelist != nil && p.Codelist.Outside > 0, true, "outside codelist")
	if d := p.Design; d != nil {
		add(d.Required != "", false, "required: "+d.Required)
		add(d.Missing > 0, true, page.Number(d.Missing)+" required missing")
		add(d.Outside > 0, true, page.Number(d.Outside)+" outside declared list")
	}
	return tags
}

func fieldStats(p *FieldProfile) []reportPair {
	var stats []reportPair
	add := func(name, value string) { stats = append(stats, reportPair{name, value}) }
	if p.Populated > 0 {
		add("distinct", approximately(p.Unique.Approximate, page.Number(p.Unique.Count)))
	}
	if n := p.Numbers; n != nil && n.Count > 0 && p.Inferred == NumericField {
		if n.Mean != nil && n.StdDev != nil {
			add("mean ± SD", figure(*n.Mean)+" ± "+figure(*n.StdDev))
		}
		add("median (P5–P95)", approximately(n.Approximate, quantilesText(n)))
	}
	if n := p.Numbers; n != nil && n.Beyond > 0 {
		add("too large or small for a figure", page.Number(n.Beyond))
	}
	if d := p.Dates; d != nil && p.Inferred == DateField {
		addDates(d, add)
	}
	if c := p.Codelist; c != nil && c.Values > 0 {
		add("codelist", fmt.Sprintf("%s, %d outside", page.Plural(int64(c.Values), "value"), c.Outside))
	}
	if l := p.Lengths; l != nil && l.Mean != nil && p.Inferred == StringField {
		text := "mean " + figure(*l.Mean)
		if l.Min != nil && l.Max != nil {
			text = figure(*l.Min) + " to " + figure(*l.Max) + ", " + text
		}
		add("length", text)
	}
	if p.Placeholders > 0 {
		add("placeholders", page.Number(p.Placeholders))
	}
	return stats
}

func addDates(d *DateProfile, add func(name, value string)) {
	if d.Count > 0 {
		add("precision", precisionText(d.Precision))
	}
	if d.Yearless > 0 {
		add("without a year", page.Number(d.Yearless))
	}
}

// quantilesText shows the quantiles that may be shown.
func quantilesText(n *NumberProfile) string {
	switch {
	case n.Median == nil:
		return "not shown: too few subjects"
	case n.P05 == nil || n.P95 == nil:
		return figure(*n.Median)
	}
	return fmt.Sprintf("%s (%s – %s)", figure(*n.Median), figure(*n.P05), figure(*n.P95))
}

func approximately(on bool, text string) string {
	if on {
		return "≈ " + text
	}
	return text
}

func precisionText(p DatePrecisions) string {
	var parts []string
	for _, part := range []struct {
		count int64
		name  string
	}{{p.Second, "second"}, {p.Minute, "minute"}, {p.Hour, "hour"}, {p.Day, "day"}, {p.Month, "month"}, {p.Year, "year"}} {
		if part.count > 0 {
			parts = append(parts, part.name+" "+page.Number(part.count))
		}
	}
	return strings.Join(parts, ", ")
}
