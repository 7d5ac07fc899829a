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

// choose is the operand of a case.
func (e *evaluation) choose(x *Element) (operand, bool) {
	then, why := judge(e.condition).chosen(x)
	if then != nil {
		return e.operand(then)
	}
	if why != "" {
		e.undecided("%s", why)
	}
	return operand{}, false
}
