package structure

import (
	"slices"
)

// ChangeKind is the kind of a [Change].
type ChangeKind string

// The kinds of change between two designs.
const (
	PartAdded       ChangeKind = "added"
	PartRemoved     ChangeKind = "removed"
	PartRenamed     ChangeKind = "renamed"          // same id, different key or name
	TypeChanged     ChangeKind = "type changed"     // of a variable or form
	RevisionChanged ChangeKind = "revision changed" // the server increments it with every change of a form or variable
	PartRetired     ChangeKind = "retired"          // disabled or deleted
	PartRestored    ChangeKind = "restored"
	PartMoved       ChangeKind = "moved"      // new sequence, or new order of an interval's forms
	FormAssigned    ChangeKind = "assigned"   // a form to an interval
	FormUnassigned  ChangeKind = "unassigned" // a form from an interval
	MemberChanged   ChangeKind = "changed"    // any other member: see Change.Member
	// NotCompared stands for what may have changed in a file of a study's dictionary, the Member, that was not read.
	NotCompared ChangeKind = "not compared"
)

// Part is the kind of part that a [Change] concerns.
type Part string

// The parts of a design.
const (
	FormPart     Part = "form"
	VariablePart Part = "variable"
	IntervalPart Part = "interval"
	// DictionaryPart is a file of the study's dictionary.
	DictionaryPart Part = "dictionary"
)

// Change is one difference between two designs.
type Change struct {
	Kind ChangeKind `json:"kind"`
	Part Part       `json:"part"`
	// FormKey is the key of the form, of the variable's form, or of the form assigned to or removed
	// from an interval. Variable and Interval are names. Fields that do not apply are "".
	FormKey  string `json:"formKey,omitempty"`
	Variable string `json:"variable,omitempty"`
	Interval string `json:"interval,omitempty"`
	// Member is the wire name of the member that changed, such as "label"; "" if the part itself
	// was added or removed.
	Member string `json:"member,omitempty"`
	// Before and After are the member's values as text; "" means no value.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// String returns one line, such as "AE.AESEV type changed: RADIO → TEXT" or "interval Day 30
// positiveSlack changed: 3 → 7".
func (c Change) String() string {
	line := c.place() + " " + c.kindAndMember()
	if c.Before != "" || c.After != "" {
		line += ": " + textOrNone(c.Before) + " → " + textOrNone(c.After)
	}
	return line
}

func (c Change) place() string {
	switch {
	case c.Part == IntervalPart && c.FormKey != "":
		return "interval " + c.Interval + ", form " + c.FormKey
	case c.Part == IntervalPart:
		return "interval " + c.Interval
	case c.Part == DictionaryPart:
		return "dictionary " + c.Member
	case c.Part == VariablePart:
		return c.FormKey + "." + c.Variable
	}
	return c.FormKey
}

func textOrNone(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}

// ChangesShape reports whether records of the new design no longer fit tables made for the old one,
// because a form or variable was added, removed or renamed or changed its type.
func (c Change) ChangesShape() bool {
	return c.Part != IntervalPart && slices.Contains([]ChangeKind{PartAdded, PartRemoved, PartRenamed, TypeChanged}, c.Kind)
}
