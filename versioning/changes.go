package versioning

import (
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// ChangeKind is the kind of a [Change].
type ChangeKind string

// The kinds of changes.
const (
	ChangeAdded     ChangeKind = "added"
	ChangeRemoved   ChangeKind = "removed"
	ChangeChanged   ChangeKind = "changed"
	ChangeReordered ChangeKind = "reordered" // the remaining parts are in a different order
)

// Change is one change in readable form.
type Change struct {
	Kind ChangeKind `json:"kind"`
	// Part is "mapping", "widget", "term", "lookup", "PHI field" or "setting".
	Part string `json:"part"`
	// Name identifies the part: "AE.aeTerm from form AE" for a mapping, with #2 for the second with
	// the same name; the id of a widget; "AE.aeSeverity: 1" for a term of a lookup; or the name of
	// the lookup, the field or the setting. It is empty for [ChangeReordered].
	Name string `json:"name,omitempty"`
	// Fields lists the differences; for an added or removed part, its values other than its name.
	Fields []FieldChange `json:"fields,omitempty"`
}

// FieldChange is a value that differs. Values are JSON texts, nil if there is none.
type FieldChange struct {
	Name   string         `json:"name"`
	Before jsontext.Value `json:"before,omitempty"`
	After  jsontext.Value `json:"after,omitempty"`
}

// listChanges compares two bodies part by part: settings, mappings, lookups, widgets, PHI fields.
func listChanges(a, b any) []Change {
	before, ok := a.(map[string]any)
	after, ok2 := b.(map[string]any)
	if !ok || !ok2 {
		return compareSettings(map[string]any{"document": a}, map[string]any{"document": b})
	}
	before, after = maps.Clone(before), maps.Clone(after)
	var parts []Change
	parts = append(parts, takeLists(before, after, "mappings", "mapping", mappingName, "domain", "targetField", "sourceFormKey")...)
	parts = append(parts, takeLookups(before, after)...)
	parts = append(parts, takeLists(before, after, "widgets", "widget", widgetName, "widgetId")...)
	parts = append(parts, takeLists(before, after, "phiFields", "PHI field", text)...)
	return append(compareSettings(before, after), parts...)
}

func mappingName(rule any) string {
	return text(member(rule, "domain")) + "." + text(member(rule, "targetField")) + " from form " + text(member(rule, "sourceFormKey"))
}

func widgetName(widget any) string { return text(member(widget, "widgetId")) }

// compareSettings compares the members that no other part covers.
func compareSettings(a, b map[string]any) []Change {
	var out []Change
	for _, f := range compareMembers(a, b) {
		out = append(out, Change{kindOf(f), "setting", f.Name, []FieldChange{f}})
	}
	return out
}

func kindOf(f FieldChange) ChangeKind {
	switch {
	case f.Before == nil:
		return ChangeAdded
	case f.After == nil:
		return ChangeRemoved
	}
	return ChangeChanged
}

// compareMembers lists the members that differ, by name.
func compareMembers(a, b map[string]any) []FieldChange {
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	var out []FieldChange
	for _, name := range slices.Compact(names) {
		x, inA := a[name]
		y, inB := b[name]
		if inA && inB && equalNodes(x, y) {
			continue
		}
		f := FieldChange{Name: name}
		if inA {
			f.Before = appendNode(nil, x)
		}
		if inB {
			f.After = appendNode(nil, y)
		}
		out = append(out, f)
	}
	return out
}

// takeLists removes a list from both bodies and compares its elements by name. Lists that are none
// stay, and are compared as settings.
func takeLists(a, b map[string]any, member, part string, nameOf func(any) string, inName ...string) []Change {
	x, ok := a[member].([]any)
	y, ok2 := b[member].([]any)
	if !ok || !ok2 {
		return nil
	}
	delete(a, member)
	delete(b, member)
	old, oldOrder := byName(x, nameOf)
	now, nowOrder := byName(y, nameOf)
	var out []Change
	for _, name := range oldOrder {
		if _, stays := now[name]; !stays {
			out = append(out, Change{ChangeRemoved, part, name, compareMembers(besideName(old[name], inName), nil)})
		}
	}
	for _, name := range nowOrder {
		was, known := old[name]
		if !known {
			out = append(out, Change{ChangeAdded, part, name, compareMembers(nil, besideName(now[name], inName))})
			continue
		}
		if !equalNodes(was, now[name]) {
			out = append(out, Change{ChangeChanged, part, name, compareElements(was, now[name])})
		}
	}
	gone := func(other map[string]any) func(string) bool {
		return func(name string) bool { _, ok := other[name]; return !ok }
	}
	if !slices.Equal(slices.DeleteFunc(oldOrder, gone(now)), slices.DeleteFunc(nowOrder, gone(old))) {
		out = append(out, Change{Kind: ChangeReordered, Part: part})
	}
	return out
}

// compareElements compares two elements of one name: by member, or as wholes if one is no object.
func compareElements(was, now any) []FieldChange {
	if a, b := asObject(was), asObject(now); a != nil && b != nil {
		return compareMembers(a, b)
	}
	return []FieldChange{{"value", appendNode(nil, was), appendNode(nil, now)}}
}

// byName indexes elements; the second of the same name gets "#2".
func byName(list []any, nameOf func(any) string) (index map[string]any, order []string) {
	index = map[string]any{}
	for _, element := range list {
		first := nameOf(element)
		name := first
		for n := 2; index[name] != nil; n++ {
			name = fmt.Sprintf("%s #%d", first, n)
		}
		index[name] = element
		order = append(order, name)
	}
	return index, order
}

// besideName returns the members that say something beyond the name: neither in it nor null.
func besideName(node any, inName []string) map[string]any {
	object := maps.Clone(asObject(node))
	maps.DeleteFunc(object, func(name string, value any) bool {
		return slices.Contains(inName, name) || value == scalar("null") || value == scalar("false")
	})
	return object
}

// takeLookups removes the lookups from both bodies and compares them term by term.
func takeLookups(a, b map[string]any) []Change {
	x, ok := a["terminologyLookups"].(map[string]any)
	y, ok2 := b["terminologyLookups"].(map[string]any)
	if !ok || !ok2 {
		return nil
	}
	delete(a, "terminologyLookups")
	delete(b, "terminologyLookups")
	var out []Change
	for _, f := range compareMembers(x, y) {
		if kind := kindOf(f); kind != ChangeChanged {
			out = append(out, Change{Kind: kind, Part: "lookup", Name: f.Name})
		}
		for _, term := range compareMembers(asObject(x[f.Name]), asObject(y[f.Name])) {
			out = append(out, Change{kindOf(term), "term", f.Name + ": " + term.Name, []FieldChange{{"canonical", term.Before, term.After}}})
		}
	}
	return out
}

func member(node any, name string) any {
	object, _ := node.(map[string]any)
	return object[name]
}

// asObject returns an object's members; nothing for anything else.
func asObject(node any) map[string]any {
	object, _ := node.(map[string]any)
	return object
}
