package dictionary

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/imednetgo/imednet"
)

const (
	maxFound  = 250       // records of which the fewest are chosen
	maxWork   = 4_000_000 // parts of conditions that are evaluated by each way of finding the records of a rule
	maxRivals = 5_000     // of a rule with more only some are told from it
	fewCases  = 2         // records that every covered rule has, on which it acts and on which it does not

	maxAny        = 300 // combinations of answers that are tried before conditions are solved
	decidingTries = 100 // combinations of answers with which it is found out whether a condition is ever decided
)

// search looks for records that tell a rule from its rivals.
type search struct {
	checker *Checker
	form    *Form
	rule    *Rule
	numbers numbering
	all     chosen
	rivals  rivals
	alive   rivals // those that no record has told from the rule yet
	found   []placed
	counts  map[imednet.YesNo]int
	starts  map[imednet.YesNo]pick // the last answers on which the rule acts, and does not
	never   map[imednet.YesNo]bool // whether the rule does, or does not, act for none of the answers that are tried
	settled map[rival]bool         // those that differ for none of the answers that are tried
	shown   map[rival]bool         // those that answers tell from the rule, whether or not a record was placed for them
	same    map[rival]bool         // those that are proved to do what the rule does on every record
	tried   map[rival]bool         // those of which a proof was looked for
	unread  map[rival]bool         // those with a question that the rule does not read
	passed  int                    // rivals that are passed over, because they are too many
	work    int                    // what is left of it
	random  *rand.Rand
	texts   patternTexts
	why     string // reason why a record decides nothing
}

func (c *Checker) searchFor(form *Form, r *Rule, beside []*Element) *search {
	all := c.choose(form, r, beside...)
	s := &search{checker: c, form: form, rule: r, numbers: numberingOf(r.conditions()), all: all, rivals: c.rivalsOf(form, r, all), counts: map[imednet.YesNo]int{}, starts: map[imednet.YesNo]pick{}, never: map[imednet.YesNo]bool{}, settled: map[rival]bool{}, same: map[rival]bool{}, tried: map[rival]bool{}, shown: map[rival]bool{}, random: newRandom(), texts: patternTexts{}}
	if n := len(s.rivals)/maxRivals + 1; n > 1 {
		var some rivals
		s.passed = len(s.rivals)
		for i := 0; i < len(s.rivals); i += n {
			some = append(some, s.rivals[i])
		}
		s.rivals, s.passed = some, s.passed-len(some)
	}
	s.alive = s.rivals
	return s
}

// run tries records until all rivals are told apart, or what is tried is used up.
func (s *search) run(place func(imednet.RecordData) (placed, bool)) error {
	for _, picks := range []iter.Seq[pick]{s.all.some(maxAny), s.covering(), s.proving(), s.solving(), s.climbing()} {
		if err := s.tryAll(picks, place); err != nil {
			return err
		}
		if s.done() {
			break
		}
	}
	return s.widen(place)
}

// tryAll tries combinations until all rivals are told apart, or what is tried is used up.
func (s *search) tryAll(picks iter.Seq[pick], place func(imednet.RecordData) (placed, bool)) error {
	s.work = maxWork
	for p := range picks {
		answers, err := s.all.data(p)
		if err != nil {
			return err
		}
		s.try(p, answers, place)
		if s.done() || s.work <= 0 {
			break
		}
	}
	return nil
}

func (s *search) done() bool {
	enough := len(s.alive) == 0 && s.counts[imednet.Yes] >= fewCases && s.counts[imednet.No] >= fewCases
	return enough || len(s.found) >= maxFound
}

// try keeps a record that tells a rival from the rule, and the first on which the rule acts or does not.
func (s *search) try(p pick, answers imednet.RecordData, place func(imednet.RecordData) (placed, bool)) {
	_, left, useful := s.tells(answers)
	if !useful {
		return
	}
	for _, r := range s.alive {
		if !slices.Contains(left, r) {
			s.shown[r] = true
		}
	}
	one, ok := place(answers)
	if !ok {
		return
	}
	acts, left, useful := s.tells(one.left)
	if !useful {
		return
	}
	one.acts, s.alive = acts, left
	s.found = append(s.found, one)
	s.counts[acts]++
	s.starts[acts] = p
}

