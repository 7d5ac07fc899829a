package cache

import (
	"context"
	"slices"
	"strconv"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// formerNames are the names that variables had before they were renamed, as far as the mirror saw it: the newest first,
// by the variable's id.
type formerNames map[string][]string

func readFormerNames(ctx context.Context, view *View, studyKey string) (formerNames, error) {
	former := formerNames{}
	for c, err := range view.DesignChanges(ctx, studyKey) {
		if err != nil {
			return nil, err
		}
		if old := c.Old.Text(); c.Resource == imednet.Variables && c.Member == "variableName" && old != "" {
			former[c.RowID] = slices.Insert(former[c.RowID], 0, old)
		}
	}
	return former, nil
}

// of are the former names of a variable of a form that no variable of the form has now.
func (f formerNames) of(form *imednet.IndexedForm, v *imednet.Variable) []string {
	return slices.DeleteFunc(slices.Clone(f[strconv.FormatInt(v.VariableID, 10)]), func(name string) bool {
		_, n := form.Variable(name)
		return n > 0
	})
}

// variable finds the variable of a form that is called so or, if none is, the only one that was.
func (f formerNames) variable(form *imednet.IndexedForm, name string) *imednet.Variable {
	if form == nil {
		return nil
	}
	if v, n := form.Variable(name); n > 0 {
		return v
	}
	var found *imednet.Variable
	for i := range form.Variables {
		v := &form.Variables[i]
		if !slices.ContainsFunc(f.of(form, v), func(old string) bool { return answers.Same(old, name) }) {
			continue
		}
		if found != nil {
			return nil
		}
		found = v
	}
	return found
}

// label is the label of the variable of a name.
func (f formerNames) label(form *imednet.IndexedForm, name string) string {
	if v := f.variable(form, name); v != nil {
		return v.Label.Or("")
	}
	return ""
}

// belongs reports whether a key of recordData can be an answer to a variable: it is its name or a former one, ignoring
// case, and not that of another variable of the form.
func (f formerNames) belongs(form *imednet.IndexedForm, key, variable string) bool {
	of := f.variable(form, key)
	if of == nil {
		return answers.Same(key, variable)
	}
	if wanted := f.variable(form, variable); wanted != nil {
		return of == wanted
	}
	return of.VariableName.Or("") == variable
}

// answer finds the answer to a variable as [imednet.IndexedForm.Answer] does or, where a record has none under its name, under
// the newest of its former names.
func (f formerNames) answer(form *imednet.IndexedForm, data imednet.RecordData, variable string) (imednet.Value, int) {
	if form == nil {
		return data.Lookup(variable)
	}
	found, n := form.Answer(data, variable)
	v := f.variable(form, variable)
	if n > 0 || v == nil {
		return found, n
	}
	for _, name := range f.of(form, v) {
		if found, n = data.Lookup(name); n > 0 {
			break
		}
	}
	return found, n
}
