package dictionary

import (
	"fmt"
	"slices"
	"strings"
)

// rulePair is a rule as specified and as built; nil where one side has none.
type rulePair struct {
	meant, built *Rule
}

// pairRules pairs rules in the order of the specified ones, those that were only built last. Of several that
// could be one rule those that have most in common come first, and among equals their order counts.
func pairRules(meant, built []*Rule) []rulePair {
	pairs := make([]rulePair, len(meant))
	for i, r := range meant {
		pairs[i].meant = r
	}
	taken := map[*Rule]bool{}
	for _, key := range pairingKeys {
		waiting := map[string][]*Rule{}
		for _, r := range built {
			if k := key(r); k != "" && !taken[r] {
				waiting[k] = append(waiting[k], r)
			}
		}
		for i := range pairs {
			k := key(pairs[i].meant)
			if pairs[i].built != nil || len(waiting[k]) == 0 {
				continue
			}
			pairs[i].built, waiting[k] = waiting[k][0], waiting[k][1:]
			taken[pairs[i].built] = true
		}
	}
	for _, r := range built {
		if !taken[r] {
			pairs = append(pairs, rulePair{built: r})
		}
	}
	return pairs
}

// pairingKeys are what two builds of a rule may have in common, most first; "" is nothing.
var pairingKeys = []func(*Rule) string{
	func(r *Rule) string { return joinKeys(r.ID, strings.TrimSpace(r.Name), r.written()) },
	func(r *Rule) string { return joinKeys(r.ID, strings.TrimSpace(r.Name)) },
	func(r *Rule) string { return r.ID },
	func(r *Rule) string { return joinKeys(strings.TrimSpace(r.Name), r.written()) },
	func(r *Rule) string { return strings.TrimSpace(r.Name) },
	(*Rule).written,
}

// joinKeys is a key of several parts; "" if one is blank.
func joinKeys(parts ...string) string {
	if slices.Contains(parts, "") {
		return ""
	}
	return strings.Join(parts, "\x00")
}

// written is a rule's logic in a form that does not depend on layout, or as it stands where it cannot be read.
func (r *Rule) written() string {
	if r.Logic == nil {
		return strings.TrimSpace(r.XML)
	}
	return string(r.Logic.AppendCanonical(nil))
}

// others compares active rules that are no edit checks of a form, such as those of workflows, as they are written.
func (x *acceptance) others() {
	for _, p := range pairRules(x.meant.dictionary.otherRules(), x.built.dictionary.otherRules()) {
		switch {
		case p.built == nil:
			x.differ(p, MissingRule, p.meant.wholly(), "", noData)
		case p.meant == nil:
			x.differ(p, AdditionalRule, "", p.built.wholly(), noData)
		default:
			x.other(p)
		}
	}
}

func (x *acceptance) other(p rulePair) {
	if a, b := p.meant.scope(), p.built.scope(); a != b {
		x.differ(p, OtherCondition, a, b, noData)
	}
	if a, b := p.conditions(nil, nil); a != b {
		x.differ(p, OtherCondition, p.meant.saidConditions(), p.built.saidConditions(), noData)
	}
	for _, d := range p.actionDifferences() {
		x.differ(p, d.kind, d.meant, d.built, noData)
	}
	x.number(p)
}

// number compares how often the exports have a rule: why real ones repeat rows is not known.
func (x *acceptance) number(p rulePair) {
	meant, built := repeats(x.meantIDs, p.meant), repeats(x.builtIDs, p.built)
	if meant != built {
		x.differ(p, OtherNumber, fmt.Sprintf("rows: %d", meant), fmt.Sprintf("rows: %d", built), noData)
	}
}

// repeats counts the rows that are one rule.
func repeats(byID map[string][]*Rule, r *Rule) (n int) {
	for _, other := range byID[r.ID] {
		if sameRule(other, r) {
			n++
		}
	}
	return n
}

func (d *Dictionary) rulesByID() map[string][]*Rule {
	all := map[string][]*Rule{}
	for _, r := range d.Rules {
		all[r.ID] = append(all[r.ID], r)
	}
	return all
}

// otherRules are the active rules that a [Checker] does not evaluate, each once.
func (d *Dictionary) otherRules() (all []*Rule) {
	for _, r := range d.Rules {
		if r.Active() && !r.checks() && !slices.ContainsFunc(all, func(o *Rule) bool { return o.ID == r.ID && sameRule(o, r) }) {
			all = append(all, r)
		}
	}
	return all
}

// scope is where a rule runs beside its form's records and, if it has no logic, what else is known of it.
func (r *Rule) scope() string {
	headers := []string{"Workflow Forms", "Trigger Question"}
	if !r.hasLogic() {
		headers = append(headers, "External Forms", "Message", "Questions")
	}
	all := "type " + foldHeader(r.Type)
	if r.Form != "" {
		all += ", form " + r.Form
	}
	for _, header := range headers {
		if text := strings.TrimSpace(r.Option(header)); text != "" {
			all += ", " + header + " " + quotedWord(text)
		}
	}
	return all
}

func (r *Rule) wholly() string {
	if actions := r.actions(); len(actions) > 0 {
		return r.scope() + ": " + said(actions)
	}
	return r.scope()
}
