package dictionary

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

const (
	maxFills   = 120 // numbers that are tried to find a record on one way
	allOfThem  = 40  // whole numbers of which all are tried
	someOfThem = 4   // others that are tried
)

// The days that are tried.
var (
	firstDay = dayNumber(1900, 1, 1)
	lastDay  = dayNumber(2099, 12, 31)
)

func dayNumber(year int, month time.Month, day int) int64 {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}

// momentOfDate is a date with all parts of its day, and of its time if it has one, or a time of day.
func momentOfDate(d imednet.PartialDate) (*proofMoment, bool) {
	m := &proofMoment{second: -1}
	if precision := d.Precision(); precision == imednet.PrecisionFraction || precision == imednet.PrecisionHour {
		return nil, false
	}
	if _, zoned := d.Offset(); zoned {
		return nil, false
	}
	year, okYear := d.Year()
	month, okMonth := d.Month()
	day, okDay := d.Day()
	if okYear && okMonth && okDay {
		m.day = constantOf(big.NewRat(dayNumber(year, month, day), 1))
	} else if okYear || okMonth || okDay {
		return nil, false
	}
	hour, okHour := d.Hour()
	minute, okMinute := d.Minute()
	if okHour != okMinute || !okHour && m.day == nil {
		return nil, false
	}
	if okHour {
		m.clock = constantOf(big.NewRat(int64(hour*60+minute), 1))
	}
	if second, ok := d.Second(); ok {
		m.second = second
	}
	return m, true
}

// know demands what the unknowns of a sum are by their nature.
func (p *proof) know(l *linear) {
	atLeast := func(l *linear, n *big.Rat) {
		p.demands = append(p.demands, demand{l.plus(constantOf(n), minusOne), atLeastZero})
	}
	atMost := func(l *linear, n *big.Rat) { atLeast(l.times(minusOne), new(big.Rat).Neg(n)) }
	for _, a := range l.addends {
		for _, f := range a.of {
			if p.known[f.unknown] {
				continue
			}
			p.known[f.unknown] = true
			u := f.alone()
			switch f.part {
			case wholeAnswer:
				low, high := p.all.questions[f.place].numbersTaken()
				if low != nil {
					atLeast(u, low)
				}
				if high != nil {
					atMost(u, high)
				}
			case dayOfAnswer:
				atLeast(u, big.NewRat(firstDay, 1))
				atMost(u, big.NewRat(lastDay, 1))
			case clockOfAnswer:
				atLeast(u, new(big.Rat))
				atMost(u, big.NewRat(minutesOfDay-1, 1))
			case rounded:
				p.know(f.of)
				rest := f.of.minus(u)
				p.demands = append(p.demands, demand{rest, atLeastZero}, demand{constantOf(one).minus(rest), aboveZero})
			case inverse:
				p.know(f.of)
			}
		}
	}
}

// knowSquare demands of the square of a sum what is so of all: it is not below the lines that touch it.
func (p *proof) knowSquare(l, square *linear) {
	if p.squares[l.key()] {
		return
	}
	p.squares[l.key()] = true
	p.know(l)
	for _, at := range []*big.Rat{new(big.Rat), big.NewRat(1, 2), one} {
		line := l.times(new(big.Rat).Add(at, at)).plus(constantOf(new(big.Rat).Mul(at, at)), minusOne)
		p.demands = append(p.demands, demand{square.minus(line), atLeastZero})
	}
}

// numbersTaken is between which numbers the question takes all answers; nil is no limit.
func (q *Question) numbersTaken() (low, high *big.Rat) {
	if most, limited := q.length(); limited && most <= maxDecimals {
		power := func(n int) *big.Rat {
			return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
		}
		high, low = power(most), new(big.Rat).Neg(power(most-1))
	}
	if n, ok := imednet.ParseNumber(q.Option("Minimum Value")); ok {
		if exact, ok := n.Rat(); ok && (low == nil || exact.Cmp(low) > 0) {
			low = exact
		}
	}
	if n, ok := imednet.ParseNumber(q.Option("Maximum Value")); ok {
		if exact, ok := n.Rat(); ok && (high == nil || exact.Cmp(high) < 0) {
			high = exact
		}
	}
	return low, high
}

// filling looks for numbers that meet all demands of a way.
type filling struct {
	*proof
	tries    int
	is       map[*unknown]*big.Rat
	inverses map[*unknown]*linear // of what they are, where that is not known yet
	guide    map[*unknown]float64 // numbers that nearly meet all demands
	sure     bool                 // whether all was tried that matters
	found    pick
}

// record is a combination of answers of the way that was gone on which the rule and the rival differ; if it is not ok, known says
// that there is none.
func (p *proof) record() (found pick, ok, known bool) {
	f := &filling{proof: p, tries: maxFills, is: map[*unknown]*big.Rat{}, inverses: map[*unknown]*linear{}, sure: true}
	for u := range p.known {
		if u.part == inverse {
			f.inverses[u] = u.of
		}
	}
	ok = f.fill(p.demands) || !f.sure && f.nearly(p.demands)
	return f.found, ok, f.sure
}

