package dictionary

import (
	"math/big"
	"slices"

	"github.com/imednetgo/imednet"
)

const (
	maxBoundaries  = 20  // comparisons of a rule at which boundaries are looked for
	boundaryTries  = 6   // answers to the other questions with which they are looked for
	perUnit        = 100 // steps of a boundary that is not whole
	farthestNumber = 1_000_000
)

// addBoundaries adds the numbers at which a comparison of something calculated turns, each for some answers to the other
// questions that it reads, and those a step beside them.
func (c *Checker) addBoundaries(form *Form, r *Rule, all *chosen) {
	var found []*Element
	conditions := r.conditions()
	conditions.All(func(x, _ *Element) {
		if comparisons[x.Name] && len(x.Children) == 2 && x.calculates() && len(found) < maxBoundaries {
			found = append(found, x)
		}
	})
	all.flips = map[*Element][]flip{}
	random := newRandom()
	more := make([][]string, len(all.questions))
	for _, comparison := range found {
		asked := all.numbersAskedBy(comparison)
		for _, i := range asked {
			for range boundaryTries {
				b := c.boundary(form, comparison, *all, i, all.anyPick(random))
				turns := b.places()
				more[i] = append(more[i], b.values(turns)...)
				if len(all.askedBy(comparison)) == 1 {
					all.flips[comparison] = b.flips(turns)
					break
				}
			}
		}
	}
	for i, values := range more {
		for _, value := range values {
			if !slices.Contains(all.values[i], value) {
				all.values[i] = slices.Insert(all.values[i], len(all.values[i])-1, value) // blank stays last
			}
		}
	}
}

// numbersAskedBy are the places of the numbers for which a comparison asks.
func (all chosen) numbersAskedBy(comparison *Element) []int {
	return slices.DeleteFunc(all.askedBy(comparison), func(i int) bool { return !all.questions[i].Kind().IsNumber() || len(all.values[i]) < 2 })
}

// calculates reports whether an element calculates with something.
func (e *Element) calculates() bool {
	return e.mentions(calculations) || e.mentions(map[string]bool{"case": true})
}

// asks reports whether an element asks for the answer to a question.
func (e *Element) asks(q *Question) (found bool) {
	e.All(func(x, _ *Element) { found = found || x.Name == "question" && x.Trimmed() == q.Name })
	return found
}

// boundary is a comparison in which one answer is looked for at which it turns; the others are chosen.
type boundary struct {
	checker    *Checker
	form       *Form
	comparison *Element
	all        chosen
	question   int
	others     pick
}

func (c *Checker) boundary(form *Form, comparison *Element, all chosen, question int, others pick) *boundary {
	return &boundary{c, form, comparison, all, question, others}
}

// places are numbers of hundredths between which a boundary is looked for: dense near zero, with which nothing is divided, and far
// apart beyond.
var places = func() []int {
	all := []int{0, 1, -1, 10, -10}
	for n := 1; n <= farthestNumber; n *= 10 {
		for _, times := range []int{1, 2, 5} {
			all = append(all, n*times*perUnit, -n*times*perUnit)
		}
	}
	slices.Sort(all)
	return all
}()

// places are the places at which the comparison turns, in hundredths, in pairs: before and behind.
func (b *boundary) places() (all []int) {
	for i, low := range places[:len(places)-1] {
		all = append(all, b.turns(low, places[i+1])...)
	}
	return all
}

// values are the numbers around places, and around the place between each two at which the comparison turns if it does so evenly.
func (b *boundary) values(places []int) (all []string) {
	add := func(place *big.Rat) {
		for _, text := range b.asked().beside(place) {
			all = appendNew(all, text)
		}
	}
	for i, at := range places {
		place := big.NewRat(int64(at), perUnit)
		add(place)
		if i%2 == 0 {
			continue
		}
		before := big.NewRat(int64(places[i-1]), perUnit)
		if between, ok := b.between(before, place); ok {
			add(between)
		}
	}
	return all
}

// between is the place between two others at which the operands are equal if their difference grows evenly.
func (b *boundary) between(low, high *big.Rat) (*big.Rat, bool) {
	from, ok := b.difference(low)
	to, okTo := b.difference(high)
	if !ok || !okTo || from.Cmp(to) == 0 {
		return nil, false
	}
	share := new(big.Rat).Quo(from, new(big.Rat).Sub(from, to))
	return share.Add(share.Mul(share, new(big.Rat).Sub(high, low)), low), true
}

// flips are the last numbers before a place at which the comparison turns and the first behind it.
func (b *boundary) flips(places []int) (all []flip) {
	q := b.asked()
	for i, at := range places {
		place := big.NewRat(int64(at), perUnit)
		decimals := q.finest(place)
		text := gridNumber(place, decimals, 0)
		if behind := i%2 == 1; behind && text != gridNumber(place, maxDecimals, 0) {
			text = gridNumber(place, decimals, 1)
		}
		if q.takesNumber(text) {
			all = append(all, flip{q.Name, text})
		}
	}
	return all
}

func (b *boundary) asked() *Question { return b.all.questions[b.question] }

// turns are the places before which and behind which the operands are in another order. Between two places with the same
// order none is looked for.
func (b *boundary) turns(low, high int) []int {
	order, ok := b.order(low)
	other, okOther := b.order(high)
	switch {
	case !ok || !okOther || order == other:
		return nil
	case high-low == 1:
		return []int{low, high}
	}
	middle := low + (high-low)/2
	return append(b.turns(low, middle), b.turns(middle, high)...)
}

// order is how the two operands compare where the answer is a number of hundredths.
func (b *boundary) order(n int) (order int, ok bool) {
	difference, ok := b.difference(big.NewRat(int64(n), perUnit))
	if !ok {
		return 0, false
	}
	return difference.Sign(), true
}

// difference is how much the first operand is more than the second where the answer is a number.
func (b *boundary) difference(n *big.Rat) (*big.Rat, bool) {
	answer := imednet.NewValue([]byte(gridNumber(n, 2, 0)))
	others := b.checker.finder(b.all, b.others)
	name := b.asked().Name
	e := b.checker.evaluate(b.form, func(question string) (imednet.Value, int) {
		if question == name {
			return answer, 1
		}
		return others(question)
	})
	x, okX := e.operand(b.comparison.Children[0])
	y, okY := e.operand(b.comparison.Children[1])
	if !okX || !okY || x.missing || y.missing {
		return nil, false
	}
	numberX, okX := x.asNumber()
	numberY, okY := y.asNumber()
	if !okX || !okY {
		return nil, false
	}
	exactX, okX := numberX.exact()
	exactY, okY := numberY.exact()
	if !okX || !okY {
		return nil, false
	}
	return new(big.Rat).Sub(exactX, exactY), true
}

// evaluate evaluates on answers, of which no record is stored.
func (c *Checker) evaluate(form *Form, find answerFinder) *evaluation {
	return &evaluation{checker: c, form: form, answers: find, now: c.clock.Now(), asked: map[string]bool{}}
}
