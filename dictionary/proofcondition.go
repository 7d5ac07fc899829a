package dictionary

import (
	"math/big"
	"slices"

	"github.com/imednetgo/imednet"
)

// condition is what a condition comes to on the way that is gone, as an evaluation would have it.
func (p *proof) condition(c *Element) imednet.YesNo {
	switch {
	case p.dead:
		return imednet.Unknown
	case !c.understood():
		return imednet.Unknown
	case c.Name == "and" || c.Name == "Conditions":
		return judge(p.condition).joined(c)
	case c.Name == "or":
		return not(judge(p.condition).joined(c, not))
	case c.Name == "not":
		return judge(p.condition).negated(c)
	case c.Name == "true":
		return imednet.Yes
	case !p.asksSolved(c):
		return p.table(c)
	case c.Name == "blank" && len(c.Children) == 1:
		o, ok := p.operand(c.Children[0])
		if !ok {
			return imednet.Unknown
		}
		return imednet.YesNoOf(o.missing)
	case comparisons[c.Name] && len(c.Children) == 2:
		return p.compare(c)
	}
	p.unable = true
	return imednet.Unknown
}

// asksSolved reports whether an element asks for an answer that is solved.
func (p *proof) asksSolved(e *Element) bool {
	return slices.ContainsFunc(p.decidedBy(e), func(place int) bool { return p.solved[place] })
}

// table is what a condition comes to on the answers that are decided for it.
func (p *proof) table(c *Element) imednet.YesNo {
	t := p.tables[c]
	if t == nil {
		t = p.search.table(c, false)
		p.tables[c] = t
	}
	if !p.ask(t.places) {
		return imednet.Unknown
	}
	switch o, _ := p.search.at(t, p.answers); o {
	case mayHold:
		return imednet.Yes
	case mayNotHold:
		return imednet.No
	}
	return imednet.Unknown
}

// proofOperand is an operand that may be solved: a number, or a date or time.
type proofOperand struct {
	operand
	number *linear
	moment *proofMoment
}

// proofMoment is a date, a moment, or a time of day, which has no day.
type proofMoment struct {
	day, clock *linear // in days, and minutes; nil for none
	second     int     // -1: not known
}

// operand evaluates an operand; ok is false where an evaluation would not decide it.
func (p *proof) operand(x *Element) (o proofOperand, ok bool) {
	switch {
	case p.dead || !x.understood():
		return o, false
	case !p.asksSolved(x):
		if !p.ask(p.decidedBy(x)) {
			return o, false
		}
		o.operand, ok = p.checker.evaluate(p.form, p.checker.finder(p.all, p.answers)).operand(x)
		return o, ok
	case x.Name == "question":
		return p.question(x.Trimmed()), true
	case calculations[x.Name]:
		return p.arithmetic(x)
	case x.Name == "trunc_date" && len(x.Children) == 1:
		return p.day(x)
	case x.Name == "case":
		return p.choose(x)
	}
	p.unable = true
	return o, false
}

// question is the answer to a question that is solved.
func (p *proof) question(name string) proofOperand {
	place := slices.IndexFunc(p.all.questions, func(q *Question) bool { return q.Name == name })
	q := p.all.questions[place]
	o := proofOperand{operand: operand{of: operandTypes[q.Kind()], missing: p.isBlank(place)}}
	switch {
	case o.missing:
	case o.of == numberOperands:
		o.number = p.unknown("answer "+name, unknown{place: place, whole: q.wholeOnly()}).alone()
	case o.of == timeOperands:
		o.moment = &proofMoment{clock: p.clockOf(place, name), second: -1}
	default:
		day := p.unknown("day "+name, unknown{place: place, part: dayOfAnswer, whole: true})
		o.moment = &proofMoment{day: day.alone(), second: -1}
		if p.hasClock(place) {
			o.moment.clock = p.clockOf(place, name)
		}
	}
	return o
}

func (p *proof) clockOf(place int, name string) *linear {
	return p.unknown("clock "+name, unknown{place: place, part: clockOfAnswer, whole: true}).alone()
}

// hasClock decides whether an answer that is a date has a time.
func (p *proof) hasClock(place int) bool {
	timed, known := p.timed[place]
	if !known {
		timed = p.all.questions[place].mayTakeTimes() && p.decide(2) == 1
		p.timed[place] = timed
	}
	return timed
}

// arithmetic calculates as an evaluation does.
func (p *proof) arithmetic(x *Element) (o proofOperand, ok bool) {
	if x.unordered && x.Name != "add" && x.Name != "mul" || len(x.Children) < fewestOperands[x.Name] || x.Name == "floor" && len(x.Children) > 1 {
		return o, false
	}
	o.of = numberOperands
	for i, c := range x.Children {
		part, ok := p.operand(c)
		if !ok {
			return o, false
		}
		value := constantOf(one)
		if !part.missing {
			if value, ok = part.asLinear(); !ok {
				return o, false
			}
		}
		o.missing = o.missing || part.missing
		if i > 0 && x.Name == "div" && !part.missing && p.has(value, atZero) || p.dead {
			return o, false
		}
		if o.number, ok = p.calculated(x.Name, o.number, value); !ok {
			p.unable = true
			return o, false
		}
	}
	return o, true
}

