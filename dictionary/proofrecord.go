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

// wholesWithin are the whole numbers between two limits, or some of them: small ones, the ends, and others.
func wholesWithin(l bounds, random func(int) int) (all []*big.Rat, every bool) {
	first, last := l.firstWhole(), l.lastWhole()
	add := func(n *big.Rat) {
		if l.has(n) && !slices.ContainsFunc(all, func(o *big.Rat) bool { return o.Cmp(n) == 0 }) {
			all = append(all, n)
		}
	}
	at := func(end *big.Int, by int64) *big.Rat {
		return new(big.Rat).SetInt(new(big.Int).Add(end, big.NewInt(by)))
	}
	size := big.NewInt(1 << 30)
	if first != nil && last != nil {
		size.Sub(last, first)
	}
	if size.Cmp(big.NewInt(allOfThem)) < 0 {
		for n := int64(0); n <= size.Int64(); n++ {
			all = append(all, at(first, n))
		}
		return all, true
	}
	for _, n := range []int64{0, 1, -1, 7, 5, -6, 100} {
		add(big.NewRat(n, 1))
	}
	far := int64(random(int(min(size.Uint64(), 1<<30))))
	for _, by := range []int64{0, 1, 10, 1000, far} {
		if first != nil {
			add(at(first, by))
		}
		if last != nil {
			add(at(last, -by))
		}
	}
	return all, false
}

func (l bounds) firstWhole() *big.Int {
	if l.low == nil {
		return nil
	}
	n := new(big.Int).Neg(floorOf(new(big.Rat).Neg(l.low)))
	if l.aboveLow && l.low.IsInt() {
		n.Add(n, big.NewInt(1))
	}
	return n
}

func (l bounds) lastWhole() *big.Int {
	if l.high == nil {
		return nil
	}
	n := floorOf(l.high)
	if l.belowIt && l.high.IsInt() {
		n.Sub(n, big.NewInt(1))
	}
	return n
}

// digits is how many characters stand at least before the decimal point of a number between the limits.
func (l bounds) digits() int {
	switch {
	case l.low != nil && l.low.Sign() > 0:
		return len(floorOf(l.low).String())
	case l.high != nil && l.high.Sign() < 0:
		return len(floorOf(new(big.Rat).Neg(l.high)).String()) + 1
	}
	return 1
}

// scaled are the bounds of so many times a number.
func (l bounds) scaled(by *big.Rat) bounds {
	for _, end := range []**big.Rat{&l.low, &l.high} {
		if *end != nil {
			*end = new(big.Rat).Mul(*end, by)
		}
	}
	return l
}

// within are numbers between two bounds that the question takes: those with fewest decimals, at both ends and elsewhere. every is
// whether these are all, or one of all that need to be tried.
func (q *Question) within(l bounds, random func(int) int) (all []*big.Rat, every bool) {
	every = true
	most := maxDecimals
	if length, limited := q.length(); limited {
		most = max(0, min(most, length-1-l.digits()))
	}
	if q.wholeOnly() {
		most = 0
	}
	for decimals := 0; decimals <= most; decimals++ {
		scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
		some, whole := wholesWithin(l.scaled(scale), random)
		every = every && (whole || len(some) == 0)
		for _, n := range some {
			n = n.Quo(n, scale)
			if !l.has(n) || !q.takesNumber(textOf(n, decimals)) || slices.ContainsFunc(all, func(o *big.Rat) bool { return o.Cmp(n) == 0 }) {
				continue
			}
			all = append(all, n)
		}
		if len(all) >= someOfThem && decimals >= 2 {
			return all, false
		}
	}
	return all, every
}

func textOf(n *big.Rat, decimals int) string { return gridNumber(n, decimals, 0) }

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
