package dictionary

import "github.com/imednetgo/imednet"

// judge says what a condition comes to: on a record, or on the way of a proof.
type judge func(condition *Element) imednet.YesNo

// all is the conjunction of conditions, each after f.
func (j judge) all(conditions []*Element, f ...func(imednet.YesNo) imednet.YesNo) imednet.YesNo {
	result := imednet.Yes
	for _, c := range conditions {
		v := j(c)
		for _, change := range f {
			v = change(v)
		}
		switch v {
		case imednet.No:
			return imednet.No
		case imednet.Unknown:
			result = imednet.Unknown
		}
	}
	return result
}

// joined is the conjunction of an element's conditions, each after f; without any nothing is decided.
func (j judge) joined(c *Element, f ...func(imednet.YesNo) imednet.YesNo) imednet.YesNo {
	if len(c.Children) == 0 {
		return imednet.Unknown
	}
	return j.all(c.Children, f...)
}

// negated is the negation of an element's conditions. Of several it is decided only where it does not matter whether not one or
// not all of them may hold.
func (j judge) negated(c *Element) imednet.YesNo {
	notAll := not(j.joined(c))
	if len(c.Children) < 2 || notAll == imednet.No || j.all(c.Children, not) == imednet.Yes {
		return notAll
	}
	return imednet.Unknown
}

// chosen is the operand behind the first condition of a case that holds: when, then, when, then, … Without one why is the
// reason, empty where a condition is not decided.
func (j judge) chosen(x *Element) (then *Element, why string) {
	for i := 0; i < len(x.Children); i += 2 {
		when := x.Children[i]
		if i+1 == len(x.Children) || when.Name != "when" || len(when.Children) == 0 || x.Children[i+1].Name != "then" || len(x.Children[i+1].Children) != 1 {
			return nil, "a case is not made of when and then"
		}
		switch j.all(when.Children) {
		case imednet.Yes:
			return x.Children[i+1].Children[0], ""
		case imednet.Unknown:
			return nil, ""
		}
	}
	return nil, "no condition of a case holds"
}

func not(v imednet.YesNo) imednet.YesNo {
	switch v {
	case imednet.Yes:
		return imednet.No
	case imednet.No:
		return imednet.Yes
	}
	return imednet.Unknown
}
