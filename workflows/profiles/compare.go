package profiles

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/argument"
)

// DriftKind is the kind of a change between two profiles.
type DriftKind string

// The kinds of drift.
const (
	FormAppeared      DriftKind = "form appeared"
	FormDisappeared   DriftKind = "form disappeared"
	RecordsFell       DriftKind = "fewer records"
	FieldAppeared     DriftKind = "field appeared"
	FieldDisappeared  DriftKind = "field disappeared"
	DeclaredTypeMoved DriftKind = "declared type changed"
	InferredTypeMoved DriftKind = "inferred type changed"
	PopulationMoved   DriftKind = "population rate moved"
	MeanMoved         DriftKind = "mean moved"
	RangeGrew         DriftKind = "range grew" // if both profiles show a bound
	DisagreementGrew  DriftKind = "answers stopped fitting the declared type"
	OutsideGrew       DriftKind = "more answers outside the codelist"
	NoFormMoved       DriftKind = "records of no form" // more or fewer of them
	// UndeclaredMoved is more or fewer answers under keys that no variable declares, if a profile does not
	// show these keys. With both showing them, they are compared like fields.
	UndeclaredMoved DriftKind = "answers under undeclared keys"
)

// DriftOptions sets the thresholds of [Compare]. Zero values mean the defaults.
type DriftOptions struct {
	// PopulationPoints is the smallest change of a population rate that is reported, in percentage
	// points; the default is 5.
	PopulationPoints float64
	// MeanDeviations is the smallest change of a mean that is reported, in standard deviations of
	// the earlier profile; the default is 0.5.
	MeanDeviations float64
	// MinRecords is the number of records that a form must have in both profiles for its rates and
	// means to be compared; the default is 20.
	MinRecords int64
}

// Drift lists the changes in a study's data between two profiles.
type Drift struct {
	StudyKey string         `json:"studyKey"`
	Before   time.Time      `json:"before"`
	After    time.Time      `json:"after"`
	Findings []DriftFinding `json:"findings"` // in the order of the later profile, disappeared ones last
}

// DriftFinding is one change. Before and After hold counts, rates, types or bounds, and nothing
// that the two profiles do not show.
type DriftFinding struct {
	Kind     DriftKind `json:"kind"`
	FormKey  string    `json:"formKey"`
	Variable string    `json:"variable,omitempty"`
	Before   string    `json:"before,omitempty"`
	After    string    `json:"after,omitempty"`
}

// String returns one line, such as "VS.TEMP mean moved: 36.6 → 97.9".
func (f DriftFinding) String() string {
	name := f.FormKey
	if f.Variable != "" {
		name += "." + f.Variable
	}
	line := name + " " + string(f.Kind)
	if f.Before != "" || f.After != "" {
		line += ": " + f.Before + " → " + f.After
	}
	return line
}

// Compare returns the drift from one profile of a study to a later one. The error is an
// *[imednet.ValidationError].
func Compare(before, after *StudyProfile, opts DriftOptions) (*Drift, error) {
	if err := checkComparison(before, after, opts); err != nil {
		return nil, err
	}
	if opts.PopulationPoints == 0 {
		opts.PopulationPoints = 5
	}
	if opts.MeanDeviations == 0 {
		opts.MeanDeviations = 0.5
	}
	if opts.MinRecords == 0 {
		opts.MinRecords = 20
	}
	c := &profileComparison{opts: opts, sameGroups: before.GroupSize == after.GroupSize, named: before.ShowValues && after.ShowValues, drift: &Drift{
		StudyKey: after.StudyKey, Before: before.ProfiledAt, After: after.ProfiledAt, Findings: []DriftFinding{}}}
	for i := range after.Forms {
		now := &after.Forms[i]
		if old, ok := before.Form(now.FormKey); ok {
			c.forms(old, now)
		} else {
			c.report(FormAppeared, now.FormKey, "", "", fmt.Sprintf("%d records", now.Records))
		}
	}
	for i := range before.Forms {
		if old := &before.Forms[i]; !hasForm(after, old.FormKey) {
			c.report(FormDisappeared, old.FormKey, "", fmt.Sprintf("%d records", old.Records), "")
		}
	}
	c.noForm(before.NoForm, after.NoForm)
	return c.drift, nil
}

func checkComparison(before, after *StudyProfile, opts DriftOptions) error {
	const function = "profiles.Compare"
	if err := errors.Join(argument.Required(function, "before", before), argument.Required(function, "after", after)); err != nil {
		return err
	}
	switch {
	case before.StudyKey != after.StudyKey:
		return argument.Invalid(function, "after", "is of another study")
	case opts.PopulationPoints < 0 || opts.MeanDeviations < 0 || opts.MinRecords < 0:
		return argument.Invalid(function, "opts", "has a negative threshold")
	}
	return nil
}

func hasForm(p *StudyProfile, key string) bool {
	_, ok := p.Form(key)
	return ok
}

type profileComparison struct {
	opts       DriftOptions
	sameGroups bool // bounds are comparable only where both profiles show them alike
	named      bool // both profiles show what the study does not know by name
	drift      *Drift
}

func (c *profileComparison) report(kind DriftKind, form, variable, before, after string) {
	c.drift.Findings = append(c.drift.Findings, DriftFinding{kind, form, variable, before, after})
}

