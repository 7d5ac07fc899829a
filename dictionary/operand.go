package dictionary

import (
	"cmp"
	"math/big"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// operandType is what an operand is by the question or calculation that it comes from. Of two operands
// the greater one is the type that their comparison needs.
type operandType uint8

const (
	ruleValues     operandType = iota // of the rule's own text, read as the other operand needs it
	textOperands                      // texts, and choices, which are compared by their text
	untypedAnswers                    // answers to questions whose type is not known
	numberOperands
	dateOperands
	timeOperands // of day, on no day of their own
	flagOperands // checkboxes and states
)

// operand is a value that a rule compares, calculates with or tests.
type operand struct {
	of         operandType
	missing    bool
	text       string              // without white space around it
	entered    string              // as somebody entered it, if that is text with white space around it
	ruled      string              // as the rule has it, with the blanks around it
	declared   string              // as a choice has it, if there is white space around it
	calculated *big.Rat            // of a calculated number
	date       imednet.PartialDate // of a date or time that can be read
	among      intervalNames       // with which it is compared, if it is an interval's name
	role       bool                // whether it is the name of a role
}

// saysChecked reads the word by which rules and reports call a ticked checkbox.
func saysChecked(text string) bool { return strings.EqualFold(strings.TrimSpace(text), "checked") }

// sameSpace reports whether two equal texts are equal with the white space around them. That of a choice is
// layout, unless the other text has the same.
func sameSpace(a, b operand) bool {
	return a.spaced() == b.spaced() || a.written() == b.written() || a.declaredAs(b) || b.declaredAs(a)
}

// declaredAs reports whether the operand is a choice that has the white space of another operand around it.
func (o operand) declaredAs(other operand) bool {
	return o.declared != "" && (o.declared == other.spaced() || o.declared == other.written())
}

// spaced is the text with all white space around it.
func (o operand) spaced() string { return cmp.Or(o.entered, o.ruled, o.text) }

// written is the text with the white space around it that somebody meant: in a rule some is layout.
func (o operand) written() string { return cmp.Or(o.entered, inItsLine(o.ruled), o.text) }

// mayBeBlank reports whether the operand is a value of the rule that is white space in one line: somebody may have meant it.
func (o operand) mayBeBlank() bool {
	return o.missing && o.ruled != "" && !strings.ContainsAny(o.ruled, "\r\n")
}

// asFlag reads the words for a flag; others are Unknown.
func (o operand) asFlag() imednet.YesNo {
	if saysChecked(o.text) {
		return imednet.Yes
	}
	flag, _ := imednet.ParseYesNo(o.text)
	return flag
}

// spelled reports whether the operand is no more than its text, which may spell anything.
func (o operand) spelled() bool { return o.of < numberOperands }

// asDate is the date that an operand is or spells. A number spells none: 2024 need not be a year.
func (o operand) asDate() (imednet.PartialDate, bool) {
	if !o.spelled() {
		return o.date, o.of == dateOperands && !o.date.IsZero()
	}
	_, number := imednet.ParseNumber(o.text)
	d, err := imednet.ParsePartialDate(o.text)
	return d, err == nil && !d.IsZero() && !number
}

// asTime is the time of day that an operand is or spells.
func (o operand) asTime() (imednet.PartialDate, bool) {
	if !o.spelled() {
		return o.date, o.of == timeOperands && !o.date.IsZero()
	}
	d, err := imednet.ParseTimeOfDay(o.text)
	return d, err == nil && !d.IsZero()
}

// valueOperand is a value that the rule itself names.
func valueOperand(text string) operand {
	return operand{text: answers.TrimSpace(text), ruled: text, missing: imednet.IsMissing(text)}
}

// operand evaluates one operand, unless it is remembered what it comes to; ok is false when it needs more than the record.
func (e *evaluation) operand(x *Element) (o operand, ok bool) {
	at := e.operandAt(x)
	if at == nil {
		return e.operandAnew(x)
	}
	if !at.known {
		at.is, at.ok = e.operandAnew(x)
		at.known = true
	}
	return at.is, at.ok
}

func (e *evaluation) operandAnew(x *Element) (o operand, ok bool) {
	if e.steps++; e.steps > maxSteps {
		e.undecided("the rule takes too many steps")
		return o, false
	}
	if !e.understands(x) {
		return o, false
	}
	switch x.Name {
	case "value":
		return valueOperand(x.Text), true
	case "question":
		return e.question(x.Trimmed())
	case "current_date", "current_date_only", "utctime":
		return e.clock(x.Name), true
	case "new_record":
		return flagOperand(imednet.YesNoOf(e.record == nil)), true
	case "current_record_status":
		return e.status()
	case "disabled", "hidden":
		return e.state(x)
	case "add", "sub", "mul", "div", "floor":
		return e.arithmetic(x)
	case "trunc_date":
		return e.day(x)
	case "case":
		return e.choose(x)
	}
	return e.beyond(x)
}

// question reads the answer to a question of the rule's form.
func (e *evaluation) question(name string) (operand, bool) {
	q, known := e.form.Question(name)
	if !known {
		e.undecided("the form has no question %s", name)
		return operand{}, false
	}
	v, n := e.answers(name)
	switch {
	case n > 1:
		e.undecided("several answers could be that to %s", name)
		return operand{}, false
	case n == notAsked:
		e.undecided("the study has no variable in use for %s", name)
		return operand{}, false
	}
	return e.answer(q, v)
}

// answer reads an answer as the question's type has it. Blank is what is absent, null or "": white space
// is text that somebody entered. An answer by code stands for its text, because rules compare texts. What a list or an
// object of answers means to a rule is not known.
func (e *evaluation) answer(q *Question, v imednet.Value) (operand, bool) {
	if kind := v.Kind(); kind == '[' || kind == '{' {
		e.undecided("the answer to %s is a list or an object", q.Name)
		return operand{}, false
	}
	o := operand{of: operandTypes[q.Kind()], text: answers.TrimSpace(v.Text()), missing: !answers.Populated(v.Raw())}
	switch {
	case o.missing:
		return o, true
	case q.Kind() == imednet.ChoiceVariable && e.checker.dictionary.Lacks(ChoicesFile):
		o.of = untypedAnswers // it may be a code, which stands for another text
	case q.Kind() == imednet.ChoiceVariable:
		choice, several := q.denoted(v.Text())
		if several {
			e.undecided("the answer to %s fits several choices", q.Name)
			return o, false
		}
		if choice != nil {
			o.text = answers.TrimSpace(choice.Text)
			if choice.Text != o.text {
				o.declared = choice.Text
			}
		} else if v.Text() != o.text {
			o.entered = v.Text()
		}
	case o.spelled() && v.Text() != o.text:
		o.entered = v.Text()
	case o.of == dateOperands:
		o.date, _ = imednet.ParsePartialDate(o.text)
	case o.of == timeOperands:
		o.date, _ = imednet.ParseTimeOfDay(o.text)
	}
	return o, true
}

var operandTypes = map[imednet.VariableKind]operandType{
	imednet.TextVariable: textOperands, imednet.ChoiceVariable: textOperands, imednet.UploadVariable: textOperands, imednet.OtherVariable: untypedAnswers,
	imednet.WholeVariable: numberOperands, imednet.NumberVariable: numberOperands, imednet.DateVariable: dateOperands, imednet.TimeVariable: timeOperands,
	imednet.FlagVariable: flagOperands,
}

// status is the status of a stored record.
func (e *evaluation) status() (operand, bool) {
	if e.record == nil {
		e.undecided("the status of a record that is not stored is not known")
		return operand{}, false
	}
	text := e.record.RecordStatus.Or("")
	return operand{of: textOperands, text: answers.TrimSpace(text), missing: text == ""}, true
}

// clock is the time at which the checks are made, in UTC.
func (e *evaluation) clock(name string) operand {
	layout := "2006-01-02T15:04:05"
	if name == "current_date_only" {
		layout = "2006-01-02"
	}
	text := e.now.UTC().Format(layout)
	date, _ := imednet.ParsePartialDate(text)
	return operand{of: dateOperands, text: text, date: date}
}

// state is whether active rules hide or disable a question for this record.
func (e *evaluation) state(x *Element) (operand, bool) {
	name := x.Child("question").name()
	if _, known := e.form.Question(name); !known {
		e.undecided("the form has no question %s", name)
		return operand{}, false
	}
	v := e.checker.state(e, x.Name, name)
	if v == imednet.Unknown {
		e.undecided("whether %s is %s needs more than the record", name, x.Name)
		return operand{}, false
	}
	return flagOperand(v), true
}

// flagOperand is Yes or No, as rules write them.
func flagOperand(v imednet.YesNo) operand {
	return operand{of: flagOperands, text: map[imednet.YesNo]string{imednet.Yes: "Yes", imednet.No: "No"}[v]}
}
