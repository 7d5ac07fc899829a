package dictionary

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
)

// Effect is the effect of a design change on data collected before it.
type Effect string

// The effects, beginning with the most severe.
const (
	// Breaking: existing answers lose their question or their meaning, or are cleared or overwritten.
	Breaking Effect = "breaking"
	// Tightening: answers that were accepted would now be rejected, queried or hidden.
	Tightening Effect = "tightening"
	// Extending: answers that were impossible, rejected or queried are now possible.
	Extending Effect = "extending"
	// Cosmetic: no answer is affected, as by labels, layout, order, texts of messages and keywords.
	Cosmetic Effect = "cosmetic"
	// UnknownEffect: of what was not compared.
	UnknownEffect Effect = "unknown"
)

// Action is the kind of a [Change].
type Action string

// The kinds of changes.
const (
	Added    Action = "added"
	Removed  Action = "removed"
	Modified Action = "modified"
	Moved    Action = "moved"
	// NotCompared stands for the changes in a file of the export, which is its path, without which both dictionaries were
	// read: whether there are any is not known.
	NotCompared Action = "not compared"
)

// Change is one difference between two dictionaries.
type Change struct {
	Action Action `json:"action"`
	Effect Effect `json:"effect"`
	// Path is the place, such as "forms[AE].questions[AESEV].choices[3]" or "rules[9002].logic".
	// "#n" is appended for the n-th of several parts with the same key.
	Path string `json:"path"`
	// Form and Question are those of the path, or the form of the rule. Member is the rest of the path, such as
	// "choices[3]"; "" for the form or question itself.
	Form     string `json:"form,omitempty"`
	Question string `json:"question,omitempty"`
	Member   string `json:"member,omitempty"`
	Old      string `json:"old,omitempty"`
	New      string `json:"new,omitempty"`
	Note     string `json:"note,omitempty"` // such as "layout only"

	questions [2]*Question // of the question's path, before and after
	choices   [2]*Choice   // of the choice's path
}

