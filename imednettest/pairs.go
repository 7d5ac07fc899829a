package imednettest

import (
	"reflect"
	"slices"
	"strings"
)

// SettingsPairs returns a few Settings in which any two answers to any two open questions occur
// together at least once: whatever fails because of one setting, or of two together, fails under one
// of them. The first is strict, the second lenient, and the list is the same in every run. Numbers
// have one value each: UnknownStudyStatus 404, PostStatus 200, MaxItems 100.
func SettingsPairs() []Settings {
	questions := openQuestions()
	missing := everyPair(questions)
	all := [][]int{make([]int, len(questions)), slices.Repeat([]int{1}, len(questions))}
	for _, row := range all {
		missing.strike(row)
	}
	for len(missing) > 0 {
		row := missing.row(questions)
		missing.strike(row)
		all = append(all, row)
	}
	settings := make([]Settings, len(all))
	for i, row := range all {
		for q, side := range row {
			reflect.ValueOf(&settings[i]).Elem().Field(q).Set(questions[q][side])
		}
	}
	return settings
}

// openQuestions are the sides of each member of Settings, the strict one first.
func openQuestions() [][]reflect.Value {
	numbers := map[string]int{"UnknownStudyStatus": 404, "PostStatus": 200, "MaxItems": 100}
	words := map[string]string{"FailedJobs": "upper undated words", "RoleDates": "text 5 null 6 7"}
	var questions [][]reflect.Value
	for _, field := range reflect.VisibleFields(reflect.TypeFor[Settings]()) {
		sides := []reflect.Value{reflect.Zero(field.Type)}
		switch field.Type.Kind() {
		case reflect.Bool:
			sides = append(sides, reflect.ValueOf(true))
		case reflect.Int:
			sides = append(sides, reflect.ValueOf(numbers[field.Name]))
		default:
			for word := range strings.FieldsSeq(words[field.Name]) {
				sides = append(sides, reflect.ValueOf(word).Convert(field.Type))
			}
		}
		questions = append(questions, sides)
	}
	return questions
}

// pair is a side of one question and one of a later one.
type pair struct{ p, sideP, q, sideQ int }

// pairs are those that no row has yet, in an order that is always the same.
type pairs []pair

func everyPair(questions [][]reflect.Value) (all pairs) {
	for p := range questions {
		for q := p + 1; q < len(questions); q++ {
			for sideP := range questions[p] {
				for sideQ := range questions[q] {
					all = append(all, pair{p, sideP, q, sideQ})
				}
			}
		}
	}
	return all
}

// strike takes out what a row has.
func (m *pairs) strike(row []int) {
	*m = slices.DeleteFunc(*m, func(x pair) bool { return row[x.p] == x.sideP && row[x.q] == x.sideQ })
}

// row makes a row with as many missing pairs as a greedy choice finds: it starts from the first
// missing pair and gives each other question the side that has most of them with what is chosen.
func (m pairs) row(questions [][]reflect.Value) []int {
	row := slices.Repeat([]int{-1}, len(questions))
	row[m[0].p], row[m[0].q] = m[0].sideP, m[0].sideQ
	for q := range questions {
		if row[q] >= 0 {
			continue
		}
		best := -1
		for side := range questions[q] {
			if n := m.gained(row, q, side); n > best {
				best, row[q] = n, side
			}
		}
	}
	return row
}

// gained counts the missing pairs that a side of a question completes.
func (m pairs) gained(row []int, question, side int) (n int) {
	for _, x := range m {
		if x.p == question && x.sideP == side && row[x.q] == x.sideQ || x.q == question && x.sideQ == side && row[x.p] == x.sideP {
			n++
		}
	}
	return n
}
