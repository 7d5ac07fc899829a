package dictionary

import (
	"iter"
	"slices"

	"github.com/imednetgo/imednet"
)

const (
	maxNodes     = 3_000   // combinations of answers to some questions that are tried for one rival
	maxAllNodes  = 150_000 // and for all of a rule
	maxSolutions = 8       // records that are looked for to tell one rival, as not every one can be placed
	maxOthers    = 4_000   // combinations of other answers by which two answers are found to be the same to a condition
)

// covering are combinations of answers on which the rule acts, and on which it does not.
func (s *search) covering() iter.Seq[pick] {
	return func(yield func(pick) bool) {
		if s.rule.conditions() == nil {
			return
		}
		v := s.solver()
		for _, acts := range []imednet.YesNo{imednet.Yes, imednet.No} {
			r := always(not(acts))
			if !v.tell(r, func() bool { return s.counts[acts] < fewCases }, yield) {
				return
			}
			s.never[acts] = v.settled[r]
		}
	}
}

// solving are combinations of answers on which rivals that are left differ from the rule: the conditions of both are solved as a
// whole. A rival for which all that matter were tried in vain is settled.
func (s *search) solving() iter.Seq[pick] {
	return func(yield func(pick) bool) {
		if s.rule.conditions() != nil {
			s.solver().tellAll(s.alive, yield)
		}
	}
}

// tellAll yields combinations that tell rivals that are left from the rule; last those that calculate otherwise, for which most is tried.
func (v *solver) tellAll(some rivals, yield func(pick) bool) {
	calculates := func(r rival) int { return min(1, len(v.turnsOf(r))) }
	for _, r := range slices.SortedStableFunc(slices.Values(some), func(a, b rival) int { return calculates(a) - calculates(b) }) {
		if v.nodes <= 0 || !v.tell(r, func() bool { return slices.Contains(v.alive, r) }, yield) {
			return
		}
	}
}

// always is a rival that acts on every record, or on none.
func always(acts imednet.YesNo) rival {
	built := &Element{Name: "true"}
	if acts == imednet.No {
		built = negated(built)
	}
	conditions := &Element{Name: "Conditions", Children: []*Element{built}}
	return rival{&Rule{Logic: &Element{Name: "BusinessLogic", Children: []*Element{conditions}}}, false}
}

// solver finds answers on which a rule and its rivals differ.
type solver struct {
	*search
	nodes int                    // that are left for the rule
	kept  [2]map[*Element]*table // of the rule's own conditions, and those where days are taken for their first moments
}

func (s *search) solver() *solver {
	return &solver{s, maxAllNodes, [2]map[*Element]*table{{}, {}}}
}

// tell yields combinations that tell a rival from the rule as long as they are wanted. It returns false where nothing is to be
// looked for any more.
func (v *solver) tell(r rival, wanted func() bool, yield func(pick) bool) (more bool) {
	if !wanted() {
		return true
	}
	stopped := false
	try := func(g *riddle) (goOn bool) {
		g.solve(func(p pick) bool {
			stopped = !yield(p)
			return !stopped && wanted()
		})
		return !stopped && wanted()
	}
	for fixed := range v.turning(r) {
		if !try(v.riddle(r, fixed)) {
			return !stopped
		}
	}
	g := v.riddle(r, nil)
	if !try(g) {
		return !stopped
	}
	spelled := v.riddle(r, nil)
	if spelled.suggest(g.spelling()) && !try(spelled) {
		return !stopped
	}
	v.settled[r] = !g.cut && !spelled.cut && g.found+spelled.found == 0
	return true
}
