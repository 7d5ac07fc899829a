package imednet

import (
	"cmp"
	"fmt"
	"strings"
)

// ContradictionKind is the kind of a [Contradiction].
type ContradictionKind string

// Contradictions between a row and its study. The row is a record, a variable, a form of an
// interval, or anything else that names a form or a subject.
const (
	// IDAndKeyDisagree: the row's id belongs to one form or subject and its key to another. The id
	// decides.
	IDAndKeyDisagree ContradictionKind = "id-and-key-disagree"
	// KeyUnknown: no form or subject has the row's key, and the one that has its id has a different
	// key, as after a renaming. The id decides.
	KeyUnknown ContradictionKind = "key-unknown"
	// IDUnknown: no form or subject has the row's id, and the one that has its key has a different
	// id. A form is then found by its key, so that no record is lost. A subject is not, because
	// subject keys can be reused, and assigning a record to the wrong patient is worse than
	// assigning it to none.
	IDUnknown ContradictionKind = "id-unknown"
	// KeyInOtherCase: no id decides, and the key matches only if case is ignored. The row belongs
	// to nothing.
	KeyInOtherCase ContradictionKind = "key-in-other-case"
	// IDAmbiguous: several forms or subjects have the row's id, and none of them also has its key.
	// The row belongs to nothing.
	IDAmbiguous ContradictionKind = "id-ambiguous"
	// KeyAmbiguous: no id decides, and several forms or subjects have the row's key. The row
	// belongs to nothing.
	KeyAmbiguous ContradictionKind = "key-ambiguous"
	// NothingKnown: no form or subject has the row's id or its key. The row belongs to nothing.
	NothingKnown ContradictionKind = "nothing-known"
	// NothingNamed: the row has neither an id nor a key. The row belongs to nothing.
	NothingNamed ContradictionKind = "nothing-named"
)

// Contradictions within the listings of a study.
const (
	// ListedTwice: a form, subject or variable was listed more than once. The row with the highest
	// revision counts, or else the one modified last. A variable that was listed on several forms
	// is kept on each of them.
	ListedTwice ContradictionKind = "listed-twice"
	// IDShared: forms or subjects with different keys have the same id. Each is reported.
	IDShared ContradictionKind = "id-shared"
	// KeyShared: forms or subjects with different ids have the same key. Each is reported.
	KeyShared ContradictionKind = "key-shared"
	// NotListed: variables name a form that the study does not list.
	NotListed ContradictionKind = "not-listed"
	// NameShared: several variables of one form have exactly the same name. Each is reported.
	NameShared ContradictionKind = "name-shared"
)

// Contradiction explains why a row belongs to no form or subject, or belongs to one only by a rule
// that part of the data contradicts. It holds ids, form keys and variable names, never subject keys
// or answers, and may be logged. The zero value means no contradiction.
type Contradiction struct {
	Kind ContradictionKind `json:"kind"`
	// Row and RowID identify the contradicting row; RowID is 0 if it has no id.
	Row   Resource `json:"row,omitzero"`
	RowID int64    `json:"rowId,omitzero"`
	// Variable is the name of the variable, if the row is one.
	Variable string `json:"variable,omitzero"`
	// Of is what the row should belong to: [Forms] or [Subjects].
	Of Resource `json:"of"`
	// ID and Key are those that the row gives. Key is always "" if Of is Subjects.
	ID  int64  `json:"id,omitzero"`
	Key string `json:"key,omitzero"`
	// KeyOfID is the key of the form or subject that has ID, and IDOfKey the id of the one that has
	// Key, provided exactly one does. KeyOfID is always "" if Of is Subjects.
	KeyOfID string `json:"keyOfId,omitzero"`
	IDOfKey int64  `json:"idOfKey,omitzero"`
}

// IsZero reports whether there is no contradiction.
func (c Contradiction) IsZero() bool { return c.Kind == "" }

// String returns one line for a log, such as "records 7: id-and-key-disagree: forms id 1 (key AE),
// key CM (id 2)", or "" if there is no contradiction.
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
