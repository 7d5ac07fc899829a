package dictionary

import (
	"fmt"
	"regexp"
	"time"

	"github.com/imednetgo/imednet"
)

// maxSteps bounds the evaluation of one rule over one record.
const maxSteps = 10_000

// evaluation is one rule, or one question's state, over one record. What needs more than the record is
// undecided with a reason; nothing is guessed.
type evaluation struct {
	checker *Checker
	form    *Form
	answers answerFinder
	record  *imednet.Record
	now     time.Time
	steps   int
	reason  string
	asked   map[string]bool // questions whose state is being found out, against rules in a circle
}

// undecided notes the first reason.
func (e *evaluation) undecided(format string, args ...any) imednet.YesNo {
	if e.reason == "" {
		e.reason = fmt.Sprintf(format, args...)
	}
	return imednet.Unknown
}

// condition evaluates a condition. Its meaning is three-valued: an undecided part decides nothing
// where another part does.
func (e *evaluation) condition(c *Element) imednet.YesNo {
	if e.steps++; e.steps > maxSteps {
		return e.undecided("the rule takes too many steps")
	}
	switch c.Name {
	case "true":
		return imednet.Yes
	case "and", "Conditions":
		return e.all(c.Children)
	case "or":
		return not(e.all(c.Children, not))
	case "not":
		return not(e.all(c.Children))
	case "blank":
		return e.each(c, func(o operand) imednet.YesNo { return imednet.YesNoOf(o.missing) })
	case "checked":
		return e.each(c, e.checked)
	case "equals", "gt", "lt", "gte", "lte":
		return e.compare(c)
	case "like":
		return e.like(c)
	case "exists":
		return e.exists(c)
	case "field_changed":
		return e.changed(c)
	}
	return e.undecided("%s needs more than the record", c.Name)
}

// all is the conjunction of conditions, each after f.
func (e *evaluation) all(conditions []*Element, f ...func(imednet.YesNo) imednet.YesNo) imednet.YesNo {
	result := imednet.Yes
	for _, c := range conditions {
		v := e.condition(c)
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

// checked is undecided for an answer that says neither yes nor no.
func (e *evaluation) checked(o operand) imednet.YesNo {
	flag := o.asFlag()
	switch {
	case o.missing:
		return imednet.No
	case flag == imednet.Unknown:
		return e.undecided("checked is asked of an answer that says neither yes nor no")
	}
	return flag
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

// each tests the one operand of a condition.
func (e *evaluation) each(c *Element, test func(operand) imednet.YesNo) imednet.YesNo {
	if len(c.Children) != 1 {
		return e.undecided("%s has %d operands", c.Name, len(c.Children))
	}
	o, ok := e.operand(c.Children[0])
	if !ok {
		return imednet.Unknown
	}
	return test(o)
}

// like matches a regular expression in RE2's syntax; what RE2 does not know is undecided.
func (e *evaluation) like(c *Element) imednet.YesNo {
	if len(c.Children) != 2 {
		return e.undecided("like has %d operands", len(c.Children))
	}
	a, okA := e.operand(c.Children[0])
	b, okB := e.operand(c.Children[1])
	if !okA || !okB {
		return imednet.Unknown
	}
	pattern, err := regexp.Compile(b.text)
	if err != nil {
		return e.undecided("like has a regular expression that cannot be read")
	}
	return imednet.YesNoOf(pattern.MatchString(a.text))
}
