package dictionary

import (
	"iter"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/imednetgo/imednet"
)

const (
	turningTries = 16 // answers to the other questions with which it is looked for where two builds turn
	maxTurning   = 2  // numbers for each that are looked at further
	someNumbers  = 12 // from anywhere for each other question
)

// turning are answers to the questions of a comparison of something calculated with which it differs from that of a rival, found
// where either turns; -1 for the other questions.
func (v *solver) turning(r rival) iter.Seq[pick] {
	return func(yield func(pick) bool) {
		part, other := apartFrom(v.rule.conditions(), r.conditions())
		turns := v.turnsOf(r)
		if r.early || len(turns) == 0 {
			return
		}
		both := part.with(part, other)
		asked := v.decidedBy(both)
		for n := 0; n < turningTries && v.nodes > 0; n++ {
			known, used := slices.Clone(v.all.values), false
			p := v.deciding(part, n)
			for _, i := range v.all.numbersAskedBy(both) {
				found := 0
				for _, text := range v.aroundTurns(turns, i, p) {
					v.nodes--
					q := slices.Clone(p)
					q[i] = v.all.value(i, text)
					if !v.decided(part, q).mayTell(v.decided(other, q), r) {
						continue
					}
					if used = true; !yield(only(q, asked)) {
						return
					}
					if found++; found == maxTurning {
						break
					}
				}
			}
			if !used {
				v.all.values = known
			}
		}
	}
}

// turnsOf are the comparisons of something calculated in the parts in which a rule and a rival differ.
func (v *solver) turnsOf(r rival) []*Element {
	part, other := apartFrom(v.rule.conditions(), r.conditions())
	return slices.Concat(part.turns(), other.turns())
}

// deciding are answers with which a part of the rule decides whether it acts, if such are found; others are from anywhere.
func (v *solver) deciding(part *Element, n int) pick {
	p := v.anywhere()
	conditions := v.rule.conditions()
	if n%4 == 3 || conditions == part {
		return p
	}
	held := &Element{Name: "true"}
	g := v.riddle(rival{}, nil)
	g.own, g.built, g.part, g.other = conditions.replaced(part, held), conditions.replaced(part, negated(held)), held, negated(held)
	known := slices.Clone(v.all.values)
	g.suggest(v.anyNumbers())
	for _, values := range g.values {
		v.random.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
	}
	g.solve(func(found pick) bool {
		for _, i := range g.order {
			p[i] = found[i]
		}
		return false
	})
	chosen := v.all.values
	v.all.values = known
	for i, value := range p {
		p[i] = v.all.value(i, chosen[i][value])
	}
	return p
}

// replaced is an element with another in the stead of a part of it.
func (e *Element) replaced(part, by *Element) *Element {
	if e == part {
		return by
	}
	for i, child := range e.Children {
		if other := child.replaced(part, by); other != child {
			return e.withChild(i, other)
		}
	}
	return e
}

// anyNumbers are some numbers from anywhere between those that are tried for each question that takes them.
func (v *solver) anyNumbers() map[int][]string {
	all := map[int][]string{}
	for i, q := range v.all.questions {
		if !q.Kind().IsNumber() || v.checker.unused[q] {
			continue
		}
		for range someNumbers {
			if text, ok := v.between(i); ok && q.takesNumber(text) {
				all[i] = append(all[i], text)
			}
		}
	}
	return all
}

// between is a number between two that are tried for a question.
func (v *solver) between(question int) (string, bool) {
	q, values := v.all.questions[question], v.all.values[question]
	var ends [2]*big.Rat
	for i := range ends {
		n, ok := imednet.ParseNumber(values[v.random.IntN(len(values))])
		if !ok {
			return "", false
		}
		if ends[i], ok = n.Rat(); !ok {
			return "", false
		}
	}
	share := big.NewRat(v.random.Int64N(perUnit), perUnit)
	place := new(big.Rat).Sub(ends[1], ends[0])
	place.Add(ends[0], place.Mul(place, share))
	return gridNumber(place, v.random.IntN(q.finest(place)+1), 0), true
}

// anywhere is a combination of answers that are no blanks, of which half of the numbers are any.
func (v *solver) anywhere() pick {
	p := v.all.anyPickWithoutBlanks(v.random)
	for i, q := range v.all.questions {
		if !q.Kind().IsNumber() || v.checker.unused[q] || v.random.IntN(2) == 0 {
			continue
		}
		if text := q.anySigned(v.random); q.takesNumber(text) {
			p[i] = v.all.value(i, text)
		}
	}
	return p
}

// anySigned is any number, of which some are negative.
func (q *Question) anySigned(random *rand.Rand) string {
	text := q.anyNumber(random)
	if random.IntN(3) == 0 {
		return "-" + text
	}
	return text
}

// only is what a combination has in some places.
func only(p pick, places []int) pick {
	some := slices.Repeat(pick{-1}, len(p))
	for _, i := range places {
		some[i] = p[i]
	}
	return some
}

// turns are the comparisons of something calculated in a part in which a rule and a rival differ.
func (e *Element) turns() (all []*Element) {
	e.All(func(x, _ *Element) {
		if comparisons[x.Name] && len(x.Children) == 2 && x.calculates() {
			all = append(all, x)
		}
	})
	return all[:min(len(all), 2)]
}

// aroundTurns are the numbers around the places at which comparisons turn, and those between them.
func (v *solver) aroundTurns(turns []*Element, question int, others pick) (all []string) {
	var places []*big.Rat
	for _, comparison := range turns {
		b := v.checker.boundary(v.form, comparison, v.all, question, others)
		for _, text := range b.values(b.places()) {
			if n, ok := imednet.ParseNumber(text); ok && !slices.Contains(all, text) {
				all = append(all, text)
				exact, _ := n.Rat()
				places = append(places, exact)
			}
		}
	}
	slices.SortFunc(places, (*big.Rat).Cmp)
	q := v.all.questions[question]
	for i := 1; i < len(places); i++ {
		middle := new(big.Rat).Add(places[i-1], places[i])
		middle.Mul(middle, big.NewRat(1, 2))
		if text := gridNumber(middle, q.finest(middle), 0); q.takesNumber(text) {
			all = appendNew(all, text)
		}
	}
	return all
}
