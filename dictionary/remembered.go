package dictionary

import (
	"slices"

	"github.com/imednetgo/imednet"
)

// numbering numbers the elements of a rule, which its other builds share but for what they have otherwise.
type numbering map[*Element]int

func numberingOf(conditions *Element) numbering {
	all := numbering{}
	conditions.All(func(x, _ *Element) { all[x] = len(all) })
	return all
}

// remembered is what the elements of a rule came to on one record, so that its other builds are evaluated only as far as they
// are otherwise.
type remembered struct {
	numbers    numbering
	conditions []rememberedCondition
	operands   []rememberedOperand
}

type rememberedCondition struct {
	known bool
	is    imednet.YesNo
}

type rememberedOperand struct {
	known, ok bool
	is        operand
}

func (n numbering) remembered() *remembered {
	return &remembered{n, make([]rememberedCondition, len(n)), make([]rememberedOperand, len(n))}
}

// conditionAt is the place of a condition; nil if it is not remembered. Inside the rules that hide and disable questions
// nothing is: what they come to may depend on where they are asked.
func (e *evaluation) conditionAt(c *Element) *rememberedCondition {
	if e.remembered == nil || len(e.asked) > 0 {
		return nil
	}
	if n, own := e.remembered.numbers[c]; own {
		return &e.remembered.conditions[n]
	}
	return nil
}

func (e *evaluation) operandAt(x *Element) *rememberedOperand {
	if e.remembered == nil || len(e.asked) > 0 {
		return nil
	}
	if n, own := e.remembered.numbers[x]; own {
		return &e.remembered.operands[n]
	}
	return nil
}

// scene evaluates a rule and its other builds on one record.
type scene struct {
	checker      *Checker
	form         *Form
	find         answerFinder
	numbers      numbering
	plain, early *evaluation // nil as long as it is not needed
}

func (s *search) scene(find answerFinder) *scene {
	return &scene{checker: s.checker, form: s.form, find: find, numbers: s.numbers}
}

// evaluation is one that remembers, with the number of its steps at zero.
func (s *scene) evaluation(early bool) *evaluation {
	e := &s.plain
	if early {
		e = &s.early
	}
	if *e == nil {
		*e = s.checker.evaluate(s.form, s.find)
		(*e).early, (*e).remembered = early, s.numbers.remembered()
	}
	(*e).steps = 0
	return *e
}

// apart reports whether the record tells a rival from the rule, which acts on it or does not. One that is undecided where the
// rule is quiet is not told from it: what a study does then is not known.
func (s *scene) apart(r rival, acts imednet.YesNo) bool {
	other := s.evaluation(r.early).actsOn(r.conditions())
	return other != acts && (other != imednet.Unknown || acts == imednet.Yes && !r.early)
}

// left are the rivals that the record does not tell from the rule.
func (s *scene) left(all rivals, acts imednet.YesNo) rivals {
	return slices.DeleteFunc(slices.Clone(all), func(r rival) bool { return s.apart(r, acts) })
}
