package answers

import "bytes"

// Index gives the answers of one record by any name. It is for names that are not known before;
// for those that are, [Matcher] is faster.
type Index struct {
	// Declared are the variables of the record's form, where they are known.
	Declared Declared

	entries []entry             // in the order of arrival
	at      map[string]int      // places of all entries, made when they are many; else empty
	folded  map[string][]string // fold to the spellings; made when first needed
}

// entry is a key of the object and what it says.
type entry struct {
	name  string
	found Found
}

// few is how many entries are found sooner one by one than in a map.
const few = 16

// NewIndex reads the members of an object. ok is false when the text is not JSON object. The values
// share its memory.
func NewIndex(object []byte) (index *Index, ok bool) {
	index = &Index{}
	return index, index.Reset(object)
}

// Reset reads another object, in the memory of the one before. Objects of the same keys in the same order
// share what was made of those. ok is false when the text is not JSON object.
func (x *Index) Reset(object []byte) (ok bool) {
	before := x.entries
	x.entries = x.entries[:0]
	sameKeys := true
	var s Scanner
	s.Reset(object)
	for s.Next() {
		if s.Mangled {
			continue
		}
		i := len(x.entries)
		if sameKeys && i < len(before) && before[i].name == string(s.Name) {
			x.entries = append(x.entries, entry{before[i].name, Found{Raw: s.Raw, Key: s.Name, Spellings: 1}})
			continue
		}
		if sameKeys {
			sameKeys = false
			x.forgetKeys()
		}
		x.add(s.Name, s.Raw)
	}
	if len(x.entries) < len(before) {
		x.forgetKeys()
	}
	return !s.Broken()
}

func (x *Index) forgetKeys() {
	clear(x.at)
	x.folded = nil
}

// add enters a member whose key may stand there before.
func (x *Index) add(name, raw []byte) {
	i := x.place(string(name))
	if i < 0 {
		i = len(x.entries)
		x.entries = append(x.entries, entry{name: string(name)})
		if len(x.at) > 0 {
			x.at[x.entries[i].name] = i
		}
	}
	x.entries[i].found.take(name, raw)
}

// place finds a key as it is spelled; -1 when the object has none.
func (x *Index) place(name string) int {
	if len(x.entries) <= few {
		return x.placeAmongFew(name)
	}
	if len(x.at) == 0 {
		x.makeMap()
	}
	if i, ok := x.at[name]; ok {
		return i
	}
	return -1
}

func (x *Index) placeAmongFew(name string) int {
	for i := range x.entries {
		if x.entries[i].name == name {
			return i
		}
	}
	return -1
}

func (x *Index) makeMap() {
	if x.at == nil {
		x.at = make(map[string]int, len(x.entries))
	}
	for i := range x.entries {
		x.at[x.entries[i].name] = i
	}
}

// Names returns the spellings in the order of arrival, each once.
func (x *Index) Names() []string {
	names := make([]string, len(x.entries))
	for i := range x.entries {
		names[i] = x.entries[i].name
	}
	return names
}

// Exactly returns what stands under exactly this key, whatever variables there are.
func (x *Index) Exactly(key string) Found {
	if i := x.place(key); i >= 0 {
		return x.entries[i].found
	}
	return Found{}
}

// Find returns what the record says for a name, as [Declared.Lookup] does.
func (x *Index) Find(name string) Found {
	if len(x.Declared) > 0 {
		switch twins := x.Declared[Fold(name)]; len(twins) {
		case 0:
		case 1:
			name = twins[0]
		default:
			return x.findTwin(name, twins)
		}
	}
	if found := x.Exactly(name); found.Spellings > 0 {
		return found
	}
	switch spellings := x.spelled(name); len(spellings) {
	case 0:
		return Found{}
	case 1:
		return x.Exactly(spellings[0])
	default:
		return Found{Spellings: len(spellings)}
	}
}

// spelled returns the keys that are a name in any case.
func (x *Index) spelled(name string) []string { return x.byFold()[Fold(name)] }

// keysDiffer reports whether no two keys are one name in different cases.
func (x *Index) keysDiffer() bool { return len(x.byFold()) == len(x.entries) }

func (x *Index) byFold() map[string][]string {
	if x.folded == nil {
		x.folded = make(map[string][]string, len(x.entries))
		for i := range x.entries {
			key := Fold(x.entries[i].name)
			x.folded[key] = append(x.folded[key], x.entries[i].name)
		}
	}
	return x.folded
}

// Contested reports whether the record gives, besides the value that counts, another one: in the same
// spelling, byte for byte, or in a spelling that differs in case, where a missing answer is none.
func (x *Index) Contested(found Found) bool {
	if found.Spellings != 1 || found.Changed || x.keysDiffer() {
		return found.Changed
	}
	for i := range x.entries {
		other := &x.entries[i]
		if other.name == string(found.Key) || !x.Declared.Same(other.name, string(found.Key)) {
			continue
		}
		if other.found.Changed || !Missing(other.found.Raw) && !bytes.Equal(other.found.Raw, found.Raw) {
			return true
		}
	}
	return false
}
