package dictionary

import (
	"fmt"
	"iter"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/argument"
)

// ChoiceMode says how the answers to questions with choices are shown by a [Translator].
type ChoiceMode string

// The modes.
const (
	ChoicesAsText ChoiceMode = "text" // the text of the choice
	ChoicesAsCode ChoiceMode = "code" // its code; its text where it has none
	ChoicesAsBoth ChoiceMode = "both" // its text, and its code in a variable of its own, NAME_CODE
)

// Translator shows the answers of a study by the choices that they denote, and its variables with
// labels without HTML. Which key of a record is the answer to a variable is the rule of
// [imednet.IndexedForm.Answer]; what stands under others stays. An answer stays as it is, and is counted, if it is not
// a choice, fits several, or its choice would be shown like another of the list. So do all answers to a variable that
// cannot hold what is shown, by the type that the API gives it: see [Translator.Conflicts]. It is not safe for
// concurrent use.
type Translator struct {
	joined    *Joined
	mode      ChoiceMode
	forms     map[*imednet.IndexedForm]*shownForm
	lists     map[*imednet.Variable]*shownList
	conflicts []Conflict
	kept      map[keptAnswer]string // FORM.VARIABLE
	alike     map[keptAnswer]string
}

// shownForm are the variables of a form with lists.
type shownForm struct {
	key   string
	lists []*shownList
	index answers.Index // of the record at hand
}

// keptAnswer is an answer of a record, which may be read several times.
type keptAnswer struct {
	variable *imednet.Variable
	record   int64
}

// Translator returns a translator for the study.
func (j *Joined) Translator(mode ChoiceMode) (*Translator, error) {
	if mode != ChoicesAsText && mode != ChoicesAsCode && mode != ChoicesAsBoth {
		return nil, argument.Invalid("dictionary.Joined.Translator", "mode", "is none of text, code and both")
	}
	t := &Translator{joined: j, mode: mode, forms: map[*imednet.IndexedForm]*shownForm{}, lists: map[*imednet.Variable]*shownList{},
		kept: map[keptAnswer]string{}, alike: map[keptAnswer]string{}}
	for _, form := range j.index.Forms() {
		t.addForm(form)
	}
	return t, nil
}

// addForm finds the lists of a form.
func (t *Translator) addForm(form *imednet.IndexedForm) {
	shown := &shownForm{key: form.UniqueKey(), index: answers.Index{Declared: answers.Declare(form.VariableNames())}}
	for i := range form.Variables {
		v := &form.Variables[i]
		l := t.list(v)
		if counts, _ := form.Variable(v.VariableName.Or("")); l == nil || counts != v {
			continue
		}
		if !l.fits() {
			t.conflicts = append(t.conflicts, Conflict{shown.key, l.name, "type", v.VariableType.Or(""), l.question.Type})
			continue
		}
		shown.lists, t.lists[v] = append(shown.lists, l), l
	}
	if len(shown.lists) == 0 {
		return
	}
	t.forms[form] = shown
	if t.mode == ChoicesAsBoth {
		shown.nameCodes(form)
	}
}

// nameCodes gives every list with codes a variable that the form does not have yet.
func (f *shownForm) nameCodes(form *imednet.IndexedForm) {
	taken := map[string]bool{}
	for name := range form.VariableNames() {
		taken[answers.Fold(name)] = true
	}
	for _, l := range f.lists {
		if !l.question.coded() {
			continue
		}
		l.codes = l.name + "_CODE"
		for n := 2; taken[answers.Fold(l.codes)]; n++ {
			l.codes = fmt.Sprintf("%s_CODE%d", l.name, n)
		}
		taken[answers.Fold(l.codes)] = true
	}
}

// Conflicts returns the variables whose answers stay as they were received because the type that the API gives them
// cannot hold what the mode shows, such as texts in numbers. They have no list in [Translator.Lists].
func (t *Translator) Conflicts() []Conflict { return slices.Clone(t.conflicts) }

// ShownChoice is one choice of a question as a [Translator] shows it.
type ShownChoice struct {
	Value string // of the answers that denote it
	Text  string
	Code  string
}

// Lists returns the declared choices by position of every question with a list, and the codes of the variables that
// the mode adds, by FORM.VARIABLE, where the form is named by [imednet.IndexedForm.UniqueKey].
func (t *Translator) Lists() map[string][]ShownChoice {
	lists := map[string][]ShownChoice{}
	for _, form := range t.forms {
		for _, l := range form.lists {
			lists[form.key+"."+l.name] = l.choices()
			if l.codes != "" {
				lists[form.key+"."+l.codes] = l.codesOf()
			}
		}
	}
	return lists
}

