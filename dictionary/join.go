package dictionary

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// ErrOtherStudy means that the dictionary names another study, or that the study has the keys of fewer than half of
// its forms, so that it is probably another's. [JoinOptions.AnyStudy] allows the join.
var ErrOtherStudy = errors.New("the dictionary belongs to another study")

// JoinOptions configures [Dictionary.Join].
type JoinOptions struct {
	// AnyStudy joins a dictionary even if it names another study, or most of its forms are not forms of the
	// study.
	AnyStudy bool
}

// Joined is a dictionary joined with a study as the API shows it. The API determines what exists
// and its type; the dictionary determines what it means. Nothing is dropped or retyped because of a
// dictionary. It is immutable and safe for concurrent use.
type Joined struct {
	Dictionary *Dictionary
	Conflicts  []Conflict
	// OnlyInAPI and OnlyInDictionary list unmatched parts as FORM or FORM.VARIABLE, in the spelling
	// of each side. The choices of a question that is only in the API are unknown, which is not the
	// same as having none.
	OnlyInAPI        []string
	OnlyInDictionary []string

	forms     map[*imednet.IndexedForm]*Form
	byForm    map[*Form]*imednet.IndexedForm
	matches   map[*imednet.Variable]*Question
	variables map[*Question]string // names of the variables
	asked     map[*Question]bool   // joined with a variable in use: it is not retired, nor is its form disabled
	index     *imednet.FormIndex
	names     map[*Form]answers.Declared
	left      []Difference // only on one side
}

// Conflict is a difference between the API and the dictionary.
type Conflict struct {
	Form       string `json:"form"`
	Variable   string `json:"variable,omitempty"`
	What       string `json:"what"` // key, name, type, label
	API        string `json:"api"`
	Dictionary string `json:"dictionary"`
}

// String returns one line, such as "AE.AESEV type: RADIO in the API, Text in the dictionary".
func (c Conflict) String() string {
	where := c.Form
	if c.Variable != "" {
		where += "." + c.Variable
	}
	return fmt.Sprintf("%s %s: %s in the API, %s in the dictionary", where, c.What, oneLine(c.API), oneLine(c.Dictionary))
}

// Join joins the dictionary with the study's forms and variables, each with one at most. Forms are joined by their
// keys; then, of those that are left on both sides, by their keys in any case; and then by their ids. Questions are
// joined by their names within a form, and then by their names in any case. What fits several that are left is joined
// with none of them. Questions are never joined across forms, because several forms can use the same name with
// different types. Forms that name a study must name that of the dictionary, if it names one. A form that is joined
// by its id alone does not show that the dictionary is the study's.
func (d *Dictionary) Join(forms []imednet.Form, variables []imednet.Variable, opts JoinOptions) (*Joined, error) {
	if err := d.ofFormsStudy(forms); err != nil && !opts.AnyStudy {
		return nil, failed("join", "", err)
	}
	j := &Joined{
		Dictionary: d, index: imednet.NewFormIndex(forms, variables), matches: map[*imednet.Variable]*Question{}, variables: map[*Question]string{},
		asked: map[*Question]bool{}, names: d.questionNames(),
	}
	if err := j.joinForms(); err != nil && !opts.AnyStudy {
		return nil, failed("join", "", err)
	}
	for _, f := range j.index.Forms() {
		j.joinQuestions(f)
	}
	j.leftovers()
	return j, nil
}

// joinForms joins the forms. The error says that they are those of another study.
func (j *Joined) joinForms() error {
	listed := lastOfEach(j.Dictionary.Forms, func(f *Form) string { return f.Key })
	p := newJoining(j.index.Forms(), listed)
	p.by((*imednet.IndexedForm).Key, func(f *Form) string { return f.Key })
	p.by(func(f *imednet.IndexedForm) string { return answers.Fold(f.Key()) }, func(f *Form) string { return answers.Fold(f.Key) })
	own := len(p.left)
	p.by(formID, func(f *Form) string { return f.ID })
	j.forms, j.byForm = p.right, p.left
	for _, api := range j.index.Forms() {
		if f := j.forms[api]; f != nil {
			key := cmp.Or(api.Key(), api.UniqueKey())
			if api.Key() != f.Key {
				j.Conflicts = append(j.Conflicts, Conflict{key, "", "key", api.Key(), f.Key})
			}
			j.compare(key, "", "name", api.Form.FormName.Or(""), f.Name)
		}
	}
	if 2*own < len(listed) {
		return fmt.Errorf("%w: %d of its %d forms are the study's", ErrOtherStudy, own, len(listed))
	}
	return nil
}

// formID is the id of a form as exports write it; "" for none.
func formID(f *imednet.IndexedForm) string {
	if f.ID() == 0 {
		return ""
	}
	return strconv.FormatInt(f.ID(), 10)
}

func (j *Joined) compare(form, variable, what, api, dictionary string) {
	if strings.TrimSpace(api) != strings.TrimSpace(dictionary) && api != "" && dictionary != "" {
		j.Conflicts = append(j.Conflicts, Conflict{form, variable, what, api, dictionary})
	}
}

