package dictionary

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// said tells what actions do: each by its name with all that it holds.
func said(actions []*Element) string { return strings.Join(saidEach(actions), "; ") }

func saidEach(actions []*Element) []string {
	all := make([]string, 0, len(actions))
	for _, action := range actions {
		all = append(all, action.said())
	}
	return all
}

// said is an element as a word with its text, or with what it holds in parentheses.
func (e *Element) said() string {
	var parts []string
	for _, a := range e.attributes() {
		parts = append(parts, "@"+qualified(a.Name)+" "+quotedWord(a.Value))
	}
	text := e.content()
	if len(parts)+len(e.Children) == 0 {
		return strings.TrimSpace(e.Name + " " + quotedWord(text))
	}
	if text != "" {
		parts = append(parts, quotedWord(text))
	}
	for _, c := range e.Children {
		parts = append(parts, c.said())
	}
	for _, t := range e.behind {
		parts = append(parts, quotedWord(t.text))
	}
	return e.Name + "(" + strings.Join(parts, ", ") + ")"
}

// quotedWord is a text in quotes, unless it is one word.
func quotedWord(text string) string {
	plain := func(r rune) bool {
		return r == '_' || r == '.' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return strconv.Quote(text)
	}
	return text
}

// actionDifference is an action that the two builds of a rule do not share, or an order.
type actionDifference struct {
	kind         DifferenceKind
	meant, built string
}

// ordered reports whether the order of the elements of both builds is known: a document of the Python toolkit
// without XML has lost that of elements with different names.
func (p rulePair) ordered() bool {
	return strings.TrimSpace(p.meant.XML) != "" && strings.TrimSpace(p.built.XML) != ""
}

// actionDifferences compares what the two builds of a rule do when they act. Actions of one name that differ are
// taken for changed in their order.
func (p rulePair) actionDifferences() (all []actionDifference) {
	key := (*Element).actionKey
	if !p.ordered() {
		key = func(e *Element) string { return string(e.byName().AppendCanonical(nil)) }
	}
	meant, built := p.meant.actions(), p.built.actions()
	at := map[string][]int{} // where the built ones are
	for i, action := range built {
		at[key(action)] = append(at[key(action)], i)
	}
	matched := make([]int, len(meant)) // -1: none
	var lost []*Element
	for i, action := range meant {
		k := key(action)
		if len(at[k]) == 0 {
			matched[i], lost = -1, append(lost, action)
			continue
		}
		matched[i], at[k] = at[k][0], at[k][1:]
	}
	var gained []*Element
	for i, action := range built {
		if !slices.Contains(matched, i) {
			gained = append(gained, action)
		}
	}
	for _, action := range lost {
		one := actionDifference{OtherEffect, action.said(), ""}
		if i := slices.IndexFunc(gained, func(g *Element) bool { return g.Name == action.Name }); i >= 0 {
			one.built = gained[i].said()
			gained = slices.Delete(gained, i, i+1)
		}
		all = append(all, one)
	}
	for _, action := range gained {
		all = append(all, actionDifference{OtherEffect, "", action.said()})
	}
	if p.ordered() {
		all = append(all, p.reordered(meant, matched)...)
	}
	return all
}

// reordered finds actions that matter to each other and stand in another order.
func (p rulePair) reordered(meant []*Element, matched []int) (all []actionDifference) {
	for i := range meant {
		for j := range i {
			if matched[i] >= 0 && matched[j] > matched[i] && disturb(meant[j].touches(), meant[i].touches()) {
				first, second := meant[j].said(), meant[i].said()
				all = append(all, actionDifference{OtherOrder, first + ", then " + second, second + ", then " + first})
			}
		}
	}
	return all
}