func (s *search) tells(data imednet.RecordData) (acts imednet.YesNo, left rivals, useful bool) {
	s.spend(1 + len(s.alive))
	o := s.checker.outcomeOf(s.form, s.rule, data)
	if o.Acts == imednet.Unknown {
		s.why = cmp.Or(s.why, o.Why)
		return o.Acts, nil, false
	}
	left = s.scene(s.checker.answersOf(s.form, data)).left(s.alive, o.Acts)
	return o.Acts, left, s.counts[o.Acts] < fewCases || len(left) < len(s.alive)
}

func (s *search) spend(evaluations int) { s.work -= evaluations * s.rule.parts() }

// fewest are as few of the records found as tell the same rivals from the rule, those that tell most first, and at most
// some on which it acts and on which it does not.
func (s *search) fewest(most int) ruleCases {
	told := s.told()
	known := make([]bool, len(s.rivals))
	chosen := map[imednet.YesNo][]placed{}
	for taken := make([]bool, len(s.found)); ; {
		best, gain := -1, -1
		for i, one := range s.found {
			n := 0
			for _, rival := range told[i] {
				if !known[rival] {
					n++
				}
			}
			useful := n > 0 || len(chosen[one.acts]) < fewCases
			if !taken[i] && useful && n > gain && len(chosen[one.acts]) < most {
				best, gain = i, n
			}
		}
		if best < 0 {
			found := ruleCases{acting: chosen[imednet.Yes], quiet: chosen[imednet.No], untold: s.untold(known), passed: s.passed}
			for i, r := range s.rivals {
				if !r.early && known[i] {
					found.told++
				} else if !r.early {
					found.same++
				}
			}
			found.same -= len(found.untold)
			return found
		}
		taken[best] = true
		for _, rival := range told[best] {
			known[rival] = true
		}
		chosen[s.found[best].acts] = append(chosen[s.found[best].acts], s.found[best])
	}
}

// untold are the rivals that are not known to be told apart, but for those that differ on no answers that were tried where all
// were that matter and decide each condition. What one does that takes days for their first moments is counted with the other.
func (s *search) untold(known []bool) (all rivals) {
	var undecided []*Element
	if slices.Contains(known, false) {
		undecided = s.undecided()
	}
	for i, r := range s.rivals {
		if !known[i] && !r.early && (!s.same[r] || slices.ContainsFunc(undecided, r.changes)) {
			all = append(all, r)
		}
	}
	return all
}

// undecided are the conditions of the rule that none of some answers from all over decides, where there is no blank, which decides
// many comparisons of what cannot be compared.
func (s *search) undecided() []*Element {
	conditions := s.rule.conditions()
	if conditions == nil {
		return nil
	}
	var left []*Element
	for _, l := range conditions.leaves() {
		left = append(left, l.condition)
	}
	for n := 0; n < decidingTries && len(left) > 0; n++ {
		answers, err := s.all.data(s.all.anyPickWithoutBlanks(s.random))
		if err != nil {
			return nil
		}
		e := s.checker.evaluate(s.form, s.checker.answersOf(s.form, answers))
		left = slices.DeleteFunc(left, func(c *Element) bool { return e.condition(c) != imednet.Unknown })
	}
	return left
}

// told are the rivals that each record tells from the rule.
func (s *search) told() [][]int {
	all := make([][]int, len(s.found))
	for i, one := range s.found {
		scene := s.scene(s.checker.answersOf(s.form, one.left))
		for n, rival := range s.rivals {
			if scene.apart(rival, one.acts) {
				all[i] = append(all[i], n)
			}
		}
	}
	return all
}
