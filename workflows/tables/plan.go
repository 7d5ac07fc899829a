package tables

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/listing"
)

// Plan fixes the columns of every form of a study before the first record is read. RecordMapper.Plan
// makes one from the study's variables alone, so it is the same whatever the data; InferPlan may
// narrow types after reading the study once. A Plan is plain data: keep it as JSON and hand it to
// later runs (MapOptions.Plan), and their tables have the same schema. It holds no subject data
// but the keys of undeclared answers.
type Plan struct {
	StudyKey string     `json:"studyKey"`
	Inferred bool       `json:"inferred,omitempty"`
	Forms    []FormPlan `json:"forms"`
	// Unplaced lists the ids of variables that belong to no form or have no name. No answer can
	// be theirs.
	Unplaced []int64 `json:"unplaced,omitempty"`
}

// FormPlan fixes the columns of one form, in form order (sequence, then id); extra columns last.
type FormPlan struct {
	FormKey  string   `json:"formKey"`
	FormID   int64    `json:"formId"`
	FormName string   `json:"formName,omitempty"`
	Columns  []Column `json:"columns"`
}

// Column is one question of a form, or one undeclared key (Extra).
type Column struct {
	Name string     `json:"name"` // variableName, or the undeclared key
	Type ColumnType `json:"type"`
	// Layout is the one form of a TypeTimestamp column's texts, as in package time.
	Layout       string            `json:"layout,omitempty"`
	Form         string            `json:"form"`
	VariableID   int64             `json:"variableId,omitempty"`
	Label        string            `json:"label,omitempty"`
	VariableOID  string            `json:"variableOid,omitempty"`
	DeclaredType string            `json:"declaredType,omitempty"`
	Revision     int64             `json:"revision,omitempty"`
	Retired      bool              `json:"retired,omitempty"` // disabled or deleted; answers remain
	Codelist     map[string]string `json:"codelist,omitempty"`
	Extra        bool              `json:"extra,omitempty"`

	sequence imednet.Opt[int64]
}

// PlanOptions are the settings of RecordMapper.Plan.
type PlanOptions struct {
	// Codelists gives the choices of variables, code to meaning, under "FORM.VARIABLE". The API
	// does not say them. They go to the fields' metadata.
	Codelists map[string]map[string]string
}

// Plan makes a plan from the study's forms and variables. Retired forms and variables have their
// place in it, because answers to them remain in the data. The error is an *imednet.Error.
func (m *RecordMapper) Plan(ctx context.Context, studyKey string, opts PlanOptions) (*Plan, error) {
	forms, err := listing.Collect(m.src.Forms(ctx, studyKey, imednet.ListOptions{}))
	if err != nil {
		return nil, &imednet.Error{Package: "tables", Op: "plan", StudyKey: studyKey, Err: err, Hint: "the forms could not be listed"}
	}
	variables, err := listing.Collect(m.src.Variables(ctx, studyKey, imednet.ListOptions{}))
	if err != nil {
		return nil, &imednet.Error{Package: "tables", Op: "plan", StudyKey: studyKey, Err: err, Hint: "the variables could not be listed"}
	}
	return newPlan(studyKey, forms, variables, opts), nil
}

func newPlan(studyKey string, forms []imednet.Form, variables []imednet.Variable, opts PlanOptions) *Plan {
	p := &Plan{StudyKey: studyKey, Forms: []FormPlan{}}
	for _, f := range forms {
		p.place(f.FormKey.Or(""), f.FormID, f.FormName.Or(""))
	}
	for _, v := range variables {
		form := p.place(v.FormKey.Or(""), v.FormID.Or(0), v.FormName.Or(""))
		if form == nil || !v.VariableName.IsSet() {
			p.Unplaced = append(p.Unplaced, v.VariableID)
			continue
		}
		form.Columns = append(form.Columns, newColumn(form.FormKey, v, opts))
	}
	for i := range p.Forms {
		slices.SortStableFunc(p.Forms[i].Columns, func(a, b Column) int {
			return cmp.Or(listing.CompareSequence(a.sequence, b.sequence), cmp.Compare(a.VariableID, b.VariableID))
		})
	}
	return p
}

