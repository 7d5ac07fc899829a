package extraction

import (
	"context"
	"strings"

	"github.com/imednetgo/imednet"
)

// Structure is what a study consists of, as far as a configuration can be checked against it.
type Structure struct {
	Forms     []imednet.Form
	Variables []imednet.Variable
	Intervals []imednet.Interval
}

// StructureSource is what ReadStructure reads from: every imednet.Client is one, and so is the
// mirror.
type StructureSource interface {
	imednet.FormReader
	imednet.VariableReader
	imednet.IntervalReader
}

// ReadStructure lists forms, variables and intervals of a study.
func ReadStructure(ctx context.Context, src StructureSource, studyKey string) (Structure, error) {
	var s Structure
	for form, err := range src.Forms(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return Structure{}, &Error{Op: "read forms", StudyKey: studyKey, Err: err}
		}
		s.Forms = append(s.Forms, form)
	}
	for variable, err := range src.Variables(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return Structure{}, &Error{Op: "read variables", StudyKey: studyKey, Err: err}
		}
		s.Variables = append(s.Variables, variable)
	}
	for interval, err := range src.Intervals(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return Structure{}, &Error{Op: "read intervals", StudyKey: studyKey, Err: err}
		}
		s.Intervals = append(s.Intervals, interval)
	}
	return s, nil
}

// structureIndex answers what a form has. The zero value knows nothing and checks nothing.
type structureIndex struct {
	known     bool
	forms     map[string]imednet.Form
	variables map[string]map[string]imednet.Variable // form key, then name in lower case
	intervals map[int64]string
}

func indexStructure(s *Structure) structureIndex {
	if s == nil {
		return structureIndex{}
	}
	index := structureIndex{
		known: true, forms: map[string]imednet.Form{},
		variables: map[string]map[string]imednet.Variable{}, intervals: map[int64]string{},
	}
	for _, form := range s.Forms {
		index.forms[form.FormKey.Or("")] = form
	}
	for _, v := range s.Variables {
		form := v.FormKey.Or("")
		if index.variables[form] == nil {
			index.variables[form] = map[string]imednet.Variable{}
		}
		index.variables[form][strings.ToLower(v.VariableName.Or(""))] = v
	}
	for _, interval := range s.Intervals {
		index.intervals[interval.IntervalID] = interval.IntervalName.Or("")
	}
	return index
}

// variable finds a variable of a form whatever the case of its name.
func (s structureIndex) variable(form, name string) (imednet.Variable, bool) {
	v, ok := s.variables[form][strings.ToLower(name)]
	return v, ok
}