// noForm compares how many records name what is no form of the study. FormKey is what they name, if both
// profiles show it.
func (c *profileComparison) noForm(before, after []FormProfile) {
	if !c.named {
		if old, now := allRecords(before), allRecords(after); old != now {
			c.report(NoFormMoved, noFormKey, "", fmt.Sprint(old), fmt.Sprint(now))
		}
		return
	}
	count := func(list []FormProfile, like *FormProfile) (n int64) {
		for i := range list {
			if list[i].FormID == like.FormID && list[i].FormKey == like.FormKey {
				n += list[i].Records
			}
		}
		return n
	}
	for i := range after {
		if old := count(before, &after[i]); old != after[i].Records {
			c.report(NoFormMoved, after[i].shownName(), "", fmt.Sprint(old), fmt.Sprint(after[i].Records))
		}
	}
	for i := range before {
		if old := &before[i]; old.Records > 0 && !slices.ContainsFunc(after, func(f FormProfile) bool { return f.FormID == old.FormID && f.FormKey == old.FormKey }) {
			c.report(NoFormMoved, old.shownName(), "", fmt.Sprint(old.Records), "0")
		}
	}
}

func allRecords(forms []FormProfile) (n int64) {
	for i := range forms {
		n += forms[i].Records
	}
	return n
}

// undeclared compares the answers under undeclared keys together, because numbers do not say which key is
// which.
func (c *profileComparison) undeclared(old, now *FormProfile) {
	if before, after := undeclaredAnswers(old), undeclaredAnswers(now); before != after {
		c.report(UndeclaredMoved, now.FormKey, "", fmt.Sprint(before), fmt.Sprint(after))
	}
}

func undeclaredAnswers(f *FormProfile) int64 {
	n := f.KeysLeftOut
	for i := range f.Fields {
		if !f.Fields[i].Declared {
			n += f.Fields[i].Populated
		}
	}
	return n
}

func (c *profileComparison) forms(old, now *FormProfile) {
	if now.Records < old.Records {
		c.report(RecordsFell, now.FormKey, "", fmt.Sprint(old.Records), fmt.Sprint(now.Records))
	}
	comparable := old.Records >= c.opts.MinRecords && now.Records >= c.opts.MinRecords
	for i := range now.Fields {
		field := &now.Fields[i]
		if c.hidden(field) {
			continue
		}
		earlier, ok := old.Field(field.Variable)
		if !ok {
			c.report(FieldAppeared, now.FormKey, field.Variable, "", fmt.Sprintf("%d answers", field.Populated))
			continue
		}
		c.types(now.FormKey, earlier, field)
		if comparable {
			c.figures(now.FormKey, earlier, field)
		}
	}
	for i := range old.Fields {
		if _, ok := now.Field(old.Fields[i].Variable); !ok && !c.hidden(&old.Fields[i]) {
			c.report(FieldDisappeared, now.FormKey, old.Fields[i].Variable, fmt.Sprintf("%d answers", old.Fields[i].Populated), "")
		}
	}
	if !c.named {
		c.undeclared(old, now)
	}
}

// hidden is a field that may have no name that it could be found by in the other profile.
func (c *profileComparison) hidden(f *FieldProfile) bool { return !c.named && !f.Declared }

func (c *profileComparison) types(form string, old, now *FieldProfile) {
	if !answers.Same(old.DeclaredType, now.DeclaredType) {
		c.report(DeclaredTypeMoved, form, now.Variable, old.DeclaredType, now.DeclaredType)
	}
	if old.Inferred != now.Inferred && old.Populated > 0 && now.Populated > 0 {
		c.report(InferredTypeMoved, form, now.Variable, string(old.Inferred), string(now.Inferred))
	}
	if now.Disagrees && !old.Disagrees {
		c.report(DisagreementGrew, form, now.Variable, fmt.Sprint(old.Misfits), fmt.Sprint(now.Misfits))
	}
}

func (c *profileComparison) figures(form string, old, now *FieldProfile) {
	if math.Abs(now.PopulationRate-old.PopulationRate) >= c.opts.PopulationPoints {
		c.report(PopulationMoved, form, now.Variable, fmt.Sprintf("%.2f %%", old.PopulationRate), fmt.Sprintf("%.2f %%", now.PopulationRate))
	}
	if a, b := old.Codelist, now.Codelist; a != nil && b != nil && b.Outside > a.Outside {
		c.report(OutsideGrew, form, now.Variable, fmt.Sprint(a.Outside), fmt.Sprint(b.Outside))
	}
	if old.Numbers == nil || now.Numbers == nil || old.Numbers.Count < c.opts.MinRecords || now.Numbers.Count < c.opts.MinRecords {
		return
	}
	a, b := old.Numbers, now.Numbers
	if a.Mean != nil && b.Mean != nil && a.StdDev != nil {
		if shift := math.Abs(*b.Mean - *a.Mean); shift > 0 && shift >= c.opts.MeanDeviations**a.StdDev {
			c.report(MeanMoved, form, now.Variable, figure(*a.Mean), figure(*b.Mean))
		}
	}
	if c.sameGroups && (a.Min != nil && b.Min != nil && *b.Min < *a.Min || a.Max != nil && b.Max != nil && *b.Max > *a.Max) {
		c.report(RangeGrew, form, now.Variable, rangeText(a), rangeText(b))
	}
}

func rangeText(n *NumberProfile) string { return shownFigure(n.Min) + " to " + shownFigure(n.Max) }

// shownFigure writes a figure, or that it is not shown.
func shownFigure(v *float64) string {
	if v == nil {
		return "not shown"
	}
	return figure(*v)
}

// figure writes a number for people: four significant digits, whole numbers as they are.
func figure(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e9 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.4g", v)
}
