package imednet

import (
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/answers"
)

// FormIndex finds the form that a variable, a record, or anything else that names a form belongs
// to.
//
// # The rule
//
// The id decides if both the row and the form have one; otherwise the key does. An id of 0 and a
// blank key count as absent. Keys are compared exactly, as the API's filters compare them. Any
// disagreement is returned as a [Contradiction] beside the form:
//
//	the row has                it is of    contradiction
//	id and key of one form     that form   none
//	id of A, no key            A           none
//	key of A, no id            A           none
//	id of A, key of B          A           IDAndKeyDisagree
//	id of A, key of no form    A           KeyUnknown (a)
//	id of no form, key of A    A           IDUnknown (b)
//	id of several forms (c)    none        IDAmbiguous
//	no id, key of several      none        KeyAmbiguous
//	no id, key in other case   none        KeyInOtherCase
//	id and key of no form      none        NothingKnown
//	neither                    none        NothingNamed
//
// (a) No contradiction if A has no key, or has this key in another case. (b) No contradiction if A
// has no id. In the lines below it, too, a row with an id of no form is treated like one without an
// id. (c) And a key of none of these; a key of one of them decides.
//
// Disabled forms and retired variables are included, because the data still contain answers to
// them. A form that the study does not list but that variables name is also in the index, with
// IndexedForm.Listed false.
//
// No result depends on the order in which forms and variables were listed. An index is immutable
// and safe for concurrent use. Lookups do not allocate.
type FormIndex struct {
	forms          []*IndexedForm
	belonging      *belonging
	unplaced       []Variable
	contradictions []Contradiction
	holders        map[string]nameHolder // forms by the exact names of their variables
	holdersFolded  map[string]nameHolder // and by their names in any case
}

// nameHolder is the last form found with a variable of a given name, and the number of such forms.
type nameHolder struct {
	form  *IndexedForm
	count int
}

// NewFormIndex joins the forms and variables of one study. Without variables it still finds the
// forms of records. Contradictions within the listings are not errors: see
// [FormIndex.Contradictions].
func NewFormIndex(forms []Form, variables []Variable) *FormIndex {
	listed, again := unique[Form](forms, formIdentity, func(a, b *Form) int {
		return compareEdition(a.Revision, b.Revision, a.DateModified, b.DateModified)
	})
	x := &FormIndex{holders: map[string]nameHolder{}, holdersFolded: map[string]nameHolder{}}
	for _, f := range listed {
		x.forms = append(x.forms, &IndexedForm{Form: f, Listed: true})
	}
	x.index()
	for _, f := range x.unlisted(variables) {
		x.forms = append(x.forms, &IndexedForm{Form: f})
	}
	x.index()
	x.contradictions = append(x.contradictions, x.belonging.listed(Forms, again)...)
	x.place(variables)
	keys := map[string]int{}
	for _, f := range x.forms {
		keys[f.Key()]++
	}
	for i, f := range x.forms {
		f.at = i
		f.makeUnique(keys[f.Key()] > 1)
		x.contradictions = append(x.contradictions, f.nameVariables()...)
		x.hold(f)
	}
	slices.SortFunc(x.contradictions, compareContradictions)
	x.contradictions = slices.Compact(x.contradictions)
	return x
}

// index builds the rule from the current forms.
func (x *FormIndex) index() {
	list := make([]identity, len(x.forms))
	for i, f := range x.forms {
		list[i] = formIdentity(&f.Form)
	}
	x.belonging = newBelonging(list, true)
}

func formIdentity(f *Form) identity { return newIdentity(f.FormID, f.FormKey.Or("")) }

// unlisted adds a form for every id or key that variables name and no listed form has.
func (x *FormIndex) unlisted(variables []Variable) []Form {
	var found []Form
	ids, keys := map[int64]bool{}, map[string]bool{}
	for i := range variables {
		v := &variables[i]
		who := newIdentity(v.FormID.Or(0), v.FormKey.Or(""))
		if _, kind, _ := x.belonging.find(who); kind != NothingKnown {
			continue
		}
		found = append(found, Form{StudyKey: v.StudyKey, FormID: who.id, FormKey: optional(who.key), FormName: v.FormName})
		ids[who.id] = ids[who.id] || who.key != ""
		keys[who.key] = keys[who.key] || who.id != 0
	}
	found = slices.DeleteFunc(found, func(f Form) bool { // one that another names more fully
		return f.FormID == 0 && keys[f.FormKey.Or("")] || !f.FormKey.IsSet() && ids[f.FormID]
	})
	found, _ = unique[Form](found, formIdentity, func(a, b *Form) int { return strings.Compare(a.FormName.Or(""), b.FormName.Or("")) })
	for i := range found {
		who := formIdentity(&found[i])
		x.contradictions = append(x.contradictions, Contradiction{Kind: NotListed, Row: Forms, RowID: who.id, Of: Forms, ID: who.id, Key: who.key})
	}
	return found
}

func optional(s string) Opt[string] {
	if s == "" {
		return Opt[string]{}
	}
	return Some(s)
}

