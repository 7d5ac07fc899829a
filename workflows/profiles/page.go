package profiles

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/page"
)

//go:embed page.html
var profileReportPage string

// PageOptions configures [StudyProfile.WriteHTML].
type PageOptions struct {
	// Title is the title of the page; the default is "Data profile".
	Title string
	// Drift, if set, is shown before the profile.
	Drift *Drift
	// HighContrast uses black on white without greys. By default the page follows the reader's
	// settings, including dark mode and increased contrast.
	HighContrast bool
}

// WriteHTML writes the profile as one self-contained HTML page: it embeds styles and plots,
// contains no script, and its content security policy forbids every request. It is readable on a
// phone, in dark mode and in print. It shows answers only if the profile holds them
// ([Options.ShowValues]).
func (p *StudyProfile) WriteHTML(w io.Writer, opts PageOptions) error {
	if err := errors.Join(argument.Required("profiles.WriteHTML", "p", p), argument.Required("profiles.WriteHTML", "w", w)); err != nil {
		return err
	}
	layout, err := page.Parse("profile", profileReportPage)
	if err != nil {
		return failed("write a page", err)
	}
	if err := page.Execute(w, layout, newReportView(p, opts)); err != nil {
		return failed("write a page", err)
	}
	return nil
}

// reportView is what the page shows, ready to print.
type reportView struct {
	Title, StudyKey, Origin, At string
	Privacy, Exactness          string
	Tiles                       []reportPair
	Notes                       []reportNote
	NotesLead                   string
	Forms                       []reportForm
	Heat                        []heatBlock
	HeatLow, HeatHigh           string
	SitesAll                    int
	Drift                       []reportDrift
	DriftSince                  string
	HighContrast                bool
}

type reportPair struct{ Name, Value string }

// reportNote is a line of what needs attention; rank orders the lines, the gravest first.
type reportNote struct {
	rank                       int
	Anchor, Field, Text, Count string
}

type reportDrift struct{ Field, Kind, Before, After string }

type reportForm struct {
	Anchor, Key, Name, Lead string
	Records, Deleted, Rate  string
	FieldCount              int
	Empty                   bool
	Meter                   page.Meter
	Fields                  []reportField
}

type reportField struct {
	Anchor, Name, Label, Rate string
	Warn                      bool
	Meter                     page.Meter
	Tags                      []reportTag
	Plot                      *plotView
	SitePlot                  *sitePlotView
	Stats, Values             []reportPair
}

type reportTag struct {
	Text string
	Warn bool
}

// madeFrom names the state of the study that was profiled, before the time at which it was.
func madeFrom(o imednet.Origin) string {
	if text := page.Origin(o); text != "" {
		return text + ", "
	}
	return ""
}

func newReportView(p *StudyProfile, opts PageOptions) *reportView {
	v := &reportView{Title: opts.Title, HighContrast: opts.HighContrast, StudyKey: p.StudyKey, At: page.Time(p.ProfiledAt), Origin: madeFrom(p.Origin)}
	if v.Title == "" {
		v.Title = "Data profile"
	}
	v.Privacy = fmt.Sprintf("No answer of a patient is shown, and no figure or date that stands for fewer than %s: numbers are rounded, dates are months.",
		page.Plural(int64(p.GroupSize), "subject"))
	if p.ShowValues {
		v.Privacy = "This page shows answers of patients: treat it as their data."
	}
	v.Exactness = fmt.Sprintf("Figures are exact for fields of up to %s distinct answers. Beyond it distinct answers (HyperLogLog) "+
		"and quantiles and histograms (t-digest) are estimates, marked ≈; counts, rates, minimum, maximum and mean stay exact.", page.Number(int64(p.ExactValues)))
	fields, forms := 0, p.shownForms()
	v.Notes = studyNotes(p)
	for i := range forms {
		f := &forms[i]
		fields += len(f.Fields)
		v.Forms = append(v.Forms, newReportForm(i, f, p.Sites))
		v.Notes = append(v.Notes, formNotes(i, f)...)
	}
	slices.SortStableFunc(v.Notes, func(a, b reportNote) int { return cmp.Compare(a.rank, b.rank) })
	v.NotesLead = fmt.Sprintf("%s, the gravest kinds first. Each leads to its field.", page.Plural(int64(len(v.Notes)), "finding"))
	v.Tiles = []reportPair{
		{"records", page.Number(p.Records)}, {"deleted, left out", page.Number(p.Deleted)}, {"forms", page.Number(int64(len(p.Forms)))},
		{"fields", page.Number(int64(fields))}, {"sites", page.Number(int64(sitesWithRecords(p.Sites)))}, {"need attention", page.Number(int64(len(v.Notes)))},
	}
	v.addHeat(p)
	if opts.Drift != nil {
		v.DriftSince = page.Time(opts.Drift.Before)
		for _, f := range opts.Drift.Findings {
			v.Drift = append(v.Drift, reportDrift{strings.TrimSuffix(f.FormKey+"."+f.Variable, "."), string(f.Kind), f.Before, f.After})
		}
	}
	return v
}

func sitesWithRecords(sites []SiteCount) int {
	n := 0
	for _, s := range sites {
		if s.SiteID != 0 && s.Records > 0 {
			n++
		}
	}
	return n
}

func fieldPath(form, variable string) string { return form + "." + keyText(variable) }

// keyText shows a key, even the empty one.
func keyText(key string) string {
	if key == "" {
		return "(empty key)"
	}
	return key
}

func newReportForm(index int, f *FormProfile, sites []SiteCount) reportForm {
	v := reportForm{
		Anchor: fmt.Sprintf("f%d", index), Key: f.FormKey, Name: f.FormName, Records: page.Number(f.Records), Deleted: page.Number(f.Deleted),
		FieldCount: len(f.Fields), Empty: f.Records == 0,
	}
	parts := []string{page.Plural(f.Records, "record"), page.Plural(int64(len(f.Fields)), "field")}
	if f.Deleted > 0 {
		parts = append(parts, page.Plural(f.Deleted, "deleted record")+" left out")
	}
	if f.NoData > 0 {
		parts = append(parts, page.Plural(f.NoData, "record")+" without data")
	}
	if !f.Listed {
		parts = append(parts, "not listed among the study's forms")
	}
	if f.Disabled {
		parts = append(parts, "disabled")
	}
	v.Lead = strings.Join(parts, " · ")
	mean := meanPopulation(f)
	v.Meter = page.RateMeter(mean, "populated")
	if !v.Empty {
		v.Rate = page.Rate(mean)
	}
	for i := range f.Fields {
		v.Fields = append(v.Fields, newReportField(fmt.Sprintf("%s-%d", v.Anchor, i), f, &f.Fields[i], sites))
	}
	return v
}

// meanPopulation is over the variables that are to be answered, 0 to 100.
func meanPopulation(f *FormProfile) float64 {
	sum, n := 0.0, 0
	for i := range f.Fields {
		if f.Fields[i].Declared && !f.Fields[i].Retired {
			sum += f.Fields[i].PopulationRate
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}
