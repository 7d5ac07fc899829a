package dictionary

import (
	"bytes"
	"fmt"
	"iter"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
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
// labels without HTML. An answer that is not a choice, that fits several, or whose list is not known
// stays as it is, and is counted. It is not safe for concurrent use.
type Translator struct {
	joined *Joined
	mode   ChoiceMode
	codes  map[*imednet.Variable]string // names of the variables for codes
	kept   map[keptAnswer]string        // FORM.VARIABLE
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
	t := &Translator{joined: j, mode: mode, codes: map[*imednet.Variable]string{}, kept: map[keptAnswer]string{}}
	if mode == ChoicesAsBoth {
		t.nameCodes()
	}
	return t, nil
}

// nameCodes gives every list with codes a variable that its form does not have yet.
func (t *Translator) nameCodes() {
	for _, form := range t.joined.index.Forms() {
		taken := map[string]bool{}
		for i := range form.Variables {
			taken[strings.ToLower(form.Variables[i].VariableName.Or(""))] = true
		}
		for i := range form.Variables {
			v := &form.Variables[i]
			if q := t.joined.matches[v]; q == nil || !q.coded() {
				continue
			}
			name := v.VariableName.Or("") + "_CODE"
			for n := 2; taken[strings.ToLower(name)]; n++ {
				name = fmt.Sprintf("%s_CODE%d", v.VariableName.Or(""), n)
			}
			taken[strings.ToLower(name)], t.codes[v] = true, name
		}
	}
}

// coded reports whether the question is a list of which a choice has a code.
func (q *Question) coded() bool {
	for _, c := range q.Choices {
		if q.Kind() == imednet.ChoiceVariable && strings.TrimSpace(c.Code) != "" {
			return true
		}
	}
	return false
}

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
	for _, form := range t.joined.index.Forms() {
		for i := range form.Variables {
			v := &form.Variables[i]
			q := t.joined.matches[v]
			if q == nil || q.Kind() != imednet.ChoiceVariable || len(q.Choices) == 0 {
				continue
			}
			name := form.UniqueKey() + "."
			for _, c := range q.Ordered() {
				lists[name+v.VariableName.Or("")] = append(lists[name+v.VariableName.Or("")], ShownChoice{t.shown(c), c.Text, c.Code})
				if added := t.codes[v]; added != "" && strings.TrimSpace(c.Code) != "" {
					lists[name+added] = append(lists[name+added], ShownChoice{c.Code, c.Text, c.Code})
				}
			}
		}
	}
	return lists
}

// shown is how an answer that denotes a choice is shown.
func (t *Translator) shown(c *Choice) string {
	if t.mode == ChoicesAsCode && strings.TrimSpace(c.Code) != "" {
		return c.Code
	}
	return c.Text
}

// Kept counts the answers to questions with a list that stayed as they were because they are not one
// choice, by FORM.VARIABLE. A record that was read several times counts once.
func (t *Translator) Kept() map[string]int64 {
	counts := map[string]int64{}
	for _, name := range t.kept {
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
			if name := t.codes[own]; own != nil && name != "" {
				code := v
				code.Raw, code.VariableName, code.VariableOID = nil, imednet.Some(name), imednet.NullOf[string]()
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

// Record returns a record with translated answers; everything else is as it was.
func (t *Translator) Record(r imednet.Record) imednet.Record {
	form, _ := t.joined.index.OfRecord(&r)
	if form == nil || r.RecordData.Presence() != imednet.Set || t.joined.forms[form] == nil {
		return r
	}
	b := []byte{'{'}
	changed, coded := false, map[string]bool{}
	add := func(name string, value []byte) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b, _ = jsontext.AppendQuote(b, name)
		b = append(append(b, ':'), value...)
	}
	for name, value := range r.RecordData.All() {
		shown, code, codeName := t.answer(form, &r, name, value)
		changed = changed || !bytes.Equal(shown, value.Raw()) || codeName != ""
		add(name, shown)
		if codeName != "" && !coded[codeName] {
			coded[codeName] = true
			add(codeName, code)
		}
	}
	if !changed {
		return r
	}
	data, err := imednet.NewRecordData(append(b, '}'))
	if err != nil {
		return r // names that are no text cannot be written again
	}
	r.RecordData, r.Raw = data, nil
	return r
}

// answer is how one answer is shown, and its code where that has a variable of its own.
func (t *Translator) answer(form *imednet.IndexedForm, r *imednet.Record, name string, value imednet.Value) (shown, code []byte, codeName string) {
	v, n := form.Variable(name)
	q := t.joined.matches[v]
	if v == nil || n != 1 || q == nil || q.Kind() != imednet.ChoiceVariable || len(q.Choices) == 0 || value.Missing() {
		return value.Raw(), nil, ""
	}
	choice, _, ambiguous := q.Choice(value)
	if choice == nil || ambiguous {
		t.kept[keptAnswer{v, r.RecordID}] = form.Key() + "." + v.VariableName.Or("")
		return value.Raw(), nil, ""
	}
	text := t.shown(choice)
	shown = value.Raw()
	if text != value.Text() {
		shown, _ = jsontext.AppendQuote(nil, text)
	}
	if codeName = t.codes[v]; codeName != "" {
		code = []byte("null")
		if strings.TrimSpace(choice.Code) != "" {
			code, _ = jsontext.AppendQuote(nil, choice.Code)
		}
	}
	return shown, code, codeName
}
