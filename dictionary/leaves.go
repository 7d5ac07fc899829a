package dictionary

// leaf is one of the conditions that the others join, and the whole with another in its stead.
type leaf struct {
	condition *Element
	with      func(other *Element) *Element
}

// leaves are the conditions that and, or and not join.
func (e *Element) leaves() (all []leaf) {
	if e.Name != "and" && e.Name != "or" && e.Name != "not" && e.Name != "Conditions" {
		return []leaf{{e, func(other *Element) *Element { return other }}}
	}
	for i, child := range e.Children {
		for _, l := range child.leaves() {
			all = append(all, leaf{l.condition, func(other *Element) *Element { return e.withChild(i, l.with(other)) }})
		}
	}
	return all
}

// changes reports whether a rival has not kept a condition of the rule.
func (r rival) changes(condition *Element) bool {
	kept := false
	r.conditions().All(func(x, _ *Element) { kept = kept || x == condition })
	return !kept
}

// askedBy are the places of the questions for which a condition asks.
func (all chosen) askedBy(condition *Element) (places []int) {
	for i, q := range all.questions {
		if condition.asks(q) {
			places = append(places, i)
		}
	}
	return places
}
