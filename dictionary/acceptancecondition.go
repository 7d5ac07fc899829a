package dictionary

import (
	"bytes"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// sameConditions reports whether both builds of a rule are written so that they mean the same.
func (x *acceptance) sameConditions(key string, p rulePair) bool {
	meant, _ := x.meant.dictionary.Form(key)
	built, _ := x.built.dictionary.Form(key)
	a, b := p.conditions(meant, built)
	return a == b
}

// conditions are when both builds of a rule act, in a form that is the same for what certainly means the same.
func (p rulePair) conditions(meant, built *Form) (a, b string) {
	return p.meant.normalConditions(meant, p.ordered()), p.built.normalConditions(built, p.ordered())
}

func (r *Rule) normalConditions(form *Form, ordered bool) string {
	if r.Logic == nil {
		return r.written()
	}
	all := r.withoutActions().normal(form)
	if !ordered {
		all.Name = "" // a document has lost the name of the root
		all = all.byName()
	}
	return string(all.AppendCanonical(nil))
}

// withoutActions is a rule's logic but for what it does, with its parts ordered by their names. Of several conditions
// it may be said by the order, and by the actions beside them, what each is for: such logic is left as it is.
func (r *Rule) withoutActions() *Element {
	if r.Logic.number("Conditions") > 1 {
		return r.Logic
	}
	all := r.Logic.alone()
	for _, c := range r.Logic.Children {
		if c.Name == "Actions" {
			c = c.alone()
		}
		all.Children = append(all.Children, c)
	}
	slices.SortStableFunc(all.Children, func(a, b *Element) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (r *Rule) saidConditions() string {
	if r.Logic == nil {
		return "logic that cannot be read"
	}
	return r.withoutActions().said()
}

// normal is a condition with numbers in one spelling, without and and or of one condition, and with what and, or,
// equals and the whole of the conditions join in one order.
func (e *Element) normal(form *Form) *Element {
	if joins := e.Name == "and" || e.Name == "or"; joins && len(e.Children) == 1 && len(e.attributes()) == 0 && e.bare() {
		return e.Children[0].normal(form)
	}
	n := e.alone()
	numbers := e.comparesNumbers(form)
	for _, c := range e.Children {
		inner := c.normal(form)
		if number, ok := imednet.ParseNumber(c.Text); ok && numbers && c.Name == "value" {
			inner.Text = number.Canonical()
		}
		n.Children = append(n.Children, inner)
	}
	if e.Name == "and" || e.Name == "or" || e.Name == "equals" || e.Name == "Conditions" {
		slices.SortFunc(n.Children, func(a, b *Element) int { return bytes.Compare(a.AppendCanonical(nil), b.AppendCanonical(nil)) })
	}
	return n
}

// otherwise looks for a record that tells two builds of a rule apart whose conditions are written otherwise.
func (x *acceptance) otherwise(key string, p rulePair) {
	var found imednet.RecordData
	form, ok := x.meant.dictionary.Form(key)
	other, okOther := x.built.dictionary.Form(key)
	if ok && okOther {
		joint := jointly(key, p.meant, p.built)
		a, b := x.meant.choose(form, joint), x.built.choose(other, joint)
		found = a.with(b).first(func(data imednet.RecordData) bool {
			return x.meant.outcomeOf(form, p.meant, data).Acts != x.built.outcomeOf(other, p.built, data).Acts
		})
	}
	if found.Raw() == nil {
		x.differ(p, OtherCondition, p.meant.saidConditions(), p.built.saidConditions(), noData)
		return
	}
	shown := x.try(key, p, found, x.meant.outcomeOf(form, p.meant, found).Acts, false)
	x.differ(p, OtherCondition, shown.expected(), shown.answered(), found)
}

// jointly is a rule that acts when all of several do.
func jointly(form string, rules ...*Rule) *Rule {
	conditions := &Element{Name: "Conditions"}
	for _, r := range rules {
		if c := r.conditions(); c != nil {
			conditions.Children = append(conditions.Children, c.Children...)
		}
	}
	return &Rule{Form: form, Logic: &Element{Name: "BusinessLogic", Children: []*Element{conditions}}}
}

// recordFor is a record on which a rule acts, if one is found.
func (c *Checker) recordFor(key string, rules ...*Rule) imednet.RecordData {
	form, ok := c.dictionary.Form(key)
	if !ok {
		return noData
	}
	return c.choose(form, jointly(key, rules...)).first(func(data imednet.RecordData) bool {
		return !slices.ContainsFunc(rules, func(r *Rule) bool { return c.outcomeOf(form, r, data).Acts != imednet.Yes })
	})
}

// mayMeet reports whether there is a record on which two rules both act, or it is not known of one; and the record.
func (c *Checker) mayMeet(key string, a, b *Rule) (data imednet.RecordData, meet bool) {
	form, ok := c.dictionary.Form(key)
	if !ok {
		return noData, true
	}
	if data = c.recordFor(key, a, b); data.Raw() != nil {
		return data, true
	}
	undecided := c.choose(form, jointly(key, a, b)).first(func(data imednet.RecordData) bool {
		acts, other := c.outcomeOf(form, a, data).Acts, c.outcomeOf(form, b, data).Acts
		return acts != imednet.No && other != imednet.No
	})
	return noData, undecided.Raw() != nil
}

// order finds rules of a form that matter to each other and run in another order, unless no record is found on
// which both act. Rules run by their sequence, and those of one sequence as they stand in the export.
func (x *acceptance) order(key string, pairs []rulePair) {
	meant, built := ranks(x.meant.rules[key]), ranks(x.built.rules[key])
	touching := map[string][]int{} // pairs by what they touch
	touches := make([][]touch, len(pairs))
	for i, p := range pairs {
		if p.meant == nil || p.built == nil {
			continue
		}
		touches[i] = p.meant.touches()
		for _, t := range touches[i] {
			if list := touching[t.what]; len(list) == 0 || list[len(list)-1] != i {
				touching[t.what] = append(list, i)
			}
		}
	}
	seen := map[[2]int]bool{}
	for i, p := range pairs {
		for _, t := range touches[i] {
			for _, j := range touching[t.what] {
				q := pairs[j]
				if seen[[2]int{i, j}] || meant[p.meant] >= meant[q.meant] || built[p.built] < built[q.built] || !disturb(touches[i], touches[j]) {
					continue
				}
				seen[[2]int{i, j}] = true
				if data, meet := x.meant.mayMeet(key, p.meant, q.meant); meet {
					x.differ(p, OtherOrder, "before rule "+q.meant.ID, "after rule "+q.built.ID, data)
				}
			}
		}
	}
}

// ranks are the places of rules in the order in which they run.
func ranks(rules []*Rule) map[*Rule]int {
	sorted := slices.Clone(rules)
	slices.SortStableFunc(sorted, func(a, b *Rule) int {
		x, numberX := imednet.ParseNumber(a.Sequence)
		y, numberY := imednet.ParseNumber(b.Sequence)
		switch {
		case numberX && numberY:
			return x.Compare(y)
		case numberX:
			return -1
		case numberY:
			return 1
		}
		return strings.Compare(a.Sequence, b.Sequence)
	})
	all := map[*Rule]int{}
	for i, r := range sorted {
		all[r] = i
	}
	return all
}

// touches are what a rule touches with all of its actions, and what it asks for.
func (r *Rule) touches() []touch {
	var all []touch
	for _, action := range r.actions() {
		all = append(all, action.touches()...)
	}
	return append(all, r.conditions().reads(asks)...)
}
