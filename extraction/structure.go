package extraction

import (
	"context"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/argument"
)

// Structure is the part of a study's design against which a configuration is checked.
type Structure struct {
	Forms     []imednet.Form
	Variables []imednet.Variable
	Intervals []imednet.Interval
}

// StructureSource is what [ReadStructure] reads from. A Client and the mirror implement it.
type StructureSource interface {
	imednet.FormReader
	imednet.VariableReader
	imednet.IntervalReader
}

// ReadStructure lists the forms, variables and intervals of a study.
func ReadStructure(ctx context.Context, src StructureSource, studyKey string) (Structure, error) {
	var s Structure
	if err := argument.Required("extraction.ReadStructure", "src", src); err != nil {
		return s, err
	}
	if err := argument.Named("extraction.ReadStructure", "studyKey", studyKey); err != nil {
		return s, err
	}
	for form, err := range src.Forms(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return Structure{}, &imednet.Error{Package: "extraction", Op: "read forms", StudyKey: studyKey, Err: err}
		}
		s.Forms = append(s.Forms, form)
	}
	for variable, err := range src.Variables(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return Structure{}, &imednet.Error{Package: "extraction", Op: "read variables", StudyKey: studyKey, Err: err}
		}
		s.Variables = append(s.Variables, variable)
	}
	for interval, err := range src.Intervals(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return Structure{}, &imednet.Error{Package: "extraction", Op: "read intervals", StudyKey: studyKey, Err: err}
		}
		s.Intervals = append(s.Intervals, interval)
	}
	return s, nil
}

// structureIndex answers what a form has. The zero value knows nothing and checks nothing.
type structureIndex struct {
	known     bool
	index     *imednet.FormIndex
	declared  map[*imednet.IndexedForm]answers.Declared
	intervals map[int64]string
}

func indexStructure(s *Structure) structureIndex {
	if s == nil {
		return structureIndex{}
	}
	index := structureIndex{known: true, index: imednet.NewFormIndex(s.Forms, s.Variables), declared: map[*imednet.IndexedForm]answers.Declared{}, intervals: map[int64]string{}}
	for _, form := range index.index.Forms() {
		index.declared[form] = answers.Declare(form.VariableNames())
	}
	for _, interval := range s.Intervals {
		index.intervals[interval.IntervalID] = interval.IntervalName.Or("")
	}
	return index
}

// declaredOf are the variables of the form that a record is of; nil where the study is not known.
func (s structureIndex) declaredOf(r *imednet.Record) answers.Declared {
	if !s.known {
		return nil
	}
	form, _ := s.index.OfRecord(r)
	return s.declared[form]
}

// form finds a form by its key.
func (s structureIndex) form(key string) (*imednet.IndexedForm, bool) {
	if !s.known {
		return nil, false
	}
	form, _ := s.index.Of(0, key)
	return form, form != nil
}

// variable finds a variable of a form whatever the case of its name; n is the number of spellings
// that fit.
func (s structureIndex) variable(key, name string) (v *imednet.Variable, n int) {
	form, ok := s.form(key)
	if !ok {
		return nil, 0
	}
	return form.Variable(name)
}

// formOf is the key of the form that a record is of: by id where the study is known, else the one
// that the record carries.
func (s structureIndex) formOf(r *imednet.Record) (key string, at imednet.Contradiction) {
	if !s.known {
		return r.FormKey.Or(""), imednet.Contradiction{}
	}
	form, at := s.index.OfRecord(r)
	if form == nil {
		return "", at
	}
	return form.Key(), at
}
