package dictionary

import "github.com/imednetgo/imednet"

// day is the date of a date and time.
func (e *evaluation) day(x *Element) (operand, bool) {
	if len(x.Children) != 1 {
		e.undecided("trunc_date has %d operands", len(x.Children))
		return operand{}, false
	}
	o, ok := e.operand(x.Children[0])
	if !ok || o.missing {
		return o, ok
	}
	date, ok := o.asDate()
	if !ok {
		e.undecided("trunc_date of what is not a date")
		return operand{}, false
	}
	date = date.Truncate(imednet.PrecisionDay)
	return operand{of: dateOperands, text: date.String(), date: date}, true
}

// choose is the operand behind the first condition that holds: when, then, when, then, …
func (e *evaluation) choose(x *Element) (operand, bool) {
	for i := 0; i < len(x.Children); i += 2 {
		when := x.Children[i]
		if i+1 == len(x.Children) || when.Name != "when" || len(when.Children) == 0 || x.Children[i+1].Name != "then" || len(x.Children[i+1].Children) != 1 {
			e.undecided("a case is not made of when and then")
			return operand{}, false
		}
		switch e.all(when.Children) {
		case imednet.Yes:
			return e.operand(x.Children[i+1].Children[0])
		case imednet.Unknown:
			return operand{}, false
		}
	}
	e.undecided("no condition of a case holds")
	return operand{}, false
}
