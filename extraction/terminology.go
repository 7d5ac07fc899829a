package extraction

import "strings"

// terminology is the terms of one field: raw terms, trimmed and in upper case, to canonical ones.
type terminology map[string]string

func newTerminology(table map[string]string) terminology {
	if len(table) == 0 {
		return nil
	}
	folded := make(terminology, len(table))
	for raw, canonical := range table {
		folded[foldTerm(raw)] = canonical
	}
	return folded
}

func foldTerm(term string) string { return strings.ToUpper(strings.TrimSpace(term)) }

// find returns the canonical term of a text, or of a number as it is written and in its plain form,
// so that 3.0 finds what 3 finds. A text that is a canonical term already is known.
func (t terminology) find(v CanonicalValue) (canonical string, known bool) {
	if canonical, known = t[foldTerm(v.text)]; known {
		return canonical, true
	}
	for _, canonical := range t {
		if canonical == v.text {
			return canonical, true
		}
	}
	if n, ok := v.Number(); ok && v.kind == KindNumber && n.Canonical() != v.text {
		canonical, known = t[n.Canonical()]
	}
	return canonical, known
}
