package main

import (
	"cmp"
	"slices"
	"strings"
)

// unknownName is an error about a name that a study or program does not have, with the names that come
// near to it.
func unknownName(kind, name string, known []string) error {
	near := nearest(name, known)
	if len(near) == 0 {
		return &notFoundError{kind, name, ""}
	}
	return &notFoundError{kind, name, "did you mean " + strings.Join(near, " or ") + "?"}
}

// notFoundError is something that was named and is not there.
type notFoundError struct{ kind, name, hint string }

func (e *notFoundError) Error() string { return "there is no " + e.kind + " " + quoted(e.name) }

func (e *notFoundError) Unwrap() error { return errNotFound }

func quoted(name string) string { return "'" + printable(name) + "'" }

// nearest returns up to three names that differ from a name in case, or by few letters; the nearest
// first.
func nearest(name string, known []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var near []candidate
	folded := strings.ToLower(name)
	for _, k := range known {
		d := editDistance(folded, strings.ToLower(k))
		if d <= max(1, len(name)/3) {
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
