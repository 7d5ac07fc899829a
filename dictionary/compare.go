package dictionary

import (
	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// compare decides a comparison of two operands. The type that it needs is that of the operands; where
// either cannot be read as one, nothing is decided, also beside a blank. A blank equals a blank only, and is neither
// greater nor less than anything.
func (e *evaluation) compare(c *Element) imednet.YesNo {
	if len(c.Children) != 2 {
		return e.undecided("%s has %d operands", c.Name, len(c.Children))
	}
	a, okA := e.operand(c.Children[0])
	b, okB := e.operand(c.Children[1])
	if !okA || !okB {
		return imednet.Unknown
	}
	if a.text == b.text && (a.mayBeBlank() || b.mayBeBlank()) {
		return e.undecided("%s compares white space, which may be a blank", c.Name)
	}
	needed := neededType(a, b)
	if a.missing || b.missing {
		return e.compareBlank(c.Name, needed, a, b)
	}
	switch needed {
	case flagOperands:
		return e.compareFlags(c.Name, a.asFlag(), b.asFlag())
	case timeOperands:
		return e.compareDates(c.Name, a.asTime, b.asTime)
	case dateOperands:
		return e.compareDates(c.Name, a.asDate, b.asDate)
	case numberOperands:
		return e.compareNumbers(c.Name, a, b)
	}
	return e.compareTexts(c.Name, a, b)
}

// compareBlank decides a comparison of which one side is a blank, or both are.
func (e *evaluation) compareBlank(name string, needed operandType, a, b operand) imednet.YesNo {
	switch {
	case a.missing && b.missing:
		return imednet.YesNoOf(name == "equals")
	case a.missing && !b.readableAs(needed), b.missing && !a.readableAs(needed):
		return e.undecided("%s compares a blank with what cannot be read", name)
	}
	return imednet.No
}

// readableAs reports whether an operand is of a type, or spells something of it.
func (o operand) readableAs(needed operandType) (ok bool) {
	switch needed {
	case flagOperands:
		return o.asFlag() != imednet.Unknown
	case timeOperands:
		_, ok = o.asTime()
	case dateOperands:
		_, ok = o.asDate()
	case numberOperands:
		_, ok = o.asNumber()
	default:
		ok = true
	}
	return ok
}

// neededType is the type that a comparison needs: that of the operand whose type says most. Two values of
// the rule itself are numbers or dates if both can be.
func neededType(a, b operand) operandType {
	needed := max(a.of, b.of)
	if needed != ruleValues {
		return needed
	}
	_, numberA := a.asNumber()
	_, numberB := b.asNumber()
	_, dateA := a.asDate()
	_, dateB := b.asDate()
	switch {
	case numberA && numberB:
		return numberOperands
	case dateA && dateB:
		return dateOperands
	}
	return textOperands
}

func (e *evaluation) compareFlags(name string, a, b imednet.YesNo) imednet.YesNo {
	switch {
	case name != "equals":
		return e.undecided("%s compares flags, which have no order", name)
	case a == imednet.Unknown || b == imednet.Unknown:
		return e.undecided("%s compares a checkbox with a word that says neither yes nor no", name)
	}
	return imednet.YesNoOf(a == b)
}

func (e *evaluation) compareDates(name string, a, b func() (imednet.PartialDate, bool)) imednet.YesNo {
	x, okX := a()
	y, okY := b()
	if !okX || !okY {
		return e.undecided("%s compares a date or time with what is none", name)
	}
	if e.early {
		x, y = firstMoment(x), firstMoment(y)
	}
	switch orderOf(x, y) {
	case imednet.Before:
		return holds(name, -1)
	case imednet.After:
		return holds(name, 1)
	case imednet.Same:
		return holds(name, 0)
	}
	return e.undecided("%s compares dates whose order is not certain", name)
}

// firstMoment is the first minute of a day; another date or time is its own.
func firstMoment(d imednet.PartialDate) imednet.PartialDate {
	if d.Precision() != imednet.PrecisionDay {
		return d
	}
	first, err := imednet.ParsePartialDate(d.String() + "T00:00")
	if err != nil {
		return d
	}
	return first
}

// orderOf compares dates by the clock where both have a time, else by the day. A part that one of them
// lacks may be anything: a day is neither equal to a moment of it, nor before or after it. Two that are
// known to the same day, minute or second are the same.
func orderOf(a, b imednet.PartialDate) imednet.Order {
	_, timedA := a.Hour()
	_, timedB := b.Hour()
	order := a.CompareDay(b)
	if timedA && timedB {
		order = a.Compare(b)
	}
	switch {
	case order == imednet.NotCertain && a == b && asCollected(a):
		return imednet.Same
	case order == imednet.Same && a != b && !(timedA && timedB):
		return imednet.NotCertain
	}
	return order
}

// asCollected reports whether a date has every part down to the minute or second to which it was asked for.
func asCollected(d imednet.PartialDate) bool {
	switch precision := d.Precision(); precision {
	case imednet.PrecisionMinute, imednet.PrecisionSecond, imednet.PrecisionFraction:
		return d.Truncate(precision) == d
	}
	return false
}

func (e *evaluation) compareNumbers(name string, a, b operand) imednet.YesNo {
	x, okX := a.asNumber()
	y, okY := b.asNumber()
	if !okX || !okY {
		return e.undecided("%s compares a number with what is none", name)
	}
	if x.calculated == nil && y.calculated == nil {
		return holds(name, x.read.Compare(y.read))
	}
	exactX, okX := x.exact()
	exactY, okY := y.exact()
	if !okX || !okY {
		return e.undecided("%s compares numbers that are too long to calculate with", name)
	}
	return holds(name, exactX.Cmp(exactY))
}

// compareTexts decides whether texts are equal. An answer to a question whose type is not known may be
// a number or a date of another spelling.
func (e *evaluation) compareTexts(name string, a, b operand) imednet.YesNo {
	switch {
	case name != "equals":
		return e.undecided("%s compares texts, which have no order", name)
	case a.text == b.text && !sameSpace(a, b):
		return e.undecided("%s compares texts that differ in the white space around them", name)
	case a.text != b.text && (a.of == untypedAnswers || b.of == untypedAnswers):
		return e.undecided("%s compares the answer to a question whose type is not known", name)
	case a.among.s != nil && !a.among.has(b.text) || b.among.s != nil && !b.among.has(a.text):
		return e.undecided("%s compares an interval with a text that is none's name", name)
	case a.role && !namesRole(b.text, a.text) || b.role && !namesRole(a.text, b.text):
		return e.undecided("%s compares a role with what may be its id, or its name in another spelling", name)
	}
	return imednet.YesNoOf(a.text == b.text)
}

// namesRole reports whether a text is a name that is, or is not, a role's: no number, and no other spelling of it.
func namesRole(text, role string) bool {
	_, number := imednet.ParseNumber(text)
	return text == role || !number && !answers.Same(text, role)
}

// holds is whether an order is what a comparison asks for.
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
