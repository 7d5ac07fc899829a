package imednet

import (
	"cmp"
	"fmt"
	"strings"
)

// ContradictionKind says what does not fit together.
type ContradictionKind string

// What a row can be at odds with its study about. "The row" is a record, a variable, an interval's
// form or whatever else names a form or a subject.
const (
	// IDAndKeyDisagree: the row's id is of one form or subject, its key of another. The id decides.
	IDAndKeyDisagree ContradictionKind = "id-and-key-disagree"
	// KeyUnknown: nothing has the row's key, and what has its id has another key, as after a
	// renaming. The id decides.
	KeyUnknown ContradictionKind = "key-unknown"
	// IDUnknown: nothing has the row's id, and what has its key has another id. A form is then
	// found by its key, so that no record is lost; a subject is not, because subject keys can be
	// used again and another patient's record would be worse than none.
	IDUnknown ContradictionKind = "id-unknown"
	// KeyInOtherCase: no id decides, and the key fits only when upper and lower case are the same.
	// The row belongs to nothing.
	KeyInOtherCase ContradictionKind = "key-in-other-case"
	// IDAmbiguous: several have the row's id and none of them its key too. The row belongs to nothing.
	IDAmbiguous ContradictionKind = "id-ambiguous"
	// KeyAmbiguous: no id decides and several have the row's key. The row belongs to nothing.
	KeyAmbiguous ContradictionKind = "key-ambiguous"
	// NothingKnown: nothing has the row's id or its key. The row belongs to nothing.
	NothingKnown ContradictionKind = "nothing-known"
	// NothingNamed: the row has neither an id nor a key. The row belongs to nothing.
	NothingNamed ContradictionKind = "nothing-named"
)

// What the listings of a study can contradict themselves about.
const (
	// ListedTwice: a form, subject or variable was listed more than once. The row with the greatest
	// revision counts, or the one that was modified last. A variable that was listed on
	// several forms is kept on each.
	ListedTwice ContradictionKind = "listed-twice"
	// IDShared: forms or subjects with different keys have one id. Each is reported.
	IDShared ContradictionKind = "id-shared"
	// KeyShared: forms or subjects with different ids have one key. Each is reported.
	KeyShared ContradictionKind = "key-shared"
	// NotListed: variables name a form that the study does not list.
	NotListed ContradictionKind = "not-listed"
	// NameShared: variables of one form have the very same name. Each is reported.
	NameShared ContradictionKind = "name-shared"
)

// Contradiction is why a row belongs to nothing, or belongs somewhere only by a rule that not
// everything agrees with. It holds ids, form keys and names of variables, never subject keys or
// answers, and may be logged. The zero value is no contradiction.
type Contradiction struct {
	Kind ContradictionKind `json:"kind"`
	// Row and RowID are the row that is at odds; RowID is 0 where it has no id of its own.
	Row   Resource `json:"row,omitzero"`
	RowID int64    `json:"rowId,omitzero"`
	// Variable is the name of the variable, where the row is one.
	Variable string `json:"variable,omitzero"`
	// Of is what the row should belong to: Forms or Subjects.
	Of Resource `json:"of"`
	// ID and Key are what the row says; Key is always "" where Of is Subjects.
	ID  int64  `json:"id,omitzero"`
	Key string `json:"key,omitzero"`
	// KeyOfID is the key of what has ID, and IDOfKey the id of what has Key, where exactly one
	// does. KeyOfID is always "" where Of is Subjects.
	KeyOfID string `json:"keyOfId,omitzero"`
	IDOfKey int64  `json:"idOfKey,omitzero"`
}

// IsZero reports whether there is no contradiction.
func (c Contradiction) IsZero() bool { return c.Kind == "" }

// String is one line for a log, such as
// "records 7: id-and-key-disagree: forms id 1 (key AE), key CM (id 2)"; "" for no contradiction.
func (c Contradiction) String() string {
	if c.IsZero() {
		return ""
	}
	var b strings.Builder
	if c.Row != "" {
		fmt.Fprintf(&b, "%s %d", c.Row, c.RowID)
		if c.Variable != "" {
			fmt.Fprintf(&b, " %s", c.Variable)
		}
		b.WriteString(": ")
	}
	fmt.Fprintf(&b, "%s: %s", c.Kind, c.Of)
	if c.ID != 0 {
		fmt.Fprintf(&b, " id %d", c.ID)
		if c.KeyOfID != "" {
			fmt.Fprintf(&b, " (key %s)", c.KeyOfID)
		}
	}
	if c.ID != 0 && c.Key != "" {
		b.WriteString(",")
	}
	if c.Key != "" {
		fmt.Fprintf(&b, " key %s", c.Key)
	}
	if c.IDOfKey != 0 {
		fmt.Fprintf(&b, " (id %d)", c.IDOfKey)
	}
	return b.String()
}

func compareContradictions(a, b Contradiction) int {
	return cmp.Or(strings.Compare(string(a.Row), string(b.Row)), cmp.Compare(a.RowID, b.RowID),
		strings.Compare(a.Variable, b.Variable), strings.Compare(string(a.Kind), string(b.Kind)),
		cmp.Compare(a.ID, b.ID), strings.Compare(a.Key, b.Key))
}
