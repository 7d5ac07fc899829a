package dictionary

import (
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/imednetgo/imednet"
)

const (
	maxUnread   = 2_000 // builds with a question that the rule does not read
	anywhere    = 120   // combinations of answers, of which some are from anywhere, that are tried for the builds left
	moreNumbers = 8     // that a question is answered with beside those that the rule suggests
	blankShare  = 4     // of so many answers one is blank
)

// widen looks once more for records that tell builds from the rule: those that read a question which it does not, and, of a rule
// that calculates, those that are left, by numbers from anywhere.
func (s *search) widen(place func(imednet.RecordData) (placed, bool)) error {
	if s.rule.conditions() == nil || len(s.found) == 0 {
		return nil
	}
	left := slices.Clone(s.alive)
	if len(left) > 0 && s.rule.conditions().calculates() {
		if err := s.wander(s.all.withNumbers(s.random), anywhere, left, place); err != nil {
			return err
		}
	}
	unread := s.addUnread()
	v := s.solver()
	if err := s.tryAll(s.proving(), place); err != nil {
		return err
	}
	return s.tryAll(func(yield func(pick) bool) { v.tellAll(unread, yield) }, place)
}

// wander tries combinations of answers from all over until some rivals are told from the rule.
func (s *search) wander(all chosen, tries int, some rivals, place func(imednet.RecordData) (placed, bool)) error {
	s.work = maxWork
	alive := func(r rival) bool { return slices.Contains(s.alive, r) }
	for n := 0; n < tries && s.work > 0 && len(s.found) < maxFound && slices.ContainsFunc(some, alive); n++ {
		p := all.anyPickWithBlanks(s.random)
		answers, err := all.data(p)
		if err != nil {
			return err
		}
		s.try(p, answers, place)
	}
	return nil
}

// addUnread adds the builds with a question that the rule does not read to the rivals, and returns those that no record found so
// far tells from it; answers to these questions are among those that are tried then. What is asked about whether another question is hidden or disabled stays.
func (s *search) addUnread() (left rivals) {
	read, own, _ := s.checker.readBy(s.form, s.rule)
	from := suggestionsOf([]*Element{s.rule.conditions()})
	s.unread = map[rival]bool{}
	scenes := map[*scene]imednet.YesNo{}
	for _, one := range s.found {
		scenes[s.scene(s.checker.answersOf(s.form, one.left))] = one.acts
	}
	for _, q := range s.form.Questions {
		if slices.Contains(read[:own], q) || s.checker.unused[q] {
			continue
		}
		for _, other := range s.form.exchanged(s.rule.conditions(), q) {
			r := rival{&Rule{ID: s.rule.ID, Form: s.rule.Form, Logic: &Element{Name: s.rule.Logic.Name, Children: []*Element{other}}}, false}
			if len(s.unread) == maxUnread {
				s.passed++
				continue
			}
			s.unread[r] = true
			s.rivals = append(s.rivals, r)
			if !anyTells(scenes, r) {
				s.alive = append(slices.Clip(s.alive), r)
				left = append(left, r)
			}
		}
		values := s.checker.candidates(q, from)
		s.all = s.all.with(chosen{questions: []*Question{q}, values: [][]string{values}})
	}
	return left
}

// anyTells reports whether any of some records tells a rival from the rule, which acts on it or does not.
func anyTells(scenes map[*scene]imednet.YesNo, r rival) bool {
	for one, acts := range scenes {
		if one.apart(r, acts) {
			return true
		}
	}
	return false
}

// exchanged are conditions in each of which another question of the same kind stands in the stead of one.
func (f *Form) exchanged(e *Element, other *Question) (all []*Element) {
	if e.Name == "disabled" || e.Name == "hidden" || foreignForms[e.Name] {
		return nil
	}
	for i, child := range e.Children {
		if q, ok := f.Question(child.Trimmed()); ok && child.Name == "question" && q.Name != other.Name && sameKind(q.Kind(), other.Kind()) {
			all = append(all, e.withChild(i, &Element{Name: "question", Text: other.Name}))
		}
		for _, built := range f.exchanged(child, other) {
			all = append(all, e.withChild(i, built))
		}
	}
	return all
}

// anyPickWithBlanks is a combination of answers from all over, of which about a quarter are blank: answers of which none is
// mask that another question is read.
func (all chosen) anyPickWithBlanks(random *rand.Rand) pick {
	p := all.anyPick(random)
	for i, values := range all.values {
		if blank := slices.Index(values, "null"); blank >= 0 && random.IntN(blankShare) == 0 {
			p[i] = blank
		}
	}
	return p
}

// anyPickWithoutBlanks is a combination of answers from all over that are no blanks, but for questions that have no others.
func (all chosen) anyPickWithoutBlanks(random *rand.Rand) pick {
	p := all.anyPick(random)
	for i, values := range all.values {
		if values[p[i]] == "null" {
			p[i] = (p[i] + 1) % len(values)
		}
	}
	return p
}

// withNumbers are combinations with more numbers, from all that the questions take.
func (all chosen) withNumbers(random *rand.Rand) chosen {
	values := slices.Clone(all.values)
	for i, q := range all.questions {
		if !q.Kind().IsNumber() || len(values[i]) < 2 {
			continue
		}
		values[i] = slices.Clone(values[i])
		for range moreNumbers {
			if text := q.anyNumber(random); q.takesNumber(text) {
				values[i] = appendNew(values[i], text)
			}
		}
	}
	return chosen{questions: all.questions, values: values}
}

// anyNumber is a number of some digits above the least that a question takes, often with a fraction.
func (q *Question) anyNumber(random *rand.Rand) string {
	least := new(big.Rat)
	if n, ok := imednet.ParseNumber(q.Option("Minimum Value")); ok {
		if exact, ok := n.Rat(); ok {
			least = exact
		}
	}
	most := []int64{10, 100, 1000}[random.IntN(3)]
	place := new(big.Rat).Add(least, big.NewRat(random.Int64N(most*perUnit), perUnit))
	return gridNumber(place, random.IntN(q.finest(place)+1), 0)
}
