package dictionary

import (
	"bytes"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// atom is one thing that an action does, such as "query on AETERM", with its effect when it is added.
type atom struct {
	what   string
	effect Effect
}

// harmless are actions that affect no answers.
var harmless = []string{
	"set_keyword", "clear_keyword", "invalidate_esig", "suppress_esig", "set_record_status", "set_patient_status", "set_record_interval",
	"email_notification", "populate_embedded_log", "trigger_interval", "trigger_record", "trigger_record_form",
}

// harmlessPrefixes begin the names of actions about coding, source data, missing records and payments.
var harmlessPrefixes = []string{"cec_", "sdc_", "mmr_", "payment_"}

func affectsNone(action string) bool {
	return slices.Contains(harmless, action) || slices.ContainsFunc(harmlessPrefixes, func(prefix string) bool { return strings.HasPrefix(action, prefix) })
}

// atoms are what the actions of a rule that runs do to answers. One that is not known may reject them.
func (r *Rule) atoms() []atom {
	if !r.Active() {
		return nil
	}
	var all []atom
	for _, action := range r.actions() {
		add := func(effect Effect, what ...string) {
			for _, w := range what {
				all = append(all, atom{action.Name + " " + w, effect})
			}
		}
		switch action.Name {
		case "message":
			add(Tightening, action.Child("error_field").name())
			if action.Child("hard_edit") != nil {
				all = append(all, atom{refused, Tightening})
			}
		case "open_query":
			add(Tightening, action.Child("query_field").Child("question").name())
		case "disable_save":
			add(Tightening, "")
		case "hide_field", "disable_field":
			add(Tightening, action.questions()...)
		case "clear_field", "hide_and_clear_field", "disable_and_clear_field":
			add(Breaking, action.questions()...)
		case "calculate_field", "populate_field": // another result overwrites what is there
			add(Breaking, string(action.meaning(nil).AppendCanonical(nil)))
		default:
			if !affectsNone(action.Name) {
				add(Tightening, string(action.AppendCanonical(nil)))
			}
		}
	}
	return all
}

// effectOf is the gravest effect of what is done anew, else that of what is done no more.
func effectOf(before, after []atom) Effect {
	effect := Cosmetic
	for _, a := range after {
		if !slices.Contains(before, a) && effect != Breaking {
			effect = a.effect
		}
	}
	if effect == Cosmetic && slices.ContainsFunc(before, func(a atom) bool { return !slices.Contains(after, a) }) {
		return Extending
	}
	return effect
}

func (c *comparison) rule(path string, before, after *Rule) {
	was, is := before.atoms(), after.atoms()
	c.field(Cosmetic, path+".name", before.Name, after.Name)
	c.field(movedEffect(before.Type, after.Type, was, is), path+".type", before.Type, after.Type)
	c.field(movedEffect(before.Form, after.Form, was, is), path+".form", before.Form, after.Form)
	if before.Sequence != after.Sequence {
		c.add(Moved, Cosmetic, path+".sequence", before.Sequence, after.Sequence)
	}
	statusEffect := Cosmetic
	if before.Active() != after.Active() {
		statusEffect = effectOf(was, is)
	}
	c.field(statusEffect, path+".status", before.Status, after.Status)
	c.options(path, before.Options, after.Options)
	c.logic(path+".logic", before, after)
}

// movedEffect of a rule that now runs elsewhere: what it did there is done no more, and what it does is new.
func movedEffect(before, after string, was, is []atom) Effect {
	if sameWord(before, after) {
		return Cosmetic
	}
	if len(is) == 0 {
		return effectOf(was, nil)
	}
	return effectOf(nil, is)
}

func (c *comparison) logic(path string, before, after *Rule) {
	if before.XML == after.XML && bytes.Equal(before.Logic.AppendCanonical(nil), after.Logic.AppendCanonical(nil)) {
		return
	}
	change := c.change(Modified, Cosmetic, path, before.logicText(), after.logicText())
	change.Effect, change.Note = c.logicEffect(before, after)
	c.changes = append(c.changes, change)
}

// logicText is the logic as XML, or as the document that it comes from holds it.
func (r *Rule) logicText() string {
	if r.XML == "" && r.Logic != nil {
		return string(toolkitLogic(r.Logic))
	}
	return r.XML
}

func (c *comparison) logicEffect(before, after *Rule) (Effect, string) {
	oldForm, _ := c.before.Form(before.Form)
	newForm, _ := c.after.Form(after.Form)
	switch {
	case before.Logic == nil || after.Logic == nil:
		return unreadEffect(before, after)
	case bytes.Equal(before.Logic.AppendCanonical(nil), after.Logic.AppendCanonical(nil)):
		return Cosmetic, "layout only"
	case (before.XML == "" || after.XML == "") && bytes.Equal(toolkitLogic(before.Logic), toolkitLogic(after.Logic)):
		return Cosmetic, "XML missing"
	case !after.Active():
		return Cosmetic, "the rule does not run"
	}
	was, is := before.atoms(), after.atoms()
	if !sameMeaning(before.Logic.Child("Conditions"), after.Logic.Child("Conditions"), oldForm, newForm) {
		return effectOf(nil, is).or(effectOf(was, is)), ""
	}
	effect := effectOf(was, is)
	if sameMeaning(before.Logic, after.Logic, oldForm, newForm) {
		return effect, "spelling only"
	}
	return effect, ""
}

// unreadEffect of logic that cannot be read on one side: of what it does nothing is known.
func unreadEffect(before, after *Rule) (Effect, string) {
	switch {
	case !before.Active() && !after.Active():
		return Cosmetic, "the rule does not run"
	case !before.hasLogic():
		return effectOf(nil, after.atoms()), ""
	case !after.hasLogic():
		return effectOf(before.atoms(), nil), ""
	}
	return Tightening, "the logic cannot be read"
}

// or is the effect, or another where there is none.
func (e Effect) or(other Effect) Effect {
	if e == Cosmetic {
		return other
	}
	return e
}

// sameMeaning compares logic but for the spelling of numbers and the texts of messages.
func sameMeaning(a, b *Element, formA, formB *Form) bool {
	return bytes.Equal(a.meaning(formA).AppendCanonical(nil), b.meaning(formB).AppendCanonical(nil))
}

// shownTexts are the texts that people read.
var shownTexts = []string{"message", "query_text"}

// meaning is the logic with numbers in one spelling and without the texts that people read.
func (e *Element) meaning(form *Form) *Element {
	if e == nil {
		return nil
	}
	m := e.alone()
	if len(e.Children) == 0 && slices.Contains(shownTexts, e.Name) {
		m.Text = ""
	}
	numbers := e.comparesNumbers(form)
	for _, c := range e.Children {
		inner := c.meaning(form)
		if number, ok := imednet.ParseNumber(c.Text); ok && numbers && c.Name == "value" {
			inner.Text = number.Canonical()
		}
		m.Children = append(m.Children, inner)
	}
	return m
}

// comparesNumbers reports whether a comparison or calculation needs numbers, so that it does not matter how
// they are spelled.
func (e *Element) comparesNumbers(form *Form) bool {
	if strings.Contains(" add sub mul div floor ", " "+e.Name+" ") {
		return true
	}
	if !strings.Contains(" equals gt lt gte lte ", " "+e.Name+" ") {
		return false
	}
	return slices.ContainsFunc(e.Children, func(c *Element) bool {
		if c.Name != "question" || form == nil {
			return c.Name != "value" && c.comparesNumbers(form)
		}
		q, known := form.Question(c.Trimmed())
		return known && q.Kind().IsNumber()
	})
}
