package tables

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/listing"
)

// Plan fixes the columns of every form of a study before the first record is read.
// [RecordMapper.Plan] makes one from the study's variables alone, so that it does not depend on the
// data. [RecordMapper.InferPlan] may narrow types after reading the study once. A Plan is plain
// data: store it as JSON and pass it to later runs ([MapOptions.Plan]) to give their tables the
// same schema. Apart from the keys of undeclared answers it holds no subject data.
type Plan struct {
	StudyKey string `json:"studyKey"`
	Inferred bool   `json:"inferred,omitempty"`
	// ChoicesAs says how the answers to questions with choices are shown in the tables, such as dictionary.ChoicesAsText;
	// empty for answers as they were received.
	ChoicesAs string     `json:"choicesAs,omitempty"`
	Forms     []FormPlan `json:"forms"`
	// Unplaced lists the ids of variables that belong to no form or have no valid name. No answer
	// can belong to them.
	Unplaced []int64 `json:"unplaced,omitempty"`
	// Contradictions lists the contradictions among forms and variables.
	Contradictions []imednet.Contradiction `json:"contradictions,omitempty"`
}

// FormPlan fixes the columns of one form, in the order of the form (sequence, then id), with extra
// columns last.
type FormPlan struct {
	// FormKey names the form's table. It is the form's key or, if the form has no key or shares it
	// with other forms, the key followed by "#" and the form's id.
	FormKey  string   `json:"formKey"`
	FormID   int64    `json:"formId"`
	FormName string   `json:"formName,omitempty"`
	Columns  []Column `json:"columns"`
}

// Column is one question of a form, or one undeclared key (Extra).
type Column struct {
	Name string     `json:"name"` // variableName, or the undeclared key
	Type ColumnType `json:"type"`
	// Layout is the format of all texts of a TypeTimestamp column, as in package time.
	Layout       string `json:"layout,omitempty"`
	Form         string `json:"form"`
	VariableID   int64  `json:"variableId,omitempty"`
	Label        string `json:"label,omitempty"`
	VariableOID  string `json:"variableOid,omitempty"`
	DeclaredType string `json:"declaredType,omitempty"`
	// DictionaryType is the word that the study's dictionary has for the type, such as "Date/Time Precision".
	DictionaryType string            `json:"dictionaryType,omitempty"`
	Revision       int64             `json:"revision,omitempty"`
	Retired        bool              `json:"retired,omitempty"` // disabled or deleted; the data may still contain answers
	Codelist       map[string]string `json:"codelist,omitempty"`
	// Choices are the declared choices by position. The dictionaries of a TypeDictionary column begin with
	// their values, in this order.
	Choices []Choice `json:"choices,omitempty"`
	// CodesOf is the variable whose choices have the codes that the column holds. No key of a record is an answer to
	// such a column: [MapOptions.Translate] adds them.
	CodesOf string `json:"codesOf,omitempty"`
	Extra   bool   `json:"extra,omitempty"`
}

// PlanOptions configures [RecordMapper.Plan].
type PlanOptions struct {
	// Codelists gives the choices of variables, from code to meaning, by "FORM.VARIABLE". The API
	// does not provide them. They are stored in the metadata of the fields.
	Codelists map[string]map[string]string
	// Choices gives the declared choices of variables by position, by "FORM.VARIABLE", as a study's
	// dictionary has them. They are stored in the metadata of the fields, under "choices".
	Choices map[string][]Choice
	// ChoicesAs is [Plan.ChoicesAs].
	ChoicesAs string
	// CodesOf gives, by "FORM.VARIABLE", the variable whose choices have the codes that this one is to hold, where the
	// source shows the study with such variables.
	CodesOf map[string]string
	// DictionaryTypes gives the word that a study's dictionary has for the type of a variable, by "FORM.VARIABLE". What the
	// API calls a number or a date, or a text, stays that; a date of the dictionary whose type the API does not name, or
	// names by a word that is not known, becomes [TypeDate], which holds every answer as text. [RecordMapper.InferPlan]
	// keeps this type where the word takes partial dates ([imednet.TakesPartialDates]), although no answer is partial yet.
	DictionaryTypes map[string]string
	// Categories makes text columns with Choices dictionaries, whose values are the declared choices in their order
	// and then whatever else is answered.
	Categories bool
}

// Plan makes a plan from the study's forms and variables. It includes retired forms and variables,
// because the data may still contain answers to them. The error is an *[imednet.Error].
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
	index := imednet.NewFormIndex(forms, variables)
	p := &Plan{StudyKey: studyKey, ChoicesAs: opts.ChoicesAs, Forms: []FormPlan{}, Contradictions: index.Contradictions()}
	for _, f := range index.Forms() {
		form := FormPlan{FormKey: f.UniqueKey(), FormID: f.ID(), FormName: f.Form.FormName.Or(""), Columns: []Column{}}
		for _, v := range f.Variables {
			if v.VariableName.IsSet() {
				form.Columns = append(form.Columns, newColumn(form.FormKey, v, opts))
			} else {
				p.Unplaced = append(p.Unplaced, v.VariableID)
			}
		}
		p.Forms = append(p.Forms, form)
	}
	for _, v := range index.Unplaced() {
		p.Unplaced = append(p.Unplaced, v.VariableID)
	}
	return p
}

