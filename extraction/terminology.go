package extraction

import "strings"

// terminology is the terms of one field: raw terms to canonical ones. A raw term matches in any case, and
// the exact spelling first, as names do.
type terminology struct {
	exact  map[string]string // by the trimmed term
	folded map[string]string // by the trimmed term in upper case; without those that fold to several
}

func newTerminology(table map[string]string) *terminology {
	if len(table) == 0 {
		return nil
	}
	t := &terminology{exact: map[string]string{}, folded: map[string]string{}}
	ambiguous := map[string]bool{}
	for raw, canonical := range table {
		t.exact[strings.TrimSpace(raw)] = canonical
		term := foldTerm(raw)
		if other, seen := t.folded[term]; seen && other != canonical {
			ambiguous[term] = true
		}
		t.folded[term] = canonical
	}
	for term := range ambiguous {
		delete(t.folded, term)
	}
	return t
}

// terminologyOf finds the terms of a field among those of the name DOMAIN.field or, if there are none, of
// the field's name alone.
func terminologyOf(domain Domain, field string, named func(string) *terminology) *terminology {
	if t := named(string(domain) + "." + field); t != nil {
		return t
	}
	return named(field)
}

func foldTerm(term string) string { return strings.ToUpper(strings.TrimSpace(term)) }

// find returns the canonical term of a text, or of a number as it is written and in its plain form,
// so that 3.0 finds what 3 finds. A text that is a canonical term already is known. A text that
// several terms match in other cases, and none exactly, is not: choosing one would be a guess.
func (t *terminology) find(v CanonicalValue) (canonical string, known bool) {
	if canonical, known = t.exact[strings.TrimSpace(v.text)]; known {
		return canonical, true
	}
	if canonical, known = t.folded[foldTerm(v.text)]; known {
		return canonical, true
	}
	for _, canonical := range t.exact {
		if canonical == v.text {
			return canonical, true
		}
	}
	if n, ok := v.Number(); ok && v.kind == KindNumber && n.Canonical() != v.text {
		canonical, known = t.exact[n.Canonical()]
	}
	return canonical, known
}

// meaning is a value in canonical terms: itself where there are no terms, or none of it.
func (t *terminology) meaning(v CanonicalValue) CanonicalValue {
	if t == nil || v.Missing() {
		return v
	}
	if canonical, known := t.find(v); known {
		return TextValue(canonical)
	}
	return v
}