// String returns one line, such as "modified (tightening) forms[AE].questions[AETERM].required:
// Soft → Hard".
func (c Change) String() string {
	text := fmt.Sprintf("%s (%s) %s", c.Action, c.Effect, c.Path)
	switch {
	case c.Action == Added:
		text += ": " + oneLine(c.New)
	case c.Action == Removed:
		text += ": " + oneLine(c.Old)
	case c.Note == staffNote, c.Action == NotCompared:
	default:
		text += ": " + oneLine(c.Old) + " → " + oneLine(c.New)
	}
	if c.Note != "" {
		text += " (" + c.Note + ")"
	}
	return text
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Diff returns the changes from one dictionary to a later one: first removals in the old order,
// then additions and changes in the new order. Duplicate parts are paired in order, so that none
// hides another. Logic that differs only in layout is a cosmetic change with a note. Dictionaries of which one
// was read without a file are not compared: [ErrNotRead]. A file that both lack comes first, as [NotCompared]. Names of
// staff are not shown, but that they differ.
func Diff(before, after *Dictionary) ([]Change, error) {
	if err := argument.Required("dictionary.Diff", "before", before); err != nil {
		return nil, err
	}
	if err := argument.Required("dictionary.Diff", "after", after); err != nil {
		return nil, err
	}
	if err := bothKnow(before, after); err != nil {
		return nil, failed("compare", "", err)
	}
	c := &comparison{before: before, after: after}
	for _, file := range before.notRead {
		c.changes = append(c.changes, Change{Action: NotCompared, Effect: UnknownEffect, Path: file, Note: "neither export was read with this file"})
	}
	c.forms(before, after)
	c.rules(before, after)
	slices.SortStableFunc(c.changes, func(a, b Change) int { return rank(a.Action) - rank(b.Action) })
	return c.changes, nil
}

// bothKnow refuses to compare a file that only one of two dictionaries was read from: what the other does not know
// has neither been added nor removed.
func bothKnow(before, after *Dictionary) error {
	for _, file := range []string{FormsFile, QuestionsFile, ChoicesFile, RulesFile} {
		if before.Lacks(file) != after.Lacks(file) {
			return errors.Join(before.knows(file), after.knows(file))
		}
	}
	return nil
}

func rank(a Action) int {
	switch a {
	case NotCompared:
		return 0
	case Removed:
		return 1
	}
	return 2
}

type comparison struct {
	before, after *Dictionary
	changes       []Change
	at            place
	asked         [2]*Question // that are compared, nil for none
	chosen        [2]*Choice
}

// place is what is compared: a form or one of its questions, whose path is path, or a rule of a form.
type place struct{ form, question, path string }

func (c *comparison) add(action Action, effect Effect, path, before, after string) {
	c.changes = append(c.changes, c.change(action, effect, path, before, after))
}

func (c *comparison) change(action Action, effect Effect, path, before, after string) Change {
	member := strings.TrimPrefix(strings.TrimPrefix(path, c.at.path), ".")
	return Change{Action: action, Effect: effect, Path: path, Form: c.at.form, Question: c.at.question, Member: member, Old: before, New: after, questions: c.asked, choices: c.chosen}
}

// spaceNote stands beside a change that a document of the Python toolkit, which trims cells, does not show.
const spaceNote = "outer white space only"

// field notes a change of one field.
func (c *comparison) field(effect Effect, path, before, after string) {
	switch {
	case before == after:
	case pythonStrip(before) == pythonStrip(after):
		change := c.change(Modified, Cosmetic, path, before, after)
		change.Note = spaceNote
		c.changes = append(c.changes, change)
	default:
		c.add(Modified, effect, path, before, after)
	}
}

// pairing is two lists by key, those of equal keys in their order.
type pairing[T any] struct {
	key   func(T) string
	old   map[string][]T
	index map[string]int
}

func pair[T any](before []T, key func(T) string) *pairing[T] {
	p := &pairing[T]{key: key, old: map[string][]T{}, index: map[string]int{}}
	for _, v := range before {
		p.old[key(v)] = append(p.old[key(v)], v)
	}
	return p
}

// next returns the counterpart of v, and v's name with its place among its equals.
func (p *pairing[T]) next(v T) (old T, name string, found bool) {
	k := p.key(v)
	i := p.index[k]
	p.index[k]++
	if i < len(p.old[k]) {
		return p.old[k][i], nth(k, i), true
	}
	return old, nth(k, i), false
}

// rest calls f for what had no counterpart, in the old order.
func (p *pairing[T]) rest(before []T, f func(v T, name string)) {
	seen := map[string]int{}
	for _, v := range before {
		k := p.key(v)
		i := seen[k]
		seen[k]++
		if i >= p.index[k] {
			f(v, nth(k, i))
		}
	}
}

func nth(key string, i int) string {
	if i == 0 {
		return key
	}
	return fmt.Sprintf("%s#%d", key, i+1)
}

func (c *comparison) forms(before, after *Dictionary) {
	p := pair(before.Forms, func(f *Form) string { return f.Key })
	for _, f := range after.Forms {
		old, name, found := p.next(f)
		path := "forms[" + name + "]"
		c.at = place{form: f.Key, path: path}
		if !found {
			c.add(Added, Extending, path, "", f.Name)
			continue
		}
		c.field(Cosmetic, path+".name", old.Name, f.Name)
		c.field(Cosmetic, path+".id", old.ID, f.ID)
		c.field(formTypeEffect(old.Type, f.Type), path+".type", old.Type, f.Type)
		c.field(Cosmetic, path+".title", old.Title, f.Title)
		c.field(Cosmetic, path+".description", old.Description, f.Description)
		c.options(path, old.Options, f.Options)
		c.questions(path, old, f)
	}
	p.rest(before.Forms, func(f *Form, name string) {
		c.at = place{form: f.Key, path: "forms[" + name + "]"}
		c.add(Removed, Breaking, c.at.path, f.Name, "")
	})
}

func (c *comparison) questions(path string, before, after *Form) {
	p := pair(before.Questions, func(q *Question) string { return q.Name })
	defer func() { c.asked = [2]*Question{} }()
	for _, q := range after.Questions {
		old, name, found := p.next(q)
		at := path + ".questions[" + name + "]"
		c.at, c.asked = place{after.Key, q.Name, at}, [2]*Question{old, q}
		if !found {
			c.add(Added, additionEffect(q), at, "", q.Label)
			continue
		}
		c.question(at, old, q)
	}
	p.rest(before.Questions, func(q *Question, name string) {
		c.at, c.asked = place{after.Key, q.Name, path + ".questions[" + name + "]"}, [2]*Question{q, nil}
		c.add(Removed, Breaking, c.at.path, q.Label, "")
	})
}

// additionEffect of a question that must be answered: records that exist lack the answer.
func additionEffect(q *Question) Effect {
	if q.Required.IsHard() {
		return Tightening
	}
	return Extending
}

func (c *comparison) question(path string, before, after *Question) {
	c.field(typeEffect(before, after), path+".type", before.Type, after.Type)
	c.field(Cosmetic, path+".label", before.Label, after.Label)
	if before.Sequence != after.Sequence {
		c.add(Moved, Cosmetic, path+".sequence", before.Sequence, after.Sequence)
	}
	c.field(requiredEffect(before.Required, after.Required), path+".required", string(before.Required), string(after.Required))
	c.options(path, before.Options, after.Options)
	c.choices(path, before.Choices, after.Choices)
}

// options compares the other columns by their folded headers.
func (c *comparison) options(path string, before, after []Option) {
	p := pair(before, func(o Option) string { return foldHeader(o.Header) })
	for _, o := range after {
		old, name, _ := p.next(o)
		c.option(path, name, o.Header, old.Text, o.Text)
	}
	p.rest(before, func(o Option, name string) { c.option(path, name, o.Header, o.Text, "") })
}

// staffNote stands in place of names of staff.
const staffNote = "names of staff are not shown"

// option compares one of them. Of columns with the same header only the first has an effect, whose name is the header.
func (c *comparison) option(path, name, header, before, after string) {
	if before == after {
		return
	}
	path += "." + camelHeader(header)
	effect := Cosmetic
	if name == foldHeader(header) {
		effect = optionEffect(header, before, after)
	}
	if !namesStaff(header) {
		c.field(effect, path, before, after)
		return
	}
	change := c.change(Modified, Cosmetic, path, "", "")
	change.Note = staffNote
	c.changes = append(c.changes, change)
}

func (c *comparison) rules(before, after *Dictionary) {
	p := pair(before.Rules, ruleKey)
	for _, r := range after.Rules {
		old, name, found := p.next(r)
		c.at = place{form: r.Form}
		path := "rules[" + name + "]"
		if !found {
			c.add(Added, effectOf(nil, r.atoms()), path, "", r.Name)
			continue
		}
		c.rule(path, old, r)
	}
	p.rest(before.Rules, func(r *Rule, name string) {
		c.at = place{form: r.Form}
		c.add(Removed, effectOf(r.atoms(), nil), "rules["+name+"]", r.Name, "")
	})
}

// ruleKey is a rule's id, or what else names it.
func ruleKey(r *Rule) string {
	if r.ID != "" {
		return r.ID
	}
	return r.Form + ":" + r.Name
}