// apiKey is the key that the API has for the form.
func (f *FormPlan) apiKey() string {
	return strings.TrimSuffix(f.FormKey, "#"+strconv.FormatInt(f.FormID, 10))
}

// index finds the forms of records by the forms of the plan and, if it is told to, answers by their variables. Of
// 60,000 variables the latter takes 70 MB.
func (p *Plan) index(answers bool) *imednet.FormIndex {
	if answers {
		return imednet.NewFormIndex(p.Design())
	}
	return imednet.NewFormIndex(p.forms(), nil)
}

func (p *Plan) forms() []imednet.Form {
	forms := make([]imednet.Form, len(p.Forms))
	for i := range p.Forms {
		forms[i] = imednet.Form{FormID: p.Forms[i].FormID}
		if key := p.Forms[i].apiKey(); key != "" {
			forms[i].FormKey = imednet.Some(key)
		}
	}
	return forms
}

// Design returns the forms and variables for which the columns are, as far as the plan knows them. The ids of the
// variables are numbers within the plan. Columns of codes ([Column.CodesOf]) are no variables.
func (p *Plan) Design() (forms []imednet.Form, variables []imednet.Variable) {
	forms = p.forms()
	for i := range p.Forms {
		for _, c := range p.Forms[i].Columns {
			if c.CodesOf != "" {
				continue // nothing that was received is an answer to it
			}
			variables = append(variables, imednet.Variable{
				VariableID: int64(len(variables) + 1), // an undeclared column has none
				FormID:     imednet.Some(forms[i].FormID), FormKey: forms[i].FormKey, VariableName: imednet.Some(c.Name),
				VariableType: imednet.Some(c.DeclaredType),
			})
		}
	}
	return forms, variables
}

func newColumn(form string, v imednet.Variable, opts PlanOptions) Column {
	name := v.VariableName.Or("")
	c := Column{
		Name: name, Form: form, VariableID: v.VariableID,
		Label:        v.Label.Or(""),
		VariableOID:  v.VariableOID.Or(""),
		DeclaredType: v.VariableType.Or(""),
		Revision:     v.Revision.Or(0),
		Retired:      v.Retired(),
		Codelist:     opts.Codelists[form+"."+name],
		Choices:      opts.Choices[form+"."+name],
		CodesOf:      opts.CodesOf[form+"."+name],

		DictionaryType: opts.DictionaryTypes[form+"."+name],
	}
	c.Type = c.declared()
	if opts.Categories && len(c.Choices) > 0 && c.Type == TypeText {
		c.Type = TypeDictionary
	}
	return c
}

// declared is the type by the API's word, or by the dictionary's where the API's says nothing that is known.
func (c *Column) declared() ColumnType {
	if imednet.VariableKindOf(c.DeclaredType) == imednet.OtherVariable && imednet.VariableKindOf(c.DictionaryType) == imednet.DateVariable {
		return TypeDate
	}
	return TypeOf(c.DeclaredType)
}

// takesPartialDates reports whether either word says so.
func (c *Column) takesPartialDates() bool {
	return imednet.TakesPartialDates(c.DeclaredType) || imednet.TakesPartialDates(c.DictionaryType)
}

// Form returns the plan of one form, and whether there is one.
func (p *Plan) Form(formKey string) (*FormPlan, bool) {
	for i := range p.Forms {
		if p.Forms[i].FormKey == formKey {
			return &p.Forms[i], true
		}
	}
	return nil, false
}

// Validate checks that a plan is usable, for example after manual editing: it reports unknown types
// and repeated forms or extra keys. The error is an *[imednet.ValidationError].
func (p *Plan) Validate() error {
	if err := argument.Required("tables.Plan.Validate", "p", p); err != nil {
		return err
	}
	var problems []imednet.Problem
	add := func(path, format string, args ...any) {
		problems = append(problems, imednet.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	forms := map[string]bool{}
	for i, f := range p.Forms {
		path := fmt.Sprintf("/forms/%d", i)
		if f.FormKey == "" || forms[f.FormKey] || !utf8.ValidString(f.FormKey) {
			add(path, "form key %q is empty, not valid Unicode, or occurs twice", f.FormKey)
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
			case !utf8.ValidString(c.Name):
				add(at, "the name of variable %d is not valid Unicode", c.VariableID)
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

// ParsePlan reads a plan that was stored as JSON and validates it.
func ParsePlan(document []byte) (*Plan, error) {
	var p Plan
	if err := json.Unmarshal(document, &p); err != nil {
		return nil, &imednet.Error{Package: "tables", Op: "plan", Err: err, Hint: "the document is not a plan"}
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &p, nil
}

// hasCodes reports whether a column holds the codes of another's choices.
func (p *Plan) hasCodes() bool {
	return slices.ContainsFunc(p.Forms, func(f FormPlan) bool {
		return slices.ContainsFunc(f.Columns, func(c Column) bool { return c.CodesOf != "" })
	})
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
