package answers

import (
	"iter"
	"slices"
)

// Declared are the names of a form's variables, by fold. A key that is exactly the name of one variable is
// no answer to another, and one that fits several and is the name of none is an answer to none. The zero
// value declares nothing.
type Declared map[string][]string

// Declare enters the names of a form's variables.
func Declare(names iter.Seq[string]) Declared {
	d := Declared{}
	for name := range names {
		folded := Fold(name)
		if !slices.Contains(d[folded], name) {
			d[folded] = append(d[folded], name)
		}
	}
	return d
}

// Lookup finds what an object says for a name. A name in another case than the only variable that it fits
// is that variable's.
func (d Declared) Lookup(object []byte, name string) Found {
	switch spellings := d[Fold(name)]; len(spellings) {
	case 0:
		return Lookup(object, name)
	case 1:
		return Lookup(object, spellings[0])
	}
	x, ok := NewIndex(object)
	if !ok {
		return Found{}
	}
	x.Declared = d
	return x.Find(name)
}

// Same reports whether two names are of one variable.
func (d Declared) Same(a, b string) bool { return a == b || Same(a, b) && len(d[Fold(a)]) < 2 }

// findTwin finds the answer to one of several variables that differ only in case.
func (x *Index) findTwin(name string, twins []string) Found {
	if found := x.Exactly(name); found.Spellings > 0 && slices.Contains(twins, name) {
		return found
	}
	for _, spelling := range x.spelled(name) {
		if !slices.Contains(twins, name) || !slices.Contains(twins, spelling) {
			return Found{Spellings: len(twins)}
		}
	}
	return Found{}
}
