package answers

import "bytes"

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
