package dictionary

import (
	"slices"

	"github.com/imednetgo/imednet"
)

// swaps are the conditions and operations that are easily taken for one another.
var swaps = map[string][]string{
	"gt": {"gte", "lt"}, "gte": {"gt", "lte"}, "lt": {"lte", "gt"}, "lte": {"lt", "gte"}, "equals": {"gte"},
	"and": {"or"}, "or": {"and"}, "add": {"sub"}, "sub": {"add"}, "mul": {"add"}, "div": {"mul"}, "floor": {"add"},
	"current_date_only": {"current_date"},
}

// mutations are other builds of a condition, each with one change: a record that tells one from the
// condition shows more than one that does not.
func mutations(e *Element) []*Element {
	var all []*Element
	for _, name := range swaps[e.Name] {
		all = append(all, &Element{Name: name, Text: e.Text, Children: e.Children, unordered: e.unordered})
	}
	switch e.Name {
	case "gt", "gte", "lt", "lte", "sub", "div":
		turned := slices.Clone(e.Children)
		slices.Reverse(turned)
		all = append(all, &Element{Name: e.Name, Children: turned, unordered: e.unordered})
	case "value":
		all = append(all, otherValues(e.Trimmed())...)
	}
	if decided[e.Name] {
		all = append(all, &Element{Name: "not", Children: []*Element{e}})
	}
	for i, child := range e.Children {
		if len(e.Children) > 1 && decided[child.Name] {
			all = append(all, &Element{Name: e.Name, Children: slices.Delete(slices.Clone(e.Children), i, i+1), unordered: e.unordered})
		}
		for _, other := range mutations(child) {
			children := slices.Clone(e.Children)
			children[i] = other
			all = append(all, &Element{Name: e.Name, Text: e.Text, Children: children, unordered: e.unordered})
		}
	}
	return all
}

// decided are the elements that hold or do not.
var decided = map[string]bool{
	"and": true, "or": true, "not": true, "true": true, "equals": true, "gt": true, "lt": true, "gte": true, "lte": true, "like": true,
	"blank": true, "checked": true, "exists": true,
}

// otherValues are the numbers, days or minutes beside one, and another text.
func otherValues(text string) []*Element {
	n, ok := imednet.ParseNumber(text)
	if !ok {
		all := []*Element{{Name: "value", Text: text + "x"}}
		for _, beside := range append(daysBeside(text), minutesBeside(text)...) {
			all = append(all, &Element{Name: "value", Text: beside})
		}
		return all
	}
	var all []*Element
	for _, step := range []string{"1", "-1"} {
		by, _ := imednet.ParseNumber(step)
		if moved, ok := n.Minus(by); ok {
			all = append(all, &Element{Name: "value", Text: moved.Canonical()})
		}
	}
	return all
}

// maxParts is how many elements the conditions of a rule may have for which cases are looked for: each part is changed
// in turn, in a copy of its own, so that time and memory grow with their square.
const maxParts = 2000

// parts is how many elements a rule's conditions have.
func (r *Rule) parts() (n int) {
	if conditions := r.conditions(); conditions != nil {
		conditions.All(func(*Element, *Element) { n++ })
	}
	return n
}

// rivals are the mutations of a rule's conditions that no record has told from the rule yet.
type rivals []*Rule

func (r *Rule) rivals() rivals {
	var all rivals
	if conditions := r.conditions(); conditions != nil {
		for _, other := range mutations(conditions) {
			all = append(all, &Rule{ID: r.ID, Form: r.Form, Logic: &Element{Name: r.Logic.Name, Children: []*Element{other}}})
		}
	}
	return all
}

// without returns the rivals that answer as the rule does.
func (all rivals) without(c *Checker, form *Form, data imednet.RecordData, acts imednet.YesNo) rivals {
	find := c.answersOf(form, data)
	return slices.DeleteFunc(slices.Clone(all), func(r *Rule) bool { return c.outcome(form, r, nil, find).Acts != acts })
}
