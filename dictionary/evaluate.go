package dictionary

import (
	"cmp"
	"fmt"
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
	early   bool // whether a day is taken for its first moment, to find out what another build may do
	steps   int
	reason  string
	asked   map[string]bool // questions whose state is being found out, against rules in a circle

	remembered *remembered // nil: nothing
}

// undecided notes the first reason.
func (e *evaluation) undecided(format string, args ...any) imednet.YesNo {
	if e.reason == "" {
		e.reason = fmt.Sprintf(format, args...)
	}
	return imednet.Unknown
}

// condition evaluates a condition, unless it is remembered what it comes to. Its meaning is three-valued: an undecided part decides
// nothing where another part does.
func (e *evaluation) condition(c *Element) imednet.YesNo {
	at := e.conditionAt(c)
	if at == nil {
		return e.conditionAnew(c)
	}
	if !at.known {
		at.is, at.known = e.conditionAnew(c), true
	}
	return at.is
}

func (e *evaluation) conditionAnew(c *Element) imednet.YesNo {
	if e.steps++; e.steps > maxSteps {
		return e.undecided("the rule takes too many steps")
	}
	if !e.understands(c) {
		return imednet.Unknown
	}
	switch c.Name {
	case "true":
		return imednet.Yes
	case "and":
		return e.joined(c)
	case "or":
		return not(e.joined(c, not))
	case "not":
		return e.negated(c)
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

// joined is the conjunction of an element's conditions, each after f; without any nothing is decided.
func (e *evaluation) joined(c *Element, f ...func(imednet.YesNo) imednet.YesNo) imednet.YesNo {
	if len(c.Children) == 0 {
		return e.undecided("%s has no conditions", c.Name)
	}
	return judge(e.condition).joined(c, f...)
}

// conditions evaluates the conditions of a rule, which must all hold.
func (e *evaluation) conditions(c *Element) imednet.YesNo {
	if !e.understands(c) {
		return imednet.Unknown
	}
	return e.joined(c)
}

// negated is the negation of an element's conditions.
func (e *evaluation) negated(c *Element) imednet.YesNo {
	if len(c.Children) < 2 {
		return not(e.joined(c))
	}
	if v := judge(e.condition).negated(c); v != imednet.Unknown {
		return v
	}
	return e.undecided("not has several conditions")
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

// written are the words whose text somebody wrote. How calculated numbers and times are spelled is not known.
var written = map[string]bool{"question": true, "value": true, "external": true, "current_record_status": true, "current_interval": true, "user_role": true, "role": true}

// writtenText reports whether an operand is the text that it has: that of a flag may be any word for it.
func writtenText(x *Element, o operand) bool {
	return written[x.Name] && (o.of != flagOperands || o.missing)
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
	if b.missing {
		return e.undecided("like has no regular expression")
	}
	if a.of == untypedAnswers && e.checker.dictionary.Lacks(ChoicesFile) {
		return e.undecided("like is about an answer of which the choices are not known")
	}
	if !writtenText(c.Children[0], a) || !writtenText(c.Children[1], b) {
		return e.undecided("like is about what has no spelling of its own")
	}
	pattern, ok := e.checker.patterns.compiled(b.text)
	if !ok {
		return e.undecided("like has a regular expression that cannot be read")
	}
	matches := pattern.MatchString(a.text)
	if pattern.MatchString(cmp.Or(a.entered, a.declared, a.text)) != matches {
		return e.undecided("like depends on the white space around an answer")
	}
	if spaced, ok := e.checker.patterns.compiled(b.written()); !ok || spaced.MatchString(a.text) != matches || spaced.MatchString(cmp.Or(a.entered, a.declared, a.text)) != matches {
		return e.undecided("like depends on the white space around its regular expression")
	}
	return imednet.YesNoOf(matches)
}
