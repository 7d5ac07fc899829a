package dictionary

import (
	"cmp"
	"fmt"
	"regexp"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
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
		return e.each(c, func(o operand) imednet.YesNo { return imednet.YesNoOf(o.isChecked()) })
	case "equals", "gt", "lt", "gte", "lte":
		return e.compare(c)
	case "like":
		return e.like(c)
	case "exists":
		return e.exists(c)
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

func (e *evaluation) compare(c *Element) imednet.YesNo {
	if len(c.Children) != 2 {
		return e.undecided("%s has %d operands", c.Name, len(c.Children))
	}
	a, okA := e.operand(c.Children[0])
	b, okB := e.operand(c.Children[1])
	if !okA || !okB {
		return imednet.Unknown
	}
	a, b = a.ofDayLike(b), b.ofDayLike(a)
	if c.Name == "equals" {
		return e.equal(a, b)
	}
	if a.missing || b.missing {
		return imednet.No // a blank is neither greater nor less
	}
	return e.ordered(c.Name, a, b)
}

func (e *evaluation) equal(a, b operand) imednet.YesNo {
	switch {
	case a.missing || b.missing:
		return imednet.YesNoOf(a.missing && b.missing)
	case a.isFlag || b.isFlag:
		return e.equalFlags(a, b)
	case a.isNumber && b.isNumber:
		return imednet.YesNoOf(a.number.Equal(b.number))
	case a.isDate && b.isDate:
		return e.ordered("equals", a, b)
	}
	return imednet.YesNoOf(a.text == b.text)
}

// equalFlags compares a flag with another or with a word for one. Of other words only the same is equal.
func (e *evaluation) equalFlags(a, b operand) imednet.YesNo {
	knownA, knownB := a.flag != imednet.Unknown, b.flag != imednet.Unknown
	switch {
	case knownA && knownB:
		return imednet.YesNoOf(a.flag == b.flag)
	case knownA != knownB:
		return e.undecided("equals compares a checkbox with a word that says neither yes nor no")
	}
	return imednet.YesNoOf(a.text == b.text)
}

func (e *evaluation) ordered(name string, a, b operand) imednet.YesNo {
	switch {
	case a.isDate && b.isDate && a.ofDay != b.ofDay:
		return e.undecided("%s compares a date and a time of day", name)
	case a.isDate && b.isDate && a.ofDay:
		return e.orderedTimes(name, a.date, b.date)
	case a.isDate && b.isDate:
		return e.orderedDates(name, a.date, b.date)
	case a.isNumber && b.isNumber:
		return holds(name, a.number.Compare(b.number))
	}
	return e.undecided("%s compares what are neither two numbers nor two dates", name)
}

// orderedDates compares by day where one side has no time, else by the clock. A partial date decides
// only what holds for every completion.
func (e *evaluation) orderedDates(name string, a, b imednet.PartialDate) imednet.YesNo {
	order := a.Compare(b)
	if _, timed := a.Hour(); !timed {
		order = a.CompareDay(b)
	} else if _, timed := b.Hour(); !timed {
		order = a.CompareDay(b)
	}
	switch order {
	case imednet.Before:
		return holds(name, -1)
	case imednet.After:
		return holds(name, 1)
	case imednet.Same:
		return holds(name, 0)
	}
	return e.undecided("%s compares dates whose order is not certain", name)
}

// orderedTimes compares times of day by the minute where one side has no seconds, as dates are compared
// by day where one side has no time.
func (e *evaluation) orderedTimes(name string, a, b imednet.PartialDate) imednet.YesNo {
	_, exactA := a.Second()
	_, exactB := b.Second()
	if exactA && exactB {
		return e.orderedDates(name, a, b)
	}
	minuteA, knownA := minuteOfDay(a)
	minuteB, knownB := minuteOfDay(b)
	if !knownA || !knownB {
		return e.orderedDates(name, a, b)
	}
	return holds(name, cmp.Compare(minuteA, minuteB))
}

func minuteOfDay(at imednet.PartialDate) (int, bool) {
	hour, _ := at.Hour()
	minute, known := at.Minute()
	return hour*60 + minute, known
}

func holds(name string, order int) imednet.YesNo {
	switch name {
	case "gt":
		return imednet.YesNoOf(order > 0)
	case "lt":
		return imednet.YesNoOf(order < 0)
	case "gte":
		return imednet.YesNoOf(order >= 0)
	case "lte":
		return imednet.YesNoOf(order <= 0)
	}
	return imednet.YesNoOf(order == 0)
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

// exists looks for a keyword of the record itself.
func (e *evaluation) exists(c *Element) imednet.YesNo {
	status := c.Child("keyword_status_record")
	if status == nil || len(c.Children) != 1 {
		return e.undecided("exists needs more than the record")
	}
	if e.record == nil {
		return e.undecided("keywords are not known of a record that is not stored")
	}
	want := status.Child("keyword").name()
	for _, k := range e.record.Keywords {
		if answers.Same(answers.TrimSpace(k.KeywordKey.Or("")), want) || answers.Same(answers.TrimSpace(k.KeywordName.Or("")), want) {
			return imednet.Yes
		}
	}
	return imednet.No
}
