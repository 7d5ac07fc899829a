package structure

import (
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
)

// join puts the three listings together by [imednet.FormIndex]. Each form and variable ends up in
// one place.
func join(studyKey string, intervals []imednet.Interval, forms []imednet.Form, variables []imednet.Variable) *Design {
	index := imednet.NewFormIndex(forms, variables)
	d := &Design{StudyKey: studyKey, Contradictions: slices.Clone(index.Contradictions())}
	own := map[*imednet.IndexedForm]*Form{}
	for _, f := range index.Forms() {
		if !f.Listed {
			d.Unscheduled.Variables = append(d.Unscheduled.Variables, f.Variables...)
			continue
		}
		own[f] = &Form{Form: f.Form, Variables: f.Variables}
		d.Forms = append(d.Forms, own[f])
	}
	d.Unscheduled.Variables = append(d.Unscheduled.Variables, index.Unplaced()...)
	for _, interval := range intervals {
		d.Intervals = append(d.Intervals, d.interval(interval, index, own))
	}
	slices.SortStableFunc(d.Intervals, func(a, b Interval) int {
		return listing.CompareSequence(a.Interval.IntervalSequence, b.Interval.IntervalSequence)
	})
	d.Unscheduled.Forms = d.unscheduledForms()
	return d
}

// interval finds the forms of an interval.
func (d *Design) interval(interval imednet.Interval, index *imednet.FormIndex, own map[*imednet.IndexedForm]*Form) Interval {
	i := Interval{Interval: interval}
	for _, named := range interval.Forms {
		found, contradiction := index.OfInterval(&interval, named)
		if !contradiction.IsZero() {
			d.Contradictions = append(d.Contradictions, contradiction)
		}
		switch f := own[found]; {
		case f == nil:
			i.Missing = append(i.Missing, named)
		case !slices.Contains(i.Forms, f):
			i.Forms, i.named = append(i.Forms, f), append(i.named, named)
		}
	}
	return i
}

func (d *Design) unscheduledForms() []*Form {
	scheduled := map[*Form]bool{}
	for _, i := range d.Intervals {
		for _, f := range i.Forms {
			scheduled[f] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(d.Forms), func(f *Form) bool { return scheduled[f] })
}
