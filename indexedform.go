package imednet

import (
	"cmp"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet/internal/answers"
)

// IndexedForm is a form of a [FormIndex] with its variables. It is shared and must not be modified.
type IndexedForm struct {
	// Form is the row as it was listed. For a form that only variables name, it holds the id, key
	// and name that they give.
	Form Form
	// Listed reports whether the study lists the form.
	Listed bool
	// Variables are the form's variables, including retired ones, in ascending order of sequence
	// (those without one last) and then of id.
	Variables []Variable

	at       int            // place in the index
	unique   string         // see UniqueKey
	names    map[string]int // places of the variables
	declared answers.Declared
}

// Key returns the form's key, or "" if it has none.
func (f *IndexedForm) Key() string { return formIdentity(&f.Form).key }

// UniqueKey returns a key that no other form of the index has, under which tables and profiles name
// the form. It is the form's key. If the form has none, or shares it with another form, # and the
// id follow, as in DUP#4; likewise if the key itself ends in # and a number.
func (f *IndexedForm) UniqueKey() string { return f.unique }

func (f *IndexedForm) makeUnique(shared bool) {
	f.unique = f.Key()
	if shared || f.unique == "" || endsInNumber(f.unique) {
		f.unique += "#" + strconv.FormatInt(f.ID(), 10)
	}
}

// endsInNumber reports whether a key could be mistaken for one that was made unique. Which form it could
// be mistaken for does not matter, so that a form is named alike whatever other forms the study has.
func endsInNumber(key string) bool {
	at := strings.LastIndexByte(key, '#')
	if at < 0 {
		return false
	}
	digits := strings.TrimPrefix(key[at+1:], "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// ID returns the form's id, or 0 if it has none.
func (f *IndexedForm) ID() int64 { return f.Form.FormID }

// Disabled reports whether the form's soft-delete flag is set to true.
func (f *IndexedForm) Disabled() bool { return f.Form.Disabled.Or(false) }

// Uses reports whether a study asks for a variable of the form: neither the form is disabled nor the variable retired.
func (f *IndexedForm) Uses(v *Variable) bool { return !f.Disabled() && !v.Retired() }

// Variable returns the form's variable with this name: the one with the exact spelling or, failing
// that, the only spelling that matches if case is ignored. n is the number of spellings that match.
// If n is 0 or greater than 1 the variable is nil, because choosing one would be a guess. Among
// variables with exactly the same name, one that is not retired takes precedence, then the one with
// the lowest id.
func (f *IndexedForm) Variable(name string) (v *Variable, n int) {
	if i, exact := f.names[name]; exact {
		return &f.Variables[i], 1
	}
	var buffer [64]byte
	found := f.declared[string(answers.AppendFold(buffer[:0], name))]
	if len(found) != 1 {
		return nil, len(found)
	}
	return &f.Variables[f.names[found[0]]], 1
}

// VariableNames yields the names of the form's variables, each once and in ascending order.
func (f *IndexedForm) VariableNames() iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(f.names)))
}

// Answer returns a record's answer to the form's variable with this name ([IndexedForm.Variable]), and how
// many spellings could be it, as [RecordData.Lookup] does. A key that is exactly the name of another
// variable of the form is the answer to that one alone. A key that fits several variables, but none
// exactly, is the answer to none: if nothing else answers the variable, n is greater than 1. A name that no
// variable has is looked up among the keys of the record.
func (f *IndexedForm) Answer(d RecordData, name string) (v Value, n int) {
	if d.Presence() != Set {
		return Value{}, 0
	}
	found := f.declared.Lookup(d.raw, name)
	return Value{found.Raw}, found.Spellings
}

// nameVariables indexes the variables by name, and reports names that several have.
func (f *IndexedForm) nameVariables() []Contradiction {
	f.names = make(map[string]int, len(f.Variables))
	times := make(map[string]int, len(f.Variables))
	for i := range f.Variables {
		name, ok := f.Variables[i].VariableName.Get()
		if !ok {
			continue
		}
		times[name]++
		if at, taken := f.names[name]; !taken || before(&f.Variables[i], &f.Variables[at]) {
			f.names[name] = i
		}
	}
	f.declared = answers.Declare(f.VariableNames())
	var shared []Contradiction
	for i := range f.Variables {
		if v := &f.Variables[i]; times[v.VariableName.Or("")] > 1 {
			shared = append(shared, variableContradiction(NameShared, v))
		}
	}
	return shared
}

// before reports whether a takes precedence over b, which has the same name.
func before(a, b *Variable) bool {
	if a.Retired() != b.Retired() {
		return b.Retired()
	}
	return a.VariableID < b.VariableID
}

func variableContradiction(kind ContradictionKind, v *Variable) Contradiction {
	who := newIdentity(v.FormID.Or(0), v.FormKey.Or(""))
	return Contradiction{
		Kind: kind, Row: Variables, RowID: v.VariableID, Variable: v.VariableName.Or(""), Of: Forms, ID: who.id, Key: who.key,
	}
}

// settleVariables sorts the variables of one form and keeps the newest row of each; again holds
// those that occurred more than once.
func settleVariables(list []Variable) (kept, again []Variable) {
	kept, twice := unique[Variable](list, func(v *Variable) identity { return identity{id: v.VariableID} }, func(a, b *Variable) int {
		return compareEdition(a.Revision, b.Revision, a.DateModified, b.DateModified)
	})
	for _, v := range kept { // both are in ascending id
		if len(twice) > 0 && v.VariableID == twice[0].id {
			again, twice = append(again, v), twice[1:]
		}
	}
	slices.SortStableFunc(kept, func(a, b Variable) int { // stable, because it is in ascending id already
		return cmp.Compare(a.Sequence.Or(math.MaxInt64), b.Sequence.Or(math.MaxInt64))
	})
	return kept, again
}