// place returns the form with this key or, without a key, this id, and adds a form that is named
// for the first time. nil means that nothing names a form.
func (p *Plan) place(key string, id int64, name string) *FormPlan {
	for i := range p.Forms {
		if f := &p.Forms[i]; key != "" && f.FormKey == key || key == "" && id != 0 && f.FormID == id {
			return f
		}
	}
	if key == "" {
		return nil
	}
	p.Forms = append(p.Forms, FormPlan{FormKey: key, FormID: id, FormName: name, Columns: []Column{}})
	return &p.Forms[len(p.Forms)-1]
}

func newColumn(form string, v imednet.Variable, opts PlanOptions) Column {
	name := v.VariableName.Or("")
	return Column{
		Name: name, Form: form, VariableID: v.VariableID,
		Type:         TypeOf(v.VariableType.Or("")),
		Label:        v.Label.Or(""),
		VariableOID:  v.VariableOID.Or(""),
		DeclaredType: v.VariableType.Or(""),
		Revision:     v.Revision.Or(0),
		Retired:      v.Retired(),
		Codelist:     opts.Codelists[form+"."+name],
		sequence:     v.Sequence,
	}
}

// Form returns the plan of one form.
func (p *Plan) Form(formKey string) (*FormPlan, bool) {
	for i := range p.Forms {
		if p.Forms[i].FormKey == formKey {
			return &p.Forms[i], true
		}
	}
	return nil, false
}

// Validate reports what makes a plan unusable, such as one that was edited by hand: an unknown
// type, a form or an extra key twice. The error is an *imednet.ValidationError.
func (p *Plan) Validate() error {
	var problems []imednet.Problem
	add := func(path, format string, args ...any) {
		problems = append(problems, imednet.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	forms := map[string]bool{}
	for i, f := range p.Forms {
		path := fmt.Sprintf("/forms/%d", i)
		if f.FormKey == "" || forms[f.FormKey] {
			add(path, "form key %q is empty or there twice", f.FormKey)
		}
		forms[f.FormKey] = true
		extra := map[string]bool{}
		for j, c := range f.Columns {
			at := fmt.Sprintf("%s/columns/%d", path, j)
			switch {
			case !c.Type.known():
				add(at, "unknown column type %q", c.Type)
			case c.Type == TypeTimestamp && c.Layout == "":
				add(at, "a timestamp needs a layout")
			case c.Form != f.FormKey:
				add(at, "column of form %q in form %q", c.Form, f.FormKey)
			case c.Extra && extra[c.Name]:
				add(at, "extra key %q is there twice", c.Name)
			}
			extra[c.Name] = extra[c.Name] || c.Extra
		}
	}
	if len(problems) > 0 {
		return &imednet.ValidationError{What: "plan", Problems: problems}
	}
	return nil
}

// ParsePlan reads a plan that was kept as JSON, and validates it.
func ParsePlan(document []byte) (*Plan, error) {
	var p Plan
	if err := json.Unmarshal(document, &p); err != nil {
		return nil, &imednet.Error{Package: "tables", Op: "plan", Err: err, Hint: "the document is no plan"}
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &p, nil
}

// clone returns a copy whose columns can be changed.
func (p *Plan) clone() *Plan {
	c := *p
	c.Forms = slices.Clone(p.Forms)
	for i := range c.Forms {
		c.Forms[i].Columns = slices.Clone(c.Forms[i].Columns)
	}
	return &c
}

// namesOf returns the names by which keys of recordData find their columns.
func namesOf(columns []Column) []answers.Name {
	names := make([]answers.Name, len(columns))
	for i, c := range columns {
		names[i] = answers.Name{Text: c.Name, Retired: c.Retired, Extra: c.Extra}
	}
	return names
}
