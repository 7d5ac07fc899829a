package structure

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Compare lists every difference from one design to a later one: the parts that were added,
// removed, renamed, retired, moved or assigned, and every member of a form, variable or interval
// whose value changed, including members that this library does not know. Study keys and the
// creation and modification dates of rows are not compared. Absent, null and blank are considered
// equal.
//
// Parts are matched by key or name (variables within their form), because data are loaded under
// these names. Parts without a match are then matched by id and reported as renamed. A member that
// repeats one of its form, such as the formName of a variable, is a change only if it does not
// follow that of the form. Changes of forms and their variables come first, followed by those of
// intervals. The error is an *[imednet.ValidationError].
func Compare(before, after *Design) ([]Change, error) {
	if err := errors.Join(argument.Required("structure.Compare", "before", before), argument.Required("structure.Compare", "after", after)); err != nil {
		return nil, err
	}
	c := comparison{forms: map[*Form]*Form{}}
	old, now := newParts(before), newParts(after)
	pairs, added, removed := match(old, now)
	for _, p := range pairs {
		if p.before.part == FormPart {
			c.forms[p.before.form] = p.after.form
		}
	}
	for _, p := range pairs {
		c.compare(p.before, p.after)
	}
	for _, p := range added {
		c.report(p.change(PartAdded, "", "", ""))
	}
	for _, p := range removed {
		c.report(p.change(PartRemoved, "", "", ""))
	}
	slices.SortStableFunc(c.changes, func(a, b Change) int {
		return cmp.Or(strings.Compare(a.Interval, b.Interval), strings.Compare(a.FormKey, b.FormKey), strings.Compare(a.Variable, b.Variable))
	})
	return c.changes, nil
}

// comparison is one call of Compare.
type comparison struct {
	forms   map[*Form]*Form // of the old design to those of the new one
	changes []Change
}

func (c *comparison) report(change Change) { c.changes = append(c.changes, change) }

// part is a form, variable or interval of a design.
type part struct {
	part     Part
	id       int64
	name     string // key or name, as spelled
	form     *Form  // the form itself, or the variable's; nil for an interval or a stray variable
	formKey  string
	variable *imednet.Variable
	interval *Interval
}

func newParts(d *Design) []*part {
	var all []*part
	addVariables := func(form *Form, key string, variables []imednet.Variable) {
		for i := range variables {
			v := &variables[i]
			all = append(all, &part{part: VariablePart, id: v.VariableID, name: v.VariableName.Or(""), form: form, formKey: key, variable: v})
		}
	}
	for _, f := range d.Forms {
		key := keyOf(f.Form)
		all = append(all, &part{part: FormPart, id: f.Form.FormID, name: key, form: f, formKey: key})
		addVariables(f, key, f.Variables)
	}
	for i := range d.Unscheduled.Variables {
		addVariables(nil, d.Unscheduled.Variables[i].FormKey.Or(""), d.Unscheduled.Variables[i:i+1])
	}
	for i := range d.Intervals {
		in := &d.Intervals[i]
		all = append(all, &part{part: IntervalPart, id: in.Interval.IntervalID, name: in.Interval.IntervalName.Or(""), interval: in})
	}
	return all
}

// change is a change of the part, under its new name.
func (p *part) change(kind ChangeKind, member, before, after string) Change {
	c := Change{Kind: kind, Part: p.part, Member: member, Before: before, After: after}
	switch p.part {
	case FormPart:
		c.FormKey = p.name
	case VariablePart:
		c.FormKey, c.Variable = p.formKey, p.name
	case IntervalPart:
		c.Interval = p.name
	}
	return c
}

// path is the part's name as a renaming shows it.
func (p *part) path() string {
	if p.part == VariablePart {
		return p.formKey + "." + p.name
	}
	return p.name
}

// partName and partID are the two ways in which a part is found again.
type partName struct {
	part       Part
	form, name string
}

type partID struct {
	part Part
	id   int64
}

func (p *part) named() partName { return partName{p.part, p.formKey, p.name} }

func (p *part) identified() partID { return partID{p.part, p.id} }

type partPair struct{ before, after *part }

// match pairs the parts of two designs: those with the same name and id, then those with the same
// name, then those with the same id. The pairs are in the order of the later design.
func match(old, now []*part) (pairs []partPair, added, removed []*part) {
	found := map[*part]*part{} // by part of the later design
	taken := map[*part]bool{}
	pass := func(fits func(a, b *part) bool, candidates func(*part) []*part) {
		for _, p := range now {
			if found[p] != nil {
				continue
			}
			for _, candidate := range candidates(p) {
				if !taken[candidate] && fits(candidate, p) {
					found[p], taken[candidate] = candidate, true
					break
				}
			}
		}
	}
	byName, byID := map[partName][]*part{}, map[partID][]*part{}
	for _, p := range old {
		byName[p.named()] = append(byName[p.named()], p)
		byID[p.identified()] = append(byID[p.identified()], p)
	}
	sameNamed := func(p *part) []*part { return byName[p.named()] }
	pass(func(a, b *part) bool { return a.id == b.id }, sameNamed)
	pass(func(a, b *part) bool { return true }, sameNamed)
	pass(func(a, b *part) bool { return a.id != 0 }, func(p *part) []*part { return byID[p.identified()] })
	for _, p := range now {
		if found[p] == nil {
			added = append(added, p)
			continue
		}
		pairs = append(pairs, partPair{found[p], p})
	}
	removed = slices.DeleteFunc(slices.Clone(old), func(p *part) bool { return taken[p] })
	return pairs, added, removed
}