// actionKey is an action in a form in which the order of its own parts does not count if each has a name of its own,
// or if they are the questions on which it works. Of others, such as a question and a value for each of several, the
// order may say which belong together.
func (e *Element) actionKey() string {
	own := *e
	own.Children = slices.Clone(e.Children)
	switch {
	case stateActions[e.Name]:
		slices.SortFunc(own.Children, func(a, b *Element) int { return bytes.Compare(a.AppendCanonical(nil), b.AppendCanonical(nil)) })
	case !slices.ContainsFunc(e.Children, func(c *Element) bool { return e.number(c.Name) > 1 }):
		slices.SortFunc(own.Children, func(a, b *Element) int { return cmp.Compare(a.Name, b.Name) })
	}
	return string(own.AppendCanonical(nil))
}

// stateActions work on each of their questions alike.
var stateActions = map[string]bool{
	"hide_field": true, "disable_field": true, "clear_field": true, "hide_and_clear_field": true, "disable_and_clear_field": true,
}

// byName is an element with its parts ordered by their names, as far as a document without XML has kept the order.
func (e *Element) byName() *Element {
	sorted := e.alone()
	for _, c := range e.Children {
		sorted.Children = append(sorted.Children, c.byName())
	}
	slices.SortStableFunc(sorted.Children, func(a, b *Element) int { return cmp.Compare(a.Name, b.Name) })
	return sorted
}

// touch is something of the record, or beside it, that an action sets or takes, and how. Two that set the same
// otherwise, or of which one takes what the other sets, have to stand in their order.
type touch struct{ what, how string }

// How answers are touched.
const (
	clears = "clears"
	takes  = "takes" // to calculate
	asks   = "asks"  // in a condition, which is evaluated again after answers have been cleared
)

// Other ways in which something is touched.
const sets = "sets" // a keyword, the status or the interval

// touches are what an action touches. Messages, queries and hidden or disabled fields do not depend on order.
func (e *Element) touches() (all []touch) {
	text := string(e.AppendCanonical(nil))
	switch e.Name {
	case "message", "open_query", "disable_save", "hide_field", "disable_field":
		return nil
	case "clear_field", "hide_and_clear_field", "disable_and_clear_field":
		for _, q := range e.questions() {
			all = append(all, touch{"answer " + q, clears})
		}
		return all
	case "calculate_field", "populate_field":
		for _, q := range e.questions() {
			all = append(all, touch{"answer " + q, text})
		}
		for _, c := range e.Children {
			all = append(all, c.reads(takes)...)
		}
		return all
	case "email_notification":
		return e.reads(takes)
	case "set_keyword", "clear_keyword":
		keyword := "keyword " + e.Child("keyword").name()
		return []touch{{fmt.Sprintf("%s of %s", keyword, e.Child("target").AppendCanonical(nil)), e.Name}, {keyword, sets}}
	case "set_record_status":
		return []touch{{e.Name, text}, {"status", sets}}
	case "set_record_interval":
		return append(e.reads(takes), touch{e.Name, text}, touch{"interval", sets})
	case "invalidate_esig", "suppress_esig":
		return []touch{{"signature", text}}
	}
	return append(e.reads(takes), touch{e.Name, text})
}

// reads are the answers of the same record, the keywords, the status and the interval that stand in an element.
func (e *Element) reads(how string) (all []touch) {
	e.All(func(x, parent *Element) {
		switch {
		case x.Name == "question" && parent != nil && !foreignForms[parent.Name]:
			all = append(all, touch{"answer " + x.Trimmed(), how})
		case strings.HasPrefix(x.Name, "keyword_status_"):
			all = append(all, touch{"keyword " + x.Child("keyword").name(), how})
		case x.Name == "current_record_status":
			all = append(all, touch{"status", how})
		case x.Name == "current_interval":
			all = append(all, touch{"interval", how})
		}
	})
	return all
}

// disturb reports whether one of two does something to what the other touches.
func disturb(a, b []touch) bool {
	for _, x := range a {
		for _, y := range b {
			if x.what == y.what && x.how != y.how && !(x.how == asks && y.keeps() || y.how == asks && x.keeps()) {
				return true
			}
		}
	}
	return false
}

// keeps reports whether conditions find what they would find before, or are evaluated again.
func (t touch) keeps() bool { return t.how == asks || t.how == clears || t.how == takes }
