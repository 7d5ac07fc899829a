package answers

import (
	"bytes"
	"slices"
)

// Found is what a record says for one name.
type Found struct {
	Raw []byte // the value that counts; nil when there is none, or none can be chosen
	Key []byte // its spelling
	// Spellings is the number of different keys that match: 1 also when one of them is exact. With
	// more the name is ambiguous.
	Spellings int
	// Repeats is how often the spelling that counts stood there before.
	Repeats int
	// Changed reports whether one of those was another value, byte for byte.
	Changed bool
}

// Ambiguous reports whether several spellings match and none exactly.
func (f Found) Ambiguous() bool { return f.Spellings > 1 }

// Lookup finds the value of one name in an object. Text that is no JSON object has none. To find
// many names, make an [Index] or a [Matcher].
func Lookup(object []byte, name string) Found {
	var s Scanner
	var exact, folded Found
	var others []string // spellings besides folded.Key
	s.Reset(object)
	for s.Next() {
		switch {
		case s.Mangled:
		case string(s.Name) == name:
			exact.take(s.Name, s.Raw)
		case !Same(string(s.Name), name):
		case folded.Spellings == 0 || bytes.Equal(folded.Key, s.Name):
			folded.take(s.Name, s.Raw)
		default:
			others = addOther(others, string(s.Name))
		}
	}
	switch {
	case s.Broken():
		return Found{}
	case exact.Spellings > 0:
		return exact
	case len(others) > 0:
		return Found{Spellings: 1 + len(others)}
	}
	return folded
}

// take lets a value of a spelling count, and notes whether there was one before.
func (f *Found) take(key, raw []byte) {
	if f.Spellings > 0 {
		f.Repeats++
		f.Changed = f.Changed || !bytes.Equal(f.Raw, raw)
	}
	*f = Found{Raw: raw, Key: key, Spellings: 1, Repeats: f.Repeats, Changed: f.Changed}
}

func addOther(others []string, name string) []string {
	for _, known := range others {
		if known == name {
			return others
		}
	}
	return append(others, name)
}

// Index gives the answers of one record by any name. It is for names that are not known before;
// for those that are, [Matcher] is faster.
type Index struct {
	// Declared are the variables of the record's form, where they are known.
	Declared Declared

	exact  map[string]Found
	folded map[string][]string // fold to the spellings; made when first needed
	order  []string
}

// NewIndex reads the members of an object. ok is false when the text is not JSON object. The values
// share its memory.
func NewIndex(object []byte) (index *Index, ok bool) {
	var s Scanner
	x := &Index{exact: map[string]Found{}}
	s.Reset(object)
	for s.Next() {
		if s.Mangled {
			continue
		}
		found, again := x.exact[string(s.Name)]
		name := string(s.Name)
		if !again {
			x.order = append(x.order, name)
		}
		found.take(s.Name, s.Raw)
		x.exact[name] = found
	}
	return x, !s.Broken()
}

// Names returns the spellings in the order of arrival, each once.
func (x *Index) Names() []string { return x.order }

// Exactly returns what stands under exactly this key, whatever variables there are.
func (x *Index) Exactly(key string) Found { return x.exact[key] }

// Find returns what the record says for a name, as [Declared.Lookup] does.
func (x *Index) Find(name string) Found {
	switch twins := x.Declared[Fold(name)]; len(twins) {
	case 0:
	case 1:
		name = twins[0]
	default:
		return x.findTwin(name, twins)
	}
	if found, ok := x.exact[name]; ok {
		return found
	}
	switch spellings := x.spelled(name); len(spellings) {
	case 0:
		return Found{}
	case 1:
		return x.exact[spellings[0]]
	default:
		return Found{Spellings: len(spellings)}
	}
}

// spelled returns the keys that are a name in any case.
func (x *Index) spelled(name string) []string {
	if x.folded == nil {
		x.folded = make(map[string][]string, len(x.order))
		for _, spelling := range x.order {
			key := Fold(spelling)
			x.folded[key] = append(x.folded[key], spelling)
		}
	}
	return x.folded[Fold(name)]
}

// Contested reports whether the record gives, besides the value that counts, another one: in the same
// spelling, byte for byte, or in a spelling that differs in case, where a missing answer is none.
func (x *Index) Contested(found Found) bool {
	if found.Spellings != 1 || found.Changed {
		return found.Changed
	}
	key := string(found.Key)
	return slices.ContainsFunc(x.order, func(spelling string) bool {
		if spelling == key || !x.Declared.Same(spelling, key) {
			return false
		}
		other := x.exact[spelling]
		return other.Changed || !Missing(other.Raw) && !bytes.Equal(other.Raw, found.Raw)
	})
}
