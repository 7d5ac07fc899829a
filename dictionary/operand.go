package dictionary

import (
	"math/big"
	"strings"

	"github.com/imednetgo/imednet"
)

// operand is a value in every way in which rules compare values.
type operand struct {
	missing  bool
	text     string
	number   imednet.Number
	isNumber bool
	date     imednet.PartialDate
	isDate   bool
	ofDay    bool          // date is that of a time of day, on no day of its own
	isFlag   bool          // of a checkbox or a state
	flag     imednet.YesNo // of a flag, and of words that a flag is compared with
}

func (o operand) isChecked() bool {
	return o.flag == imednet.Yes || saysChecked(o.text)
}

// saysChecked reads the word by which rules and reports call a ticked checkbox.
func saysChecked(text string) bool { return strings.EqualFold(strings.TrimSpace(text), "checked") }

// flagOf reads the words for a flag.
func flagOf(text string) imednet.YesNo {
	if saysChecked(text) {
		return imednet.Yes
	}
	flag, _ := imednet.ParseYesNo(text)
	return flag
}

// textOperand reads a text in every way.
func textOperand(text string) operand {
	o := operand{text: strings.TrimSpace(text)}
	o.missing = imednet.IsMissing(text)
	o.number, o.isNumber = imednet.ParseNumber(text)
	if d, err := imednet.ParsePartialDate(text); err == nil && !d.IsZero() && !o.isNumber {
		o.date, o.isDate = d, true
	}
	o.flag = flagOf(text)
	return o
}

// operand evaluates one operand; ok is false when it needs more than the record.
func (e *evaluation) operand(x *Element) (o operand, ok bool) {
	if e.steps++; e.steps > maxSteps {
		e.undecided("the rule takes too many steps")
		return o, false
	}
	switch x.Name {
	case "value":
		return textOperand(x.Text), true
	case "question":
		return e.question(x.Trimmed())
	case "current_date", "current_date_only", "utctime":
		return e.clock(x.Name), true
	case "new_record":
		return flagOperand(imednet.YesNoOf(e.record == nil)), true
	case "current_record_status":
		if e.record == nil {
			e.undecided("the status of a record that is not stored is not known")
			return o, false
		}
		return textOperand(e.record.RecordStatus.Or("")), true
	case "disabled", "hidden":
		return e.state(x)
	case "add", "sub", "mul", "div", "floor":
		return e.arithmetic(x)
	case "trunc_date":
		return e.day(x)
	case "case":
		return e.choose(x)
	}
	e.undecided("%s needs more than the record", x.Name)
	return o, false
}

// question reads an answer as the question's type has it. An answer by code stands for its text,
// because rules compare texts.
func (e *evaluation) question(name string) (operand, bool) {
	q, known := e.form.Question(name)
	if !known {
		e.undecided("the form has no question %s", name)
		return operand{}, false
	}
	v, n := e.answers(name)
	if n > 1 {
		e.undecided("several answers could be that to %s", name)
		return operand{}, false
	}
	if v.Missing() {
		return operand{missing: true}, true
	}
	switch q.Kind() {
	case imednet.ChoiceVariable:
		if choice, _, _ := q.Choice(v); choice != nil {
			return operand{text: strings.TrimSpace(choice.Text)}.withNumber(choice.Text), true
		}
		return operand{text: strings.TrimSpace(v.Text())}.withNumber(v.Text()), true
	case imednet.FlagVariable:
		return operand{text: strings.TrimSpace(v.Text()), isFlag: true, flag: flagOf(v.Text())}, true
	case imednet.DateVariable:
		date, err := imednet.ParsePartialDate(v.Text())
		return e.dated(name, v, operand{date: date, isDate: err == nil})
	case imednet.TimeVariable:
		at, err := imednet.ParseTimeOfDay(v.Text())
		return e.dated(name, v, operand{date: at, isDate: err == nil, ofDay: true})
	}
	return textOperand(v.Text()), true
}

// dated is the operand of an answer that must be a date or a time of day.
func (e *evaluation) dated(name string, v imednet.Value, o operand) (operand, bool) {
	o.text = strings.TrimSpace(v.Text())
	if !o.isDate {
		e.undecided("the answer to %s is not a date or time that can be read", name)
	}
	return o, o.isDate
}

// ofDayLike reads a text as a time of day where the other side is the answer to a question for one.
func (o operand) ofDayLike(other operand) operand {
	if !other.ofDay || o.ofDay || o.missing {
		return o
	}
	at, err := imednet.ParseTimeOfDay(o.text)
	return operand{text: o.text, date: at, isDate: err == nil, ofDay: err == nil}
}

func (o operand) withNumber(text string) operand {
	o.number, o.isNumber = imednet.ParseNumber(text)
	return o
}

// clock is the time at which the checks are made, in UTC.
func (e *evaluation) clock(name string) operand {
	layout := "2006-01-02T15:04:05"
	if name == "current_date_only" {
		layout = "2006-01-02"
	}
	return textOperand(e.now.UTC().Format(layout))
}

// state is whether active rules hide or disable a question for this record.
func (e *evaluation) state(x *Element) (operand, bool) {
	name := x.Child("question").name()
	v := e.checker.state(e, x.Name, name)
	if v == imednet.Unknown {
		e.undecided("whether %s is %s needs more than the record", name, x.Name)
		return operand{}, false
	}
	return flagOperand(v), true
}

// flagOperand is Yes or No, as rules write them.
func flagOperand(v imednet.YesNo) operand {
	return operand{text: map[imednet.YesNo]string{imednet.Yes: "Yes", imednet.No: "No"}[v], isFlag: true, flag: v}
}

func (e *evaluation) arithmetic(x *Element) (operand, bool) {
	var result *big.Rat
	for _, c := range x.Children {
		o, ok := e.operand(c)
		if !ok {
			return operand{}, false
		}
		if o.missing {
			return operand{missing: true}, true
		}
		value, ok := o.number.Rat()
		if !o.isNumber || !ok {
			e.undecided("%s calculates with something that is not a number", x.Name)
			return operand{}, false
		}
		if result == nil {
			result = value
			continue
		}
		if !calculate(x.Name, result, value) {
			e.undecided("%s cannot be calculated", x.Name)
			return operand{}, false
		}
	}
	if result == nil {
		e.undecided("%s has no operands", x.Name)
		return operand{}, false
	}
	if x.Name == "floor" {
		result = floor(result)
	}
	// Thirty decimals: more than any answer has, and a third of anything stays comparable.
	return textOperand(strings.TrimSuffix(strings.TrimRight(result.FloatString(30), "0"), ".")), true
}

func calculate(name string, result, by *big.Rat) bool {
	switch name {
	case "add":
		result.Add(result, by)
	case "sub":
		result.Sub(result, by)
	case "mul":
		result.Mul(result, by)
	case "div":
		if by.Sign() == 0 {
			return false
		}
		result.Quo(result, by)
	default:
		return false
	}
	return true
}

func floor(r *big.Rat) *big.Rat {
	q := new(big.Int)
	q.Div(r.Num(), r.Denom()) // Euclidean: rounds down, as the denominator is positive
	return new(big.Rat).SetInt(q)
}