// fill gives one unknown after another a number.
func (f *filling) fill(all demands) bool {
	f.steps += 20 + len(all)*len(all)/4
	if f.tries--; f.tries < 0 {
		f.sure = false
		return false
	}
	left, ok := all.strictest()
	if !ok {
		return false
	}
	u, multiplies := f.next(left)
	if u == nil {
		return f.shows()
	}
	within, ok := left.boundsOf(u.alone().addends[0].key)
	if !ok {
		return false
	}
	values := f.values(u, within)
	if near, guided := f.guide[u]; guided && multiplies {
		values = nil
		for _, value := range beside(near, u.whole) {
			if within.has(value) && f.takes(u, value) {
				values = append(values, value)
			}
		}
	}
	for _, value := range values {
		if f.with(u, value, left) {
			return true
		}
	}
	return false
}

// takes reports whether an unknown may be a number.
func (f *filling) takes(u *unknown, value *big.Rat) bool {
	decimals, exact := value.FloatPrec()
	return u.part != wholeAnswer || exact && f.all.questions[u.place].takesNumber(textOf(value, decimals))
}

// with goes on where an unknown is a number.
func (f *filling) with(u *unknown, value *big.Rat, all demands) bool {
	inner := *f
	inner.inverses = map[*unknown]*linear{}
	left := slices.Clone(all)
	set := func(u *unknown, value *big.Rat) bool {
		f.is[u] = value
		for i, d := range left {
			sum, ok := d.sum.set(u, value)
			if !ok {
				return false
			}
			left[i].sum = sum
		}
		return true
	}
	if !set(u, value) {
		return false
	}
	for i, of := range f.inverses {
		of, ok := of.set(u, value)
		switch {
		case !ok || of.isConstant() && of.constant.Sign() == 0:
			return false
		case !of.isConstant():
			inner.inverses[i] = of
		case !set(i, new(big.Rat).Inv(of.constant)):
			return false
		}
	}
	ok := inner.fill(left)
	f.tries, f.sure, f.found = inner.tries, inner.sure, inner.found
	return ok
}

// next is the unknown to be given a number next: first those by which others are multiplied or divided, and whether it is one.
func (f *filling) next(all demands) (best *unknown, multiplies bool) {
	rank := 0
	look := func(l *linear) {
		for _, a := range l.addends {
			for _, u := range a.of {
				n := 1
				switch {
				case u.part == inverse:
					continue
				case u.part == rounded && (len(a.of) > 1 || u.power != 1):
					n = 3
				case u.part == rounded:
					n = 2
				case len(a.of) > 1 || u.power != 1:
					n = 4
				}
				if n > rank || n == rank && best != nil && u.n < best.n {
					best, rank = u.unknown, n
				}
			}
		}
	}
	for _, d := range all {
		look(d.sum)
	}
	for _, of := range f.inverses {
		look(of)
	}
	return best, rank > 2
}

// values are numbers that are tried for an unknown.
func (f *filling) values(u *unknown, l bounds) []*big.Rat {
	if u.part == wholeAnswer {
		all, every := f.all.questions[u.place].within(l, f.random.IntN)
		f.sure = f.sure && every
		return all
	}
	all, every := wholesWithin(l, f.random.IntN)
	f.sure = f.sure && every
	return all
}

// shows makes a combination of the numbers, and reports whether the rule and the rival certainly differ on it.
func (f *filling) shows() bool {
	p := slices.Clone(f.answers)
	for place := range p {
		switch {
		case p[place] >= 0:
		case !f.solved[place] && len(f.class(place).values) > 0:
			p[place] = f.class(place).values[0]
		case !f.solved[place] || f.blank[place] == imednet.Yes:
			p[place] = f.all.value(place, "null")
		default:
			text, ok := f.text(place)
			if !ok {
				return false
			}
			p[place] = f.all.value(place, text)
		}
	}
	if !f.decided(f.own, p).mayTell(f.decided(f.built, p), f.r) {
		f.sure = false
		return false
	}
	f.found = p
	return true
}

// decided is what a condition comes to on answers to all that it asks.
func (s *search) decided(condition *Element, p pick) outcomes {
	e := s.checker.evaluate(s.form, s.checker.finder(s.all, p))
	if condition.Name == "Conditions" {
		return outcomeOf(e.conditions(condition))
	}
	return outcomeOf(e.condition(condition))
}

// text is the answer to a solved question.
func (f *filling) text(place int) (text string, ok bool) {
	q := f.all.questions[place]
	at := func(name string) *big.Rat { return f.is[f.named[name+" "+q.Name]] }
	if q.Kind().IsNumber() {
		n := at("answer")
		if n == nil {
			some, _ := q.within(bounds{}, f.random.IntN)
			if len(some) == 0 {
				return "", false
			}
			n = some[0]
		}
		decimals, _ := n.FloatPrec()
		return textOf(n, decimals), true
	}
	clock := ""
	if q.Kind() == imednet.TimeVariable || f.timed[place] {
		minutes := wholeOr(at("clock"), 12*60)
		clock = fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
	}
	if q.Kind() == imednet.TimeVariable {
		return quotedText(clock), true
	}
	days := wholeOr(at("day"), f.checker.clock.Now().Unix()/(24*60*60))
	day := time.Unix(days*24*60*60, 0).UTC().Format(time.DateOnly)
	return quotedText(strings.TrimSuffix(day+"T"+clock, "T")), true
}

func quotedText(text string) string { return `"` + text + `"` }

func wholeOr(n *big.Rat, otherwise int64) int64 {
	if n == nil {
		return otherwise
	}
	return n.Num().Int64()
}
