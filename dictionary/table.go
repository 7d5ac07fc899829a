package dictionary

import (
	"slices"

	"github.com/imednetgo/imednet"
)

// table are the outcomes of a condition for answers to the questions that decide it.
type table struct {
	condition *Element
	early     bool
	places    []int // of the questions
	known     map[[widest]int]outcomes
}

// widest is the number of questions of a condition of which the outcomes are kept.
const widest = 4

func (s *search) table(condition *Element, early bool) *table {
	return &table{condition, early, s.decidedBy(condition), map[[widest]int]outcomes{}}
}

// decidedBy are the places of the questions that decide a condition: those for which it asks, and for which the rules ask that
// hide or disable those whose state it asks.
func (s *search) decidedBy(condition *Element) (places []int) {
	seen := map[*Element]bool{}
	var visit func(c *Element)
	visit = func(c *Element) {
		if c == nil || seen[c] {
			return
		}
		seen[c] = true
		c.All(func(x, parent *Element) {
			if x.Name != "question" || parent != nil && foreignForms[parent.Name] {
				return
			}
			if parent != nil && (parent.Name == "disabled" || parent.Name == "hidden") {
				for _, state := range s.checker.states[stateKey(s.form.Key, x.Trimmed())] {
					visit(state.rule.conditions())
				}
				return
			}
			for i, q := range s.all.questions {
				if q.Name == x.Trimmed() && !slices.Contains(places, i) {
					places = append(places, i)
				}
			}
		})
	}
	visit(condition)
	return places
}

// at is the outcome for a combination of answers; with -1 in it for a question that decides, ok is false.
func (s *search) at(t *table, p pick) (o outcomes, ok bool) {
	var key [widest]int
	for n, place := range t.places {
		if p[place] < 0 {
			return anyOutcome, false
		}
		if n < widest {
			key[n] = p[place]
		}
	}
	kept := len(t.places) <= widest
	if kept {
		if o, ok = t.known[key]; ok {
			return o, true
		}
	}
	e := s.checker.evaluate(s.form, s.checker.finder(s.all, p))
	e.early = t.early
	o = outcomeOf(e.condition(t.condition))
	if kept {
		t.known[key] = o
	}
	return o, true
}

// finder finds the answers of a combination.
func (c *Checker) finder(all chosen, p pick) answerFinder {
	return func(question string) (imednet.Value, int) {
		for i, q := range all.questions {
			if q.Name != question || p[i] < 0 {
				continue
			}
			if c.unused[q] {
				return imednet.Value{}, notAsked
			}
			return imednet.NewValue([]byte(all.values[i][p[i]])), 1
		}
		return imednet.Value{}, 0
	}
}
