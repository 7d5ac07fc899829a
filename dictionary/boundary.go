package dictionary

import (
	"fmt"
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
	random := newRandom()
	more := make([][]string, len(all.questions))
	for _, comparison := range found {
		for i, q := range all.questions {
			if !q.Kind().IsNumber() || !comparison.asks(q) {
				continue
			}
			for range boundaryTries {
				b := &boundary{c, form, comparison, *all, i, all.anyPick(random)}
				more[i] = append(more[i], b.values()...)
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

// calculates reports whether an element calculates with something.
func (e *Element) calculates() (found bool) {
	e.All(func(x, _ *Element) { found = found || calculations[x.Name] || x.Name == "case" })
	return found
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

// values are the numbers around each place at which the comparison turns.
func (b *boundary) values() (all []string) {
	places := []int{0}
	for n := 1; n <= farthestNumber; n *= 10 {
		places = append(places, n*perUnit, -n*perUnit)
	}
	slices.Sort(places)
	for i, low := range places[:len(places)-1] {
		high := places[i+1]
		order, ok := b.order(low)
		if other, okOther := b.order(high); !ok || !okOther || order == other {
			continue
		}
		for high-low > 1 {
			middle := low + (high-low)/2
			at, ok := b.order(middle)
			if !ok {
				break
			}
			if at == order {
				low = middle
			} else {
				high = middle
			}
		}
		all = append(all, b.around(low)...)
	}
	return all
}

// around are the numbers at and beside a place, in the finest steps that the question has room for.
func (b *boundary) around(place int) (all []string) {
	q := b.all.questions[b.question]
	for step := 1; step <= perUnit; step *= 10 {
		first := place - (place%step+step)%step
		for n := first - step; n <= first+2*step; n += step {
			if text := decimal(n); q.takesNumber(text) {
				all = append(all, text)
			}
		}
		if len(all) > 2 {
			return all
		}
	}
	return all
}

// decimal is a number of hundredths.
func decimal(n int) string {
	sign, size := "", n
	if n < 0 {
		sign, size = "-", -n
	}
	number, _ := imednet.ParseNumber(fmt.Sprintf("%s%d.%02d", sign, size/perUnit, size%perUnit))
	return number.Canonical()
}

// order is how the two operands compare where the answer is a number of hundredths.
func (b *boundary) order(n int) (order int, ok bool) {
	values := slices.Clone(b.all.values)
	values[b.question] = []string{decimal(n)}
	others := slices.Clone(b.others)
	others[b.question] = 0
	data, err := chosen{b.all.questions, values}.data(others)
	if err != nil {
		return 0, false
	}
	e := b.checker.evaluationOf(b.form, data)
	x, okX := e.operand(b.comparison.Children[0])
	y, okY := e.operand(b.comparison.Children[1])
	if !okX || !okY || x.missing || y.missing {
		return 0, false
	}
	numberX, okX := x.asNumber()
	numberY, okY := y.asNumber()
	if !okX || !okY {
		return 0, false
	}
	exactX, okX := numberX.exact()
	exactY, okY := numberY.exact()
	if !okX || !okY {
		return 0, false
	}
	return exactX.Cmp(exactY), true
}

// evaluationOf evaluates conditions and operands on the answers of a new record.
func (c *Checker) evaluationOf(form *Form, data imednet.RecordData) *evaluation {
	return &evaluation{checker: c, form: form, answers: c.answersOf(form, data), now: c.clock.Now(), asked: map[string]bool{}}
}
