package dictionary

import (
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// numbersAround are the constants that are numbers, those beside each by the least step that the question takes, and some
// on which most calculations differ.
func (q *Question) numbersAround(from suggestions) []string {
	var all []string
	add := func(n imednet.Number) {
		if text := n.Canonical(); q.takesNumber(text) {
			all = appendNew(all, text)
		}
	}
	for _, text := range slices.Concat(from.constants, from.matching) {
		if n, ok := imednet.ParseNumber(text); ok {
			for _, step := range append([]string{"0"}, q.steps(text)...) {
				for _, moved := range movedBy(n, step) {
					add(moved)
				}
			}
		}
	}
	for _, text := range []string{"0", "7", "1", "2", "0.5"} {
		n, _ := imednet.ParseNumber(text)
		add(n)
	}
	return all
}

// movedBy is a number a step more and less.
func movedBy(n imednet.Number, step string) (all []imednet.Number) {
	for _, sign := range []string{"", "-"} {
		by, _ := imednet.ParseNumber(sign + step)
		if moved, ok := n.Minus(by); ok {
			all = append(all, moved)
		}
	}
	return all
}

// takesNumber reports whether the question takes a number with these decimals, as far as it says so.
func (q *Question) takesNumber(text string) bool {
	return !strings.Contains(text, ".") || !q.wholeOnly() && q.hasRoomFor(text)
}

func (q *Question) wholeOnly() bool {
	return q.Kind() == imednet.WholeVariable || saysYes(q.Option("Whole Numbers Only"))
}

// steps are one, and the least step from a number that the question takes.
func (q *Question) steps(number string) []string {
	for decimals := max(2, decimalsOf(number)+1); decimals > 0 && !q.wholeOnly(); decimals-- {
		step := "0." + strings.Repeat("0", decimals-1) + "1"
		n, _ := imednet.ParseNumber(number)
		if moved := movedBy(n, step); len(moved) == 2 && q.hasRoomFor(moved[0].Canonical()) && q.hasRoomFor(moved[1].Canonical()) {
			return []string{"1", step}
		}
	}
	return []string{"1"}
}

// maxDecimals bounds the decimals of the steps from a number.
const maxDecimals = 20

func decimalsOf(number string) int {
	n, _ := imednet.ParseNumber(number)
	_, decimals, _ := strings.Cut(n.Canonical(), ".")
	return min(len(decimals), maxDecimals)
}
