package structure

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
)

// ChangeKind says what happened to a part of a study's design.
type ChangeKind string

// The kinds of change between two structures.
const (
	PartAdded       ChangeKind = "added"
	PartRemoved     ChangeKind = "removed"
	PartRenamed     ChangeKind = "renamed"          // same id, another key or name
	TypeChanged     ChangeKind = "type changed"     // of a variable or form
	RevisionChanged ChangeKind = "revision changed" // the server counts every change of metadata
	PartRetired     ChangeKind = "retired"          // disabled or deleted
	PartRestored    ChangeKind = "restored"
)

// Change is one difference between two structures. Variable is "" for a form.
type Change struct {
	Kind     ChangeKind `json:"kind"`
	FormKey  string     `json:"formKey"`
	Variable string     `json:"variable,omitempty"`
	Before   string     `json:"before,omitempty"`
	After    string     `json:"after,omitempty"`
}

// String is one line, such as "AE.AESEV type changed: RADIO → TEXT".
func (c Change) String() string {
	name := c.FormKey
	if c.Variable != "" {
		name += "." + c.Variable
	}
	line := name + " " + string(c.Kind)
	if c.Before != "" || c.After != "" {
		line += ": " + c.Before + " → " + c.After
	}
	return line
}

// ChangesShape reports whether records of the new design no longer fit tables made for the old
// one: a form or variable that came, went, was renamed or changed its type.
func (c Change) ChangesShape() bool {
	return slices.Contains([]ChangeKind{PartAdded, PartRemoved, PartRenamed, TypeChanged}, c.Kind)
}

// Compare lists what changed in forms and variables from one structure to a later one
// of the same study, ordered by form and variable. Forms are matched by key and variables by form
// and name, because data are loaded under these names; what finds no match is matched by id and
// then counts as renamed.
func Compare(before, after *Structure) []Change {
	var changes []Change
	old, now := designParts(before), designParts(after)
	matchedOld := map[*designPart]bool{}
	var unmatched []*designPart
	for _, part := range now.list {
		if match := old.named(part, matchedOld); match != nil {
			matchedOld[match] = true
			changes = append(changes, compareParts(match, part)...)
		} else {
			unmatched = append(unmatched, part)
		}
	}
	for _, part := range unmatched {
		match := old.byID[part.id]
		if match == nil || matchedOld[match] {
			changes = append(changes, part.change(PartAdded, "", ""))
			continue
		}
		matchedOld[match] = true
		changes = append(changes, part.change(PartRenamed, match.path(), part.path()))
		changes = append(changes, compareParts(match, part)...)
	}
	for _, part := range old.list {
		if !matchedOld[part] {
			changes = append(changes, part.change(PartRemoved, "", ""))
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(strings.Compare(a.FormKey, b.FormKey), strings.Compare(a.Variable, b.Variable))
	})
	return changes
}

// designPart is a form or variable as far as comparing needs it.
type designPart struct {
	id              partID
	form, variable  string
	kind            string
	revision        imednet.Opt[int64]
	disabledDeleted bool
}

type partID struct {
	variable bool
	id       int64
}

func (p *designPart) path() string {
	if p.variable == "" {
		return p.form
	}
	return p.form + "." + p.variable
}

func (p *designPart) change(kind ChangeKind, before, after string) Change {
	return Change{Kind: kind, FormKey: p.form, Variable: p.variable, Before: before, After: after}
}

type designIndex struct {
	list   []*designPart
	byName map[string][]*designPart
	byID   map[partID]*designPart
}

// named returns the part of the same name: the one of the same id where a retired and a new
// variable share a name, else the first that is not taken.
func (x designIndex) named(p *designPart, taken map[*designPart]bool) *designPart {
	var free *designPart
	for _, candidate := range x.byName[p.nameKey()] {
		if taken[candidate] {
			continue
		}
		if candidate.id == p.id {
			return candidate
		}
		if free == nil {
			free = candidate
		}
	}
	return free
}

func (p *designPart) nameKey() string {
	return p.form + "\x00" + p.variable + "\x00" + strconv.FormatBool(p.id.variable)
}

func designParts(s *Structure) designIndex {
	index := designIndex{byName: map[string][]*designPart{}, byID: map[partID]*designPart{}}
	add := func(p *designPart) {
		index.list = append(index.list, p)
		index.byID[p.id] = p
		index.byName[p.nameKey()] = append(index.byName[p.nameKey()], p)
	}
	addVariables := func(form string, variables []imednet.Variable) {
		for _, v := range variables {
			add(&designPart{partID{true, v.VariableID}, form, v.VariableName.Or(""), v.VariableType.Or(""), v.Revision, v.Retired()})
		}
	}
	for _, f := range s.Forms {
		key := f.Form.FormKey.Or(strconv.FormatInt(f.Form.FormID, 10))
		add(&designPart{partID{false, f.Form.FormID}, key, "", f.Form.FormType.Or(""), f.Form.Revision, f.Form.Disabled.Or(false)})
		addVariables(key, f.Variables)
	}
	for _, v := range s.Unscheduled.Variables {
		addVariables(v.FormKey.Or(""), []imednet.Variable{v})
	}
	return index
}

// compareParts lists the differences of two parts that belong together.
func compareParts(before, after *designPart) []Change {
	var changes []Change
	if before.kind != after.kind {
		changes = append(changes, after.change(TypeChanged, before.kind, after.kind))
	}
	if before.revision.Or(0) != after.revision.Or(0) {
		changes = append(changes, after.change(RevisionChanged, revisionText(before.revision), revisionText(after.revision)))
	}
	switch {
	case !before.disabledDeleted && after.disabledDeleted:
		changes = append(changes, after.change(PartRetired, "", ""))
	case before.disabledDeleted && !after.disabledDeleted:
		changes = append(changes, after.change(PartRestored, "", ""))
	}
	return changes
}

func revisionText(o imednet.Opt[int64]) string {
	if n, ok := o.Get(); ok {
		return strconv.FormatInt(n, 10)
	}
	return "none"
}
