package report

import (
	"strconv"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// Cells counts answers: one for each record and each variable of its form that is in use, and none
// where the form is disabled. Asked = Answered + Blank + Unclear. A blank is absent, null or white
// space; it is not known to be missing, because the form may not have asked.
type Cells struct {
	Asked    int64 `json:"asked"`
	Answered int64 `json:"answered"`
	Blank    int64 `json:"blank"`
	// Unclear counts answers under several keys that differ in case only, of which none was chosen.
	Unclear int64 `json:"unclear"`
}

// Rate is the share of answers in percent, 0 to 100, and false if there is nothing to answer.
func (c Cells) Rate() (float64, bool) {
	if c.Asked == 0 {
		return 0, false
	}
	return 100 * float64(c.Answered) / float64(c.Asked), true
}

func (c *Cells) add(d Cells) {
	c.Asked, c.Answered, c.Blank, c.Unclear = c.Asked+d.Asked, c.Answered+d.Answered, c.Blank+d.Blank, c.Unclear+d.Unclear
}

// FormMissing counts the answers of a form, over the variables that are in use.
type FormMissing struct {
	FormKey   string `json:"formKey"`
	FormName  string `json:"formName"`
	Records   int64  `json:"records"`
	Variables int    `json:"variables"`
	Cells     Cells  `json:"cells"`
	// Required counts the answers to variables that must be answered, and Untold how many variables the
	// requirements do not tell about. Without Requirements both are zero.
	Required          Cells             `json:"required"`
	RequiredVariables int               `json:"requiredVariables"`
	Untold            int               `json:"untold"`
	ByVariable        []VariableMissing `json:"byVariable"`
}

// VariableMissing counts the answers to a variable.
type VariableMissing struct {
	Variable string        `json:"variable"`
	Label    string        `json:"label"`
	Required imednet.YesNo `json:"required"` // unknown without Requirements
	Answered int64         `json:"answered"`
	Blank    int64         `json:"blank"`
	Unclear  int64         `json:"unclear"`
}

// formTally takes the records of a form, or of none.
type formTally struct {
	form      *imednet.IndexedForm // nil for none
	variables []VariableMissing    // those in use
	place     []int                // of each slot among them; -1 for a variable that is not in use
	matcher   *answers.Matcher
	records   int64
	bySite    map[*siteTally]*Cells
	entry     entryTally
}

func newFormTally(form *imednet.IndexedForm, requirements Requirements) *formTally {
	t := &formTally{form: form, bySite: map[*siteTally]*Cells{}}
	if form == nil {
		return t
	}
	names := make([]answers.Name, len(form.Variables))
	for i := range form.Variables {
		v := &form.Variables[i]
		names[i] = answers.Name{Text: v.VariableName.Or(""), Retired: v.Retired()}
		t.place = append(t.place, -1)
		if !form.Uses(v) {
			continue
		}
		counted := VariableMissing{Variable: v.VariableName.Or(""), Label: v.Label.Or("")}
		if requirements != nil {
			counted.Required = requirements.Required(form.Key(), counted.Variable)
		}
		t.place[i] = len(t.variables)
		t.variables = append(t.variables, counted)
	}
	t.matcher = answers.Compile(names)
	return t
}

// key names the form in rows.
func (t *formTally) key() string { return formText(t.plainKey()) }

func (t *formTally) plainKey() string {
	if t.form == nil {
		return ""
	}
	return t.form.UniqueKey()
}

func (t *formTally) name() string {
	if t.form == nil {
		return ""
	}
	return t.form.Form.FormName.Or("")
}

// answers counts the answers of a record, by the rules of tables.
func (t *formTally) answers(r *imednet.Record, site *siteTally) {
	t.records++
	if t.form == nil {
		return
	}
	c := Cells{Asked: int64(len(t.variables))}
	if r.RecordData.Presence() == imednet.Set && t.matcher.Collect(r.RecordData.Raw()) {
		for _, i := range t.matcher.Touched() {
			if t.place[i] >= 0 {
				t.variables[t.place[i]].take(t.matcher.Slots()[i], &c)
			}
		}
	}
	c.Blank = c.Asked - c.Answered - c.Unclear
	site.cells.add(c)
	if t.bySite[site] == nil {
		t.bySite[site] = &Cells{}
	}
	t.bySite[site].add(c)
}

// take counts what stands under a variable's keys.
func (v *VariableMissing) take(s answers.Slot, c *Cells) {
	switch {
	case s.State == answers.Contested:
		v.Unclear++
		c.Unclear++
	case !answers.Missing(s.Raw):
		v.Answered++
		c.Answered++
	}
}

// finishMissing lists forms and variables.
func (x *run) finishMissing() {
	x.report.Missing, x.report.RequiredKnown = []FormMissing{}, x.opts.Requirements != nil
	cells := rowsOf("cells", "Blank answers by form and site", "blank answers", "form", "Form", "site", "Site", "records", "Asked for", "answered", "Answered")
	variables := rowsOf("variables", "Blank answers by variable", "blank answers", "form", "Form", "variable", "Variable", "label", "Label", "required", "Required", "answered", "Answered")
	for _, f := range x.formList {
		if f.records == 0 {
			continue
		}
		m := f.missing()
		x.report.Missing = append(x.report.Missing, m)
		for _, site := range x.siteOrder() {
			if c := f.bySite[site]; c != nil {
				cells.add(x.opts.MaxRows, c.Blank, f.key(), x.label(site), strconv.FormatInt(c.Asked, 10), strconv.FormatInt(c.Answered, 10))
			}
		}
		for _, v := range m.ByVariable {
			variables.add(x.opts.MaxRows, v.Blank, f.key(), v.Variable, v.Label, requiredText(v.Required), strconv.FormatInt(v.Answered, 10))
		}
	}
	x.keep(cells)
	x.keep(variables)
}

func requiredText(r imednet.YesNo) string {
	switch r {
	case imednet.Yes:
		return "required"
	case imednet.No:
		return "not required"
	}
	return "not told"
}

// missing sums up the variables of a form.
func (t *formTally) missing() FormMissing {
	m := FormMissing{FormKey: t.form.UniqueKey(), FormName: t.name(), Records: t.records, Variables: len(t.variables), ByVariable: []VariableMissing{}}
	for _, v := range t.variables {
		v.Blank = t.records - v.Answered - v.Unclear
		c := Cells{Asked: t.records, Answered: v.Answered, Blank: v.Blank, Unclear: v.Unclear}
		m.Cells.add(c)
		switch v.Required {
		case imednet.Yes:
			m.Required.add(c)
			m.RequiredVariables++
		case imednet.Unknown:
			m.Untold++
		}
		m.ByVariable = append(m.ByVariable, v)
	}
	return m
}
