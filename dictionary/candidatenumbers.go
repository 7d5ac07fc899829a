package dictionary

import (
	"math/big"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// numbersAround are the constants that are numbers, the numbers beside each that the question takes, some on which most
// calculations differ, and some far from all, such as the bounds of the question.
func (q *Question) numbersAround(from suggestions) []string {
	var all []string
	for _, text := range slices.Concat(from.constants, from.matching) {
		if n, ok := imednet.ParseNumber(text); ok {
			if own := n.Canonical(); q.takesNumber(own) {
				all = appendNew(all, own)
			}
			for _, beside := range q.numbersBeside(n) {
				all = appendNew(all, beside)
			}
		}
	}
	for _, text := range append([]string{"0", "7", "1", "2", "0.5"}, q.farNumbers()...) {
		if q.takesNumber(text) {
			all = appendNew(all, text)
		}
	}
	return all
}

// farNumbers are the bounds of the question, the greatest and the least number that it has room for, and others far from most
// constants.
func (q *Question) farNumbers() (all []string) {
	for _, bound := range []string{q.Option("Minimum Value"), q.Option("Maximum Value")} {
		if n, ok := imednet.ParseNumber(bound); ok {
			all = append(all, n.Canonical())
		}
	}
	most, limited := q.length()
	if !limited || most >= farDigits {
		return append(all, strings.Repeat("9", farDigits), "-1", "-"+strings.Repeat("9", farDigits-1))
	}
	all = append(all, strings.Repeat("9", most))
	if most > 1 {
		all = append(all, "-"+strings.Repeat("9", most-1))
	}
	return all
}

const farDigits = 6 // of a number that is greater than most constants

// numbersBeside are the numbers beside one that the question takes: whole ones, and those at the finest step that it has room
// for.
func (q *Question) numbersBeside(n imednet.Number) []string {
	exact, ok := n.Rat()
	if !ok {
		return nil
	}
	return q.beside(exact)
}

// beside are the two numbers on either side of a place that the question takes, where the first may be the place itself:
// whole ones, and those at the finest step that the question has room for on both sides and on either: of a length of three, 9.9 and 11
// stand beside 10.
func (q *Question) beside(place *big.Rat) (all []string) {
	for _, decimals := range []int{0, q.finest(place), q.finestAt(place, -1), q.finestAt(place, 1)} {
		for steps := int64(-1); steps <= 2; steps++ {
			if text := gridNumber(place, decimals, steps); q.takesNumber(text) {
				all = appendNew(all, text)
			}
		}
	}
	return all
}

// finest is the number of decimals of the finest step at which the question takes a number on both sides of a place.
func (q *Question) finest(place *big.Rat) int { return q.finestAt(place, 0, 1) }

// finestAt is the number of decimals of the finest step at which the question takes the numbers that are some steps from a place.
func (q *Question) finestAt(place *big.Rat, steps ...int64) int {
	if q.wholeOnly() {
		return 0
	}
	decimals, exact := place.FloatPrec()
	if !exact {
		decimals = inexactDecimals
	}
	for decimals = max(2, min(decimals, maxDecimals)+1); decimals > 0; decimals-- {
		if !slices.ContainsFunc(steps, func(n int64) bool { return !q.takesNumber(gridNumber(place, decimals, n)) }) {
			return decimals
		}
	}
	return 0
}

// inexactDecimals are those of the steps from a place that no decimals express.
const inexactDecimals = 4

// maxDecimals bounds the decimals of the steps from a number.
const maxDecimals = 20

// gridNumber is the greatest number with some decimals that is not above a place, and so many steps more.
func gridNumber(place *big.Rat, decimals int, steps int64) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	scaled := new(big.Rat).Mul(place, new(big.Rat).SetInt(scale))
	whole := new(big.Int).Div(scaled.Num(), scaled.Denom())
	n, _ := imednet.ParseNumber(new(big.Rat).SetFrac(whole.Add(whole, big.NewInt(steps)), scale).FloatString(decimals))
	return n.Canonical()
}

// takesNumber reports whether the question takes a number: with these decimals, of this length, within its bounds, as far as
// it says so.
func (q *Question) takesNumber(text string) bool {
	if !q.hasRoomFor(text) || q.wholeOnly() && strings.Contains(text, ".") {
		return false
	}
	n, _ := imednet.ParseNumber(text)
	low, limited := imednet.ParseNumber(q.Option("Minimum Value"))
	high, bounded := imednet.ParseNumber(q.Option("Maximum Value"))
	return !(limited && n.Compare(low) < 0 || bounded && n.Compare(high) > 0)
}

func (q *Question) wholeOnly() bool {
	return q.Kind() == imednet.WholeVariable || saysYes(q.Option("Whole Numbers Only"))
}
