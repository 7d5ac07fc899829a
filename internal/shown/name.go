package shown

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Near returns up to three known names that differ from a name in case, or by few letters; the
// nearest first. A name that is not known is not shown, but what may be meant is.
func Near(name string, known []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var near []candidate
	folded := strings.ToLower(name)
	letters := utf8.RuneCountInString(folded)
	most := max(1, letters/3)
	for _, k := range known {
		if n := utf8.RuneCountInString(k); n == 0 || n > letters+most || n < letters-most {
			continue
		}
		if d := editDistance(folded, strings.ToLower(k)); d <= most {
			near = append(near, candidate{k, d})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), strings.Compare(a.name, b.name))
	})
	var names []string
	for _, c := range near[:min(len(near), 3)] {
		names = append(names, c.name)
	}
	return names
}

// DidYouMean is "; did you mean A or B?" for names that come near to one, "" when none does.
func DidYouMean(name string, known []string) string {
	near := Near(name, known)
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// editDistance is the number of letters to insert, remove or replace that make b of a (Levenshtein).
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range y {
			cost := diagonal
			if r != s {
				cost = min(diagonal, row[j], row[j+1]) + 1
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(y)]
}
