package structure

import (
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/listing"
)

// formIndex finds a form by id, else by key.
type formIndex struct {
	byID  map[int64]*Form
	byKey map[string]*Form
}

func (x formIndex) find(id imednet.Opt[int64], key imednet.Opt[string]) *Form {
	if number, ok := id.Get(); ok && x.byID[number] != nil {
		return x.byID[number]
	}
	if name, ok := key.Get(); ok {
		return x.byKey[name]
	}
	return nil
}

// joinStructure puts the three listings together. Each form and variable ends up in one place.
func joinStructure(studyKey string, intervals []imednet.Interval, forms []imednet.Form, variables []imednet.Variable) *Structure {
	s := &Structure{StudyKey: studyKey}
	index := formIndex{map[int64]*Form{}, map[string]*Form{}}
	for _, form := range forms {
		f := &Form{Form: form}
		s.Forms = append(s.Forms, f)
		index.byID[form.FormID] = f
		if key, ok := form.FormKey.Get(); ok && index.byKey[key] == nil {
			index.byKey[key] = f
		}
	}
	for _, v := range variables {
		if f := index.find(v.FormID, v.FormKey); f != nil {
			f.Variables = append(f.Variables, v)
		} else {
			s.Unscheduled.Variables = append(s.Unscheduled.Variables, v)
		}
	}
	for _, f := range s.Forms {
		slices.SortStableFunc(f.Variables, func(a, b imednet.Variable) int { return listing.CompareSequence(a.Sequence, b.Sequence) })
	}
	s.Intervals = joinIntervals(intervals, index)
	s.Unscheduled.Forms = unscheduledForms(s)
	return s
}

func joinIntervals(intervals []imednet.Interval, index formIndex) []Interval {
	var joined []Interval
	for _, interval := range intervals {
		i := Interval{Interval: interval}
		for _, named := range interval.Forms {
			switch f := index.find(named.FormID, named.FormKey); {
			case f == nil:
				i.Missing = append(i.Missing, named)
			case !slices.Contains(i.Forms, f):
				i.Forms = append(i.Forms, f)
			}
		}
		joined = append(joined, i)
	}
	slices.SortStableFunc(joined, func(a, b Interval) int {
		return listing.CompareSequence(a.Interval.IntervalSequence, b.Interval.IntervalSequence)
	})
	return joined
}

func unscheduledForms(s *Structure) []*Form {
	scheduled := map[*Form]bool{}
	for _, i := range s.Intervals {
		for _, f := range i.Forms {
			scheduled[f] = true
		}
	}
	var rest []*Form
	for _, f := range s.Forms {
		if !scheduled[f] {
			rest = append(rest, f)
		}
	}
	return rest
}