// Codes returns the variables that the mode adds for codes, by FORM.VARIABLE as in [Translator.Lists], with the name of
// the variable whose choices have the codes.
func (t *Translator) Codes() map[string]string {
	codes := map[string]string{}
	for _, form := range t.forms {
		for _, l := range form.lists {
			if l.codes != "" {
				codes[form.key+"."+l.codes] = l.name
			}
		}
	}
	return codes
}

// Kept counts the answers to questions with a list that stayed as they were because they are not one
// choice, by FORM.VARIABLE as in [Translator.Lists]. A record that was read several times counts once.
func (t *Translator) Kept() map[string]int64 { return countNames(t.kept) }

// Alike counts, as [Translator.Kept] does, those that stayed as they were because their choice would be shown like
// another of the list.
func (t *Translator) Alike() map[string]int64 { return countNames(t.alike) }

func countNames(of map[keptAnswer]string) map[string]int64 {
	counts := map[string]int64{}
	for _, name := range of {
		counts[name]++
	}
	return counts
}

// Variables yields variables with plain labels, and behind them those of the codes, with ids of their
// own.
func (t *Translator) Variables(variables iter.Seq2[imednet.Variable, error]) iter.Seq2[imednet.Variable, error] {
	return func(yield func(imednet.Variable, error) bool) {
		if err := argument.Required("dictionary.Translator.Variables", "variables", variables); err != nil {
			yield(imednet.Variable{}, err)
			return
		}
		var codes []imednet.Variable
		last := int64(0)
		for v, err := range variables {
			if err != nil {
				yield(v, err)
				return
			}
			last = max(last, v.VariableID)
			own := t.known(&v)
			if own != nil && t.joined.matches[own] != nil {
				v.Label = imednet.Some(plain(v.Label.Or("")))
			}
			if l := t.lists[own]; l != nil && l.codes != "" {
				code := v
				code.Raw, code.VariableName, code.VariableOID = nil, imednet.Some(l.codes), imednet.NullOf[string]()
				code.VariableType, code.Label = imednet.Some("TEXT"), imednet.Some(v.Label.Or("")+" (code)")
				codes = append(codes, code)
			}
			if !yield(v, nil) {
				return
			}
		}
		for i := range codes {
			codes[i].VariableID = last + 1 + int64(i)
			if !yield(codes[i], nil) {
				return
			}
		}
	}
}

// known finds the joined study's row of a variable.
func (t *Translator) known(v *imednet.Variable) *imednet.Variable {
	form, _ := t.joined.index.OfVariable(v)
	if form == nil {
		return nil
	}
	for i := range form.Variables {
		if form.Variables[i].VariableID == v.VariableID {
			return &form.Variables[i]
		}
	}
	return nil
}

// Record returns a record with translated answers; everything else is as it was. The variables for codes come last, so
// that what a record itself has under the same key is no answer to them.
func (t *Translator) Record(r imednet.Record) imednet.Record {
	api, _ := t.joined.index.OfRecord(&r)
	form := t.forms[api]
	if form == nil || r.RecordData.Presence() != imednet.Set || !form.index.Reset(r.RecordData.Raw()) {
		return r
	}
	var edit recordEdit
	for _, l := range form.lists {
		t.answer(form, l, r.RecordID, &edit)
	}
	if edit.isNone() {
		return r
	}
	data, err := imednet.NewRecordData(edit.apply(r.RecordData.Raw()))
	if err != nil {
		return r // it was no JSON
	}
	r.RecordData, r.Raw = data, nil
	return r
}

// answer edits the answer to one variable, and adds its code where that has a variable of its own.
func (t *Translator) answer(form *shownForm, l *shownList, record int64, edit *recordEdit) {
	found := form.index.Find(l.name)
	choice := t.choice(form, l, record, imednet.NewValue(found.Raw))
	if choice != nil && !l.alike[choice] && l.shown[choice] != imednet.NewValue(found.Raw).Text() {
		edit.replace(found, quoted(l.shown[choice]))
	}
	if l.codes != "" && (choice != nil || form.index.Find(l.codes).Spellings > 0) {
		edit.add(l.codes, codeOf(choice))
	}
}

// choice is the one that an answer denotes; nil for none. What stays as it is is counted.
func (t *Translator) choice(form *shownForm, l *shownList, record int64, answer imednet.Value) *Choice {
	if answer.Missing() {
		return nil
	}
	choice, _, ambiguous := l.question.Choice(answer)
	switch {
	case choice == nil || ambiguous:
		t.kept[keptAnswer{l.variable, record}] = form.key + "." + l.name
		return nil
	case l.alike[choice]:
		t.alike[keptAnswer{l.variable, record}] = form.key + "." + l.name
	}
	return choice
}