func (j *Joined) joinQuestions(api *imednet.IndexedForm) {
	form := j.forms[api]
	if form == nil {
		return
	}
	p := newJoining(slices.Collect(api.VariableNames()), form.distinct())
	itself := func(name string) string { return name }
	p.by(itself, func(q *Question) string { return q.Name })
	p.by(answers.Fold, func(q *Question) string { return answers.Fold(q.Name) })
	for q, name := range p.left {
		j.variables[q] = name
	}
	for i := range api.Variables {
		v := &api.Variables[i]
		name := v.VariableName.Or("")
		q := p.right[name]
		if q == nil {
			continue
		}
		j.matches[v] = q
		j.asked[q] = j.asked[q] || api.Uses(v)
		if name != q.Name {
			j.Conflicts = append(j.Conflicts, Conflict{api.Key(), name, "name", name, q.Name})
		}
		j.compare(api.Key(), name, "label", v.Label.Or(""), q.Label)
		if !sameKind(v.Kind(), q.Kind()) {
			j.compare(api.Key(), name, "type", v.VariableType.Or(""), q.Type)
		}
	}
}

// Form returns the dictionary's form for a record, and whether there is one.
func (j *Joined) Form(r *imednet.Record) (*Form, bool) {
	if r == nil {
		return nil, false
	}
	api, _ := j.index.OfRecord(r)
	f := j.forms[api]
	return f, f != nil
}

// answersOf finds the answers of a record of a form to the form's questions: those to the variables that are
// joined with them, by the rule of [imednet.IndexedForm.Answer].
func (j *Joined) answersOf(form *Form, r *imednet.Record) answerFinder {
	return func(question string) (imednet.Value, int) {
		q, known := form.Question(question)
		v, n := j.answer(form, q, r, question)
		if n < 2 && known && !j.asked[q] && !answers.Populated(v.Raw()) {
			return v, notAsked
		}
		return v, n
	}
}

func (j *Joined) answer(form *Form, q *Question, r *imednet.Record, name string) (imednet.Value, int) {
	api := j.byForm[form]
	if variable, joined := j.variables[q]; joined {
		return api.Answer(r.RecordData, variable)
	}
	switch v, n := api.Variable(name); {
	case n == 0:
		return answerIn(j.names[form], r.RecordData, name)
	case v != nil && q != nil:
		return imednet.Value{}, 0 // the answer is another question's
	}
	return api.Answer(r.RecordData, name)
}

// inUse reports whether the study has the form, and has not disabled it.
func (j *Joined) inUse(f *Form) bool { return j.byForm[f] != nil && !j.byForm[f].Disabled() }

// Question returns the dictionary's question for a variable on a form of the API, which is named by its key or by
// [imednet.IndexedForm.UniqueKey], and whether there is one.
func (j *Joined) Question(formKey, variable string) (*Question, bool) {
	api := j.named(formKey)
	if api == nil {
		return nil, false
	}
	v, n := api.Variable(variable)
	if n != 1 || v == nil {
		return nil, false
	}
	q := j.matches[v]
	return q, q != nil
}

// named finds a form of the API.
func (j *Joined) named(key string) *imednet.IndexedForm {
	for _, api := range j.index.Forms() {
		if api.UniqueKey() == key {
			return api
		}
	}
	api, _ := j.index.Of(0, key)
	return api
}

// InAPI returns the form of the API with which a form of the dictionary is joined, and the name of the variable with
// which a question of it is; "" asks for the form alone. found is false if one of them is joined with nothing.
func (j *Joined) InAPI(formKey, question string) (form *imednet.IndexedForm, variable string, found bool) {
	f, known := j.Dictionary.Form(formKey)
	form = j.byForm[f]
	if !known || form == nil {
		return nil, "", false
	}
	if question == "" {
		return form, "", true
	}
	q, _ := f.Question(question)
	variable, found = j.variables[q]
	return form, variable, found
}

// Types returns the word that the dictionary has for the type of each joined variable, such as "Date/Time Precision", by
// FORM.VARIABLE, where the form is named by [imednet.IndexedForm.UniqueKey].
func (j *Joined) Types() map[string]string {
	types := map[string]string{}
	for _, f := range j.index.Forms() {
		for i := range f.Variables {
			if q := j.matches[&f.Variables[i]]; q != nil && q.Type != "" {
				types[f.UniqueKey()+"."+f.Variables[i].VariableName.Or("")] = q.Type
			}
		}
	}
	return types
}

// String returns one line, such as "616 questions joined, 1 only in the API, 0 only in the
// dictionary, 3 conflicts".
func (j *Joined) String() string {
	return fmt.Sprintf("%d questions joined, %d only in the API, %d only in the dictionary, %d conflicts", len(j.matches), len(j.OnlyInAPI), len(j.OnlyInDictionary), len(j.Conflicts))
}
