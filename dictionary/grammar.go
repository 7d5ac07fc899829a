package dictionary

import (
	"fmt"
	"slices"
	"strings"
)

// The grammar of logic is that of a real export: BusinessLogic holds Conditions and Actions, before which there may be
// an empty system_generated; no element is in a namespace or has attributes, and no text stands beside elements. Logic
// of any other kind is undecided, because what it means is not known. What a condition or operand may hold is in
// shape.go.

// oddity says in what the frame or the actions of logic differ from the grammar; "" if in nothing.
func (e *Element) oddity() string {
	if odd := e.oddFrame(); odd != "" {
		return odd
	}
	actions := e.Child("Actions")
	if actions == nil {
		return ""
	}
	if !actions.plain() {
		return "Actions holds something that is not known"
	}
	if i := slices.IndexFunc(actions.Children, (*Element).oddAction); i >= 0 {
		return actions.Children[i].local() + " holds something that is not known"
	}
	return ""
}

// oddFrame says in what the frame differs.
func (e *Element) oddFrame() string {
	if e.Name != "BusinessLogic" {
		return "its logic is not a BusinessLogic element"
	}
	if !e.understood() {
		return "BusinessLogic " + e.strangeness()
	}
	parts := e.Children
	if len(parts) > 0 && parts[0].Name == "system_generated" {
		if !parts[0].empty() {
			return "system_generated holds something that is not known"
		}
		parts = parts[1:]
	}
	if n := e.number("Conditions"); n != 1 {
		return fmt.Sprintf("its logic has %d elements named Conditions", n)
	}
	if parts[0].Name != "Conditions" || len(parts) > 2 || len(parts) == 2 && parts[1].Name != "Actions" {
		return "its logic holds something beside Conditions and Actions"
	}
	return ""
}

// plain reports whether an element and all in it are in no namespace, without attributes, and without text beside
// elements.
func (e *Element) plain() bool {
	if e.inNamespace() || len(e.attributes()) > 0 || len(e.behind) > 0 || len(e.Children) > 0 && e.Trimmed() != "" {
		return false
	}
	return !slices.ContainsFunc(e.Children, func(c *Element) bool { return !c.plain() })
}

// oddAction reports whether an action on the state of questions holds anything but questions. What others hold beside
// what is known of them does not matter to a rule's condition, nor to whether a question is hidden.
func (e *Element) oddAction() bool {
	return stateActions[e.Name] && (e.Trimmed() != "" || slices.ContainsFunc(e.Children, func(c *Element) bool { return c.Name != "question" || !c.understood() }))
}

// mayDoAnything reports whether what an action does is not known, so that it may hide or disable any question.
func (e *Element) mayDoAnything() bool {
	switch e.Name {
	case "message", "open_query", "disable_save", "calculate_field", "populate_field":
		return !e.plain()
	}
	return !e.plain() || e.oddAction() || !stateActions[e.Name] && !affectsNone(e.Name)
}

// inNamespace reports whether an element is in a namespace; no word of the grammar is.
func (e *Element) inNamespace() bool { return strings.HasPrefix(e.Name, "{") }

// local is an element's name without its namespace, which is free text.
func (e *Element) local() string { return e.Name[strings.LastIndexByte(e.Name, '}')+1:] }