// place assigns every variable to its form.
func (x *FormIndex) place(variables []Variable) {
	for _, v := range variables {
		form, c := x.OfVariable(&v)
		if !c.IsZero() {
			x.contradictions = append(x.contradictions, c)
		}
		if form == nil {
			x.unplaced = append(x.unplaced, v)
			continue
		}
		form.Variables = append(form.Variables, v)
	}
	homes := map[int64]int{}
	settle := func(list []Variable) []Variable {
		kept, again := settleVariables(list)
		for _, v := range kept {
			if homes[v.VariableID]++; homes[v.VariableID] == 2 && v.VariableID != 0 {
				again = append(again, v)
			}
		}
		for i := range again {
			x.contradictions = append(x.contradictions, variableContradiction(ListedTwice, &again[i]))
		}
		return kept
	}
	for _, f := range x.forms {
		f.Variables = settle(f.Variables)
	}
	x.unplaced = settle(x.unplaced)
}

// hold records the names of a form's variables.
func (x *FormIndex) hold(f *IndexedForm) {
	note := func(holders map[string]nameHolder, name string) {
		if h := holders[name]; h.form != f {
			holders[name] = nameHolder{f, h.count + 1}
		}
	}
	for i := range f.Variables {
		if name, ok := f.Variables[i].VariableName.Get(); ok {
			note(x.holders, name)
			note(x.holdersFolded, answers.Fold(name))
		}
	}
}

// Forms returns all forms in ascending order of id, followed by those without an id and then by
// those that the study does not list. The slice is shared and must not be modified.
func (x *FormIndex) Forms() []*IndexedForm { return x.forms }

// Unplaced returns the variables that belong to no form, in ascending order of their sequence. The
// slice is shared and must not be modified.
func (x *FormIndex) Unplaced() []Variable { return x.unplaced }

// Contradictions returns, in a fixed order, every contradiction among forms and variables,
// including those of variables that belong to no form or belong to one only by a contradicted rule.
// The slice is shared and must not be modified.
func (x *FormIndex) Contradictions() []Contradiction { return x.contradictions }

// Of returns the form that an id, a key or both identify; 0 and "" mean that there is none. If the
// form is nil, the contradiction says why. See [FormIndex] for the rule.
func (x *FormIndex) Of(formID int64, formKey string) (*IndexedForm, Contradiction) {
	row := newIdentity(formID, formKey)
	at, kind, found := x.belonging.find(row)
	c := x.belonging.contradiction(Forms, kind, row)
	if !found {
		return nil, c
	}
	return x.forms[at], c
}

// OfRecord returns the form that a record belongs to, as [FormIndex.Of] does. Soft-deleted records
// are treated like all others.
func (x *FormIndex) OfRecord(r *Record) (*IndexedForm, Contradiction) {
	return x.of(r.FormID, r.FormKey, Records, r.RecordID)
}

// OfVariable returns the form that a variable belongs to, as [FormIndex.Of] does.
func (x *FormIndex) OfVariable(v *Variable) (*IndexedForm, Contradiction) {
	form, c := x.of(v.FormID, v.FormKey, Variables, v.VariableID)
	if !c.IsZero() {
		c.Variable = v.VariableName.Or("")
	}
	return form, c
}

// OfInterval returns the form that an entry of an interval names, as [FormIndex.Of] does.
func (x *FormIndex) OfInterval(interval *Interval, named IntervalForm) (*IndexedForm, Contradiction) {
	return x.of(named.FormID, named.FormKey, Intervals, interval.IntervalID)
}

// OfRevision returns the form of a revision's record, as [FormIndex.Of] does. Revisions carry only
// a key.
func (x *FormIndex) OfRevision(r *RecordRevision) (*IndexedForm, Contradiction) {
	return x.of(Opt[int64]{}, r.FormKey, RecordRevisions, r.RecordRevisionID)
}

// OfCoding returns the form of a coded answer, as [FormIndex.Of] does.
func (x *FormIndex) OfCoding(c *Coding) (*IndexedForm, Contradiction) {
	return x.of(c.FormID, c.FormKey, Codings, c.CodingID)
}

func (x *FormIndex) of(id Opt[int64], key Opt[string], row Resource, rowID int64) (*IndexedForm, Contradiction) {
	form, c := x.Of(id.Or(0), key.Or(""))
	if !c.IsZero() {
		c.Row, c.RowID = row, rowID
	}
	return form, c
}

// WithVariable returns the only form that has a variable with this name, for rows that name a
// variable but no form, such as queries. The exact spelling takes precedence; otherwise case is
// ignored. n is the number of forms that have such a variable. If n > 1 the form is nil, because
// choosing one would be a guess.
func (x *FormIndex) WithVariable(name string) (form *IndexedForm, n int) {
	h, exact := x.holders[name]
	if !exact {
		var buffer [64]byte
		h = x.holdersFolded[string(answers.AppendFold(buffer[:0], name))]
	}
	if h.count > 1 {
		return nil, h.count
	}
	return h.form, h.count
}