func (p *proof) calculated(name string, result, by *linear) (*linear, bool) {
	switch {
	case name == "floor":
		return p.floor(by), true
	case result == nil:
		return by, true
	case name == "add":
		return result.plus(by, one), true
	case name == "sub":
		return result.minus(by), true
	case name == "mul":
		product, ok := result.by(by)
		if ok && !by.isConstant() && result.key() == by.key() {
			p.knowSquare(by, product)
		}
		return product, ok
	}
	return p.quotient(result, by)
}

// asLinear is the number that an operand is or spells.
func (o proofOperand) asLinear() (*linear, bool) {
	if o.number != nil {
		return o.number, true
	}
	if o.moment != nil {
		return nil, false
	}
	quantity, ok := o.asNumber()
	if !ok {
		return nil, false
	}
	exact, ok := quantity.exact()
	if !ok {
		return nil, false
	}
	return constantOf(exact), true
}

// day is the date of a date and time.
func (p *proof) day(x *Element) (proofOperand, bool) {
	o, ok := p.operand(x.Children[0])
	if !ok || o.missing {
		return o, ok
	}
	moment, ok := p.momentOf(o, operand.asDate)
	if !ok || moment.day == nil {
		return proofOperand{}, false
	}
	return proofOperand{operand: operand{of: dateOperands}, moment: &proofMoment{day: moment.day, second: -1}}, true
}

func (p *proof) choose(x *Element) (o proofOperand, ok bool) {
	if then, _ := judge(p.condition).chosen(x); then != nil {
		return p.operand(then)
	}
	return o, false
}

// compare decides a comparison as an evaluation does.
func (p *proof) compare(c *Element) imednet.YesNo {
	a, okA := p.operand(c.Children[0])
	b, okB := p.operand(c.Children[1])
	switch {
	case !okA || !okB:
		return imednet.Unknown
	case a.mayBeBlank() || b.mayBeBlank():
		p.unable = true
		return imednet.Unknown
	}
	needed := neededType(a.operand, b.operand)
	switch {
	case a.missing && b.missing:
		return imednet.YesNoOf(c.Name == "equals")
	case a.missing && !b.canBeReadAs(needed), b.missing && !a.canBeReadAs(needed):
		return imednet.Unknown
	case a.missing || b.missing:
		return imednet.No
	}
	switch {
	case needed == timeOperands:
		return p.compareMoments(c.Name, a, b, operand.asTime)
	case needed == dateOperands:
		return p.compareMoments(c.Name, a, b, operand.asDate)
	case needed == numberOperands:
		x, okX := a.asLinear()
		y, okY := b.asLinear()
		if !okX || !okY {
			return imednet.Unknown
		}
		return imednet.YesNoOf(p.has(x.minus(y), signsFor[c.Name]))
	}
	p.unable = true
	return imednet.Unknown
}

// canBeReadAs reports whether an operand is of a type, or spells something of it.
func (o proofOperand) canBeReadAs(needed operandType) bool {
	if o.number != nil || o.moment != nil {
		return o.of == needed
	}
	return o.readableAs(needed)
}

var signsFor = map[string]sign{"gt": above, "gte": above | atZero, "lt": below, "lte": below | atZero, "equals": atZero}

func (p *proof) compareMoments(name string, a, b proofOperand, read func(operand) (imednet.PartialDate, bool)) imednet.YesNo {
	x, okX := p.momentOf(a, read)
	y, okY := p.momentOf(b, read)
	if !okX || !okY {
		return imednet.Unknown
	}
	difference, alike := x.minus(y)
	if !alike && p.has(difference, atZero) {
		return imednet.Unknown
	}
	return imednet.YesNoOf(p.has(difference, signsFor[name]))
}

// momentOf is the moment that an operand is or spells; ok is false if it is none.
func (p *proof) momentOf(o proofOperand, read func(operand) (imednet.PartialDate, bool)) (*proofMoment, bool) {
	if o.number != nil {
		return nil, false
	}
	if o.moment != nil {
		return o.moment, true
	}
	d, ok := read(o.operand)
	if !ok {
		return nil, false
	}
	moment, ok := momentOfDate(d)
	if !ok {
		p.unable = true // only a part of it is known, or it is beyond a second, or has an offset
	}
	return moment, ok
}

// minus is how much later a moment is than another, at the precision that both have; alike is whether they have the same.
func (m *proofMoment) minus(other *proofMoment) (difference *linear, alike bool) {
	difference = constantOf(new(big.Rat))
	days := m.day != nil && other.day != nil
	if days {
		difference = m.day.minus(other.day)
	}
	if m.clock == nil || other.clock == nil {
		return difference, m.clock == nil && other.clock == nil
	}
	difference = difference.times(big.NewRat(minutesOfDay, 1)).plus(m.clock.minus(other.clock), one)
	if m.second < 0 || other.second < 0 {
		return difference, m.second < 0 && other.second < 0
	}
	return difference.times(big.NewRat(60, 1)).plus(constantOf(big.NewRat(int64(m.second-other.second), 1)), one), true
}

const minutesOfDay = 24 * 60
