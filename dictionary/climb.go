package dictionary

import (
	"iter"
	"slices"

	"github.com/imednetgo/imednet"
)

const (
	maxClimb = 800 // combinations of answers that are tried for one record
	climbs   = 2   // attempts to tell one rival from the rule
	maxJump  = 3   // answers that are changed at once where no change of one helps
)

// goal is how far answers are from what is looked for; 0 is there.
type goal func(find answerFinder) int

// climbing are combinations of answers that are come to step by step, towards those on which the rule acts, on which it
// does not, and on which it differs from each rival that is left and is not settled.
func (s *search) climbing() iter.Seq[pick] {
	return func(yield func(pick) bool) {
		for _, acts := range []imednet.YesNo{imednet.Yes, imednet.No} {
			for range climbs {
				if s.counts[acts] < fewCases && !s.never[acts] && !s.climb(s.starts[not(acts)], s.rule.goal(s, acts), yield) {
					return
				}
			}
		}
		for _, rival := range slices.Clone(s.alive) {
			if !s.settled[rival] && !s.same[rival] && !s.approach(rival, yield) {
				return
			}
		}
	}
}

// approach looks for answers on which a rival differs from the rule.
func (s *search) approach(rival rival, yield func(pick) bool) (more bool) {
	for range climbs {
		for _, acts := range []imednet.YesNo{imednet.Yes, imednet.No} {
			own, other := s.rule.goal(s, acts), rival.goal(s, not(acts))
			both := func(find answerFinder) int { return own(find) + other(find) }
			if slices.Contains(s.alive, rival) && !s.climb(s.starts[acts], both, yield) {
				return false
			}
		}
	}
	return true
}

// climb changes one answer at a time as long as that comes closer, and some at once where none does.
func (s *search) climb(start pick, far goal, yield func(pick) bool) (more bool) {
	at := slices.Clone(start)
	if at == nil {
		at = s.all.anyPick(s.random)
	}
	distance, ok := s.distance(at, far)
	for tried := 1; ok && distance > 0 && tried < maxClimb && s.work > 0; {
		closer := false
		for _, i := range s.random.Perm(len(at)) {
			for v := range s.all.values[i] {
				next := slices.Clone(at)
				next[i] = v
				tried++
				if d, ok := s.distance(next, far); ok && d < distance {
					at, distance, closer = next, d, true
				}
			}
			if distance == 0 {
				break
			}
		}
		if !closer {
			at = s.jump(at)
			distance, ok = s.distance(at, far)
			tried++
		}
	}
	return !ok || distance > 0 || yield(at)
}

// jump changes some answers to any.
func (s *search) jump(from pick) pick {
	to := slices.Clone(from)
	for range min(maxJump, len(to)) {
		i := s.random.IntN(len(to))
		to[i] = s.random.IntN(len(s.all.values[i]))
	}
	return to
}

func (s *search) distance(p pick, far goal) (int, bool) {
	data, err := s.all.data(p)
	if err != nil {
		return 0, false
	}
	s.spend(2)
	return far(s.checker.answersOf(s.form, data)), true
}

// goal is that a rule acts, or that it does not.
func (r *Rule) goal(s *search, acts imednet.YesNo) goal {
	return func(find answerFinder) int {
		return s.checker.evaluate(s.form, find).distance(r.conditions(), acts)
	}
}

func (r rival) goal(s *search, acts imednet.YesNo) goal {
	return func(find answerFinder) int {
		e := s.checker.evaluate(s.form, find)
		e.early = r.early
		return e.distance(r.conditions(), acts)
	}
}

// distance is how many conditions at least are otherwise than they would have to be.
func (e *evaluation) distance(c *Element, want imednet.YesNo) int {
	switch {
	case c == nil:
		return 1
	case c.Name == "not" && len(c.Children) == 1:
		return e.distance(c.Children[0], not(want))
	case len(c.Children) > 0 && (c.Name == "and" || c.Name == "or" || c.Name == "Conditions"):
		return e.distanceOfAll(c, want)
	case e.condition(c) == want:
		return 0
	}
	return 1
}

// distanceOfAll is that of all parts, or of the closest where one decides.
func (e *evaluation) distanceOfAll(c *Element, want imednet.YesNo) int {
	sum, least := 0, maxParts
	for _, part := range c.Children {
		d := e.distance(part, want)
		sum, least = sum+d, min(least, d)
	}
	if (want == imednet.Yes) == (c.Name == "or") {
		return least
	}
	return sum
}
