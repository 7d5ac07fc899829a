package shown

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Near returns up to three known names that differ from a name in case, or by few letters, each once; the
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
	near = slices.Compact(near)
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

// editDistance is the number of letters to insert, remove, replace or exchange with the next that make b of a
// (optimal string alignment).
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, row, next := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		next[0] = i + 1
		for j, s := range y {
			next[j+1] = row[j]
			if r != s {
				next[j+1] = min(row[j], row[j+1], next[j]) + 1
			}
			if i > 0 && j > 0 && r == y[j-1] && s == x[i-1] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(y)]
}
