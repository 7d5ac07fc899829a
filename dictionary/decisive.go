package dictionary

import (
	"iter"
	"slices"

	"github.com/imednetgo/imednet"
)

const (
	maxDecisive = 4_000 // combinations of the answers for which one condition asks, where that condition decides
	decisive    = 2     // answers to the other questions with which it does
)

// leaf is one of the conditions that the others join, and the whole with another in its stead.
type leaf struct {
	condition *Element
	with      func(other *Element) *Element
}

// leaves are the conditions that and, or and not join.
func (e *Element) leaves() (all []leaf) {
	if e.Name != "and" && e.Name != "or" && e.Name != "not" && e.Name != "Conditions" {
		return []leaf{{e, func(other *Element) *Element { return other }}}
	}
	for i, child := range e.Children {
		for _, l := range child.leaves() {
			all = append(all, leaf{l.condition, func(other *Element) *Element { return e.withChild(i, l.with(other)) }})
		}
	}
	return all
}

// changes reports whether a rival has not kept a condition of the rule.
func (r rival) changes(condition *Element) bool {
	kept := false
	r.conditions().All(func(x, _ *Element) { kept = kept || x == condition })
	return !kept
}

// deciding are, for each condition that others join, all answers to the questions for which it asks, among answers to the
// others with which it decides whether the rule acts. There are none where all combinations were tried.
func (s *search) deciding() iter.Seq[pick] {
	return func(yield func(pick) bool) {
		conditions := s.rule.conditions()
		if s.whole || conditions == nil {
			return
		}
		leaves := conditions.leaves()
		for i, l := range leaves {
			before := s.work
			s.work = maxWork / len(leaves)
			more := s.decide(l, yield)
			s.work += before - maxWork/len(leaves)
			if i == len(leaves)-1 || !more {
				return
			}
		}
	}
}

// decide looks for answers with which a condition decides, and tries those answers with all to the questions that it asks.
// Rivals that have only this condition otherwise, and differ then for no answer, are settled.
func (s *search) decide(l leaf, yield func(pick) bool) (more bool) {
	changed := slices.DeleteFunc(slices.Clone(s.alive), func(r rival) bool { return !r.changes(l.condition) })
	asked := s.all.askedBy(l.condition)
	held, failed := l.with(&Element{Name: "true"}), l.with(negated(&Element{Name: "true"}))
	for _, acts := range []imednet.YesNo{imednet.Yes, imednet.No} {
		both := func(find answerFinder) int {
			e := s.checker.evaluate(s.form, find)
			return e.distance(held, acts) + e.distance(failed, not(acts))
		}
		for range decisive {
			var base pick
			s.climb(nil, both, func(p pick) bool { base = p; return true })
			if base == nil {
				continue
			}
			whole := true
			for p, all := range s.all.varied(base, asked, s.random) {
				if whole = all && s.work > 0; s.work <= 0 {
					break
				}
				if s.tellsAny(changed, p) && !yield(p) {
					return false
				}
			}
			if whole {
				s.settle(changed, l.condition)
			}
		}
	}
	return true
}

// tellsAny reports whether answers tell any of some rivals from the rule.
func (s *search) tellsAny(some rivals, p pick) bool {
	data, err := s.all.data(p)
	if err != nil {
		return false
	}
	find := s.checker.answersOf(s.form, data)
	acts := s.checker.evaluate(s.form, find).acts(s.rule)
	s.spend(1 + len(some))
	return acts != imednet.Unknown && slices.ContainsFunc(some, func(r rival) bool { return slices.Contains(s.alive, r) && r.apart(s.checker, s.form, find, acts) })
}

// settle notes rivals that are left and have only one condition otherwise.
func (s *search) settle(some rivals, condition *Element) {
	for _, r := range some {
		if slices.Contains(s.alive, r) && !slices.ContainsFunc(s.rule.conditions().leaves(), func(l leaf) bool { return l.condition != condition && r.changes(l.condition) }) {
			s.settled[r] = true
		}
	}
}

// askedBy are the places of the questions for which a condition asks.
func (all chosen) askedBy(condition *Element) (places []int) {
	for i, q := range all.questions {
		if condition.asks(q) {
			places = append(places, i)
		}
	}
	return places
}

// varied are a combination of answers with all answers in some places, or with some where there are too many; whole says
// whether they are all.
func (all chosen) varied(base pick, places []int, random interface{ IntN(int) int }) iter.Seq2[pick, bool] {
	total := 1
	for _, i := range places {
		total = min(total*len(all.values[i]), maxDecisive+1)
	}
	whole := total <= maxDecisive
	return func(yield func(p pick, whole bool) bool) {
		for n := range min(total, maxDecisive) {
			p := slices.Clone(base)
			for _, i := range places {
				p[i] = n % len(all.values[i])
				if n /= len(all.values[i]); !whole {
					p[i] = random.IntN(len(all.values[i]))
				}
			}
			if !yield(p, whole) {
				return
			}
		}
	}
}
