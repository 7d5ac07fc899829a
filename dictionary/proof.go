package dictionary

import (
	"iter"
	"math/big"
	"slices"

	"github.com/imednetgo/imednet"
)

const (
	maxProofSteps = 60_000  // that are taken to find out about one rival
	maxRuleProofs = 600_000 // and about all of a rule
	maxPaths      = 4_000   // ways on which the conditions of a rule and a rival can be decided
)

// verdict is what was found out about a rival.
type verdict uint8

// The verdicts.
const (
	notProved  verdict = iota
	sameBuild          // it does what the rule does on every record that the study can hold
	otherBuild         // it does something else on a record that was found
)

// proof finds out whether a rule and a rival differ on any record. It follows each way on which the conditions of both can be
// decided: with each answer, or class of answers, where there are few, and else with what the comparisons on the way demand of
// numbers, dates and times. A rival that differs on none of the ways is the same build. Answers are those that the questions take,
// without white space around them, and dates with all parts.
type proof struct {
	*search
	algebra
	r                       rival
	own, built, part, other *Element
	tables                  map[*Element]*table
	solved                  map[int]bool // questions of which the answers are found by what is demanded of them
	classes                 map[int]classesOf
	steps                   int
	unable                  bool // whether something was met that no proof is about

	way     []decision
	at      int // the number of decisions that were taken on the way so far
	answers pick
	blank   map[int]imednet.YesNo
	timed   map[int]bool
	signs   map[string]sign
	known   map[*unknown]bool // of which is demanded what the answer has to be
	squares map[string]bool
	demands demands
	dead    bool // whether no record is on this way
}

// decision is one of several possibilities; signs are those that a sum may have.
type decision struct {
	taken, possible int
	signs           []sign
}

// classesOf are answers of which there is one for each that matters; whole is false if not all are known that do.
type classesOf struct {
	values []int
	whole  bool
}

// sign are the signs that a sum may have.
type sign uint8

const (
	below sign = 1 << iota
	atZero
	above

	anySign = below | atZero | above
)

func (s sign) turned() sign { return s&atZero | s&below<<2 | s&above>>2 }

// proving yields combinations of answers that tell rivals that are left from the rule, and finds out which are the same build.
func (s *search) proving() iter.Seq[pick] {
	return func(yield func(pick) bool) {
		left := maxRuleProofs
		for _, r := range s.alive {
			if r.early || s.tried[r] || !slices.Contains(s.alive, r) || s.rule.conditions() == nil || left <= 0 {
				continue
			}
			s.tried[r] = true
			p := s.proof(r)
			found, about := p.find()
			left -= p.steps
			switch {
			case about == sameBuild:
				s.same[r] = true
				s.alive = slices.DeleteFunc(slices.Clone(s.alive), func(other rival) bool { return other == r })
			case about == otherBuild && !yield(found):
				return
			}
		}
	}
}

func (s *search) proof(r rival) *proof {
	p := &proof{search: s, algebra: algebra{named: map[string]*unknown{}}, r: r, own: s.rule.conditions(), built: r.conditions(), tables: map[*Element]*table{}, classes: map[int]classesOf{}}
	p.part, p.other = apartFrom(p.own, p.built)
	p.solved = p.solvable()
	return p
}

// find is a combination of answers on which the rule and the rival differ, or that there is none, or that neither was found out.
func (p *proof) find() (pick, verdict) {
	sure := true
	for n := 0; ; n++ {
		if p.steps > maxProofSteps || n > maxPaths {
			return nil, notProved
		}
		if p.follow() {
			found, ok, known := p.record()
			if ok {
				return found, otherBuild
			}
			sure = sure && known
		}
		if !p.turn() {
			break
		}
	}
	if p.unable || !sure {
		return nil, notProved
	}
	return nil, sameBuild
}

// turn goes back to the last decision that has another possibility; ok is false if there is none.
func (p *proof) turn() (ok bool) {
	for n := len(p.way) - 1; n >= 0; n-- {
		if p.way[n].taken++; p.way[n].taken < p.way[n].possible {
			p.way = p.way[:n+1]
			return true
		}
	}
	return false
}

// follow goes one way, and reports whether the rule and the rival differ on it.
func (p *proof) follow() bool {
	p.at, p.dead, p.demands = 0, false, nil
	p.answers = slices.Repeat(pick{-1}, len(p.all.questions))
	p.blank, p.timed, p.signs = map[int]imednet.YesNo{}, map[int]bool{}, map[string]sign{}
	p.known, p.squares = map[*unknown]bool{}, map[string]bool{}
	if a, b := p.condition(p.part), p.condition(p.other); a == b || p.dead {
		return false
	}
	own, built := outcomeOf(p.condition(p.own)), outcomeOf(p.condition(p.built))
	return !p.dead && own.mayTell(built, p.r)
}

// decide takes one of some possibilities.
func (p *proof) decide(possible int) int { return p.decision(possible, nil).taken }

// decision is that of which it is the turn on the way; a new one takes the first possibility.
func (p *proof) decision(possible int, signs []sign) decision {
	p.steps++
	if possible == 0 {
		p.dead = true
		return decision{}
	}
	if p.at == len(p.way) {
		p.way = append(p.way, decision{0, possible, signs})
	}
	p.at++
	return p.way[p.at-1]
}

// answer decides on the answer to a question of which all classes are tried.
func (p *proof) answer(place int) {
	if p.answers[place] >= 0 || p.dead {
		return
	}
	c := p.class(place)
	p.unable = p.unable || !c.whole
	if n := p.decide(len(c.values)); !p.dead {
		p.answers[place] = c.values[n]
	}
}

// ask decides on the answers to all questions that decide a condition or operand; ok is false if the answer to one is solved.
func (p *proof) ask(places []int) (ok bool) {
	for _, place := range places {
		if p.solved[place] {
			p.unable = true
			return false
		}
		p.answer(place)
	}
	return !p.dead
}

// isBlank decides whether a solved question has no answer.
func (p *proof) isBlank(place int) bool {
	if p.blank[place] == imednet.Unknown {
		p.blank[place] = imednet.YesNoOf(p.decide(2) == 1)
	}
	return p.blank[place] == imednet.Yes
}

// has decides whether the sign of a sum is one of some.
func (p *proof) has(l *linear, some sign) bool {
	if l.isConstant() {
		return some&signOf(l.constant) != 0
	}
	lead := l.addends[0].with
	l = l.times(new(big.Rat).Inv(lead))
	if lead.Sign() < 0 {
		some = some.turned()
	}
	key := l.key()
	may, known := p.signs[key]
	if !known {
		may = anySign
	}
	if may&some == 0 || may&^some == 0 || p.dead {
		return may&some != 0
	}
	p.know(l)
	var possible []sign
	if p.at == len(p.way) {
		possible = p.possible(l, may, some)
	}
	d := p.decision(max(len(possible), min(1, len(p.way)-p.at)), possible)
	if p.dead {
		return false
	}
	is := d.signs[d.taken]
	p.signs[key], p.demands = is, append(p.demands, demandOn(l, is))
	return is&some != 0
}

// possible are the signs of a sum that what is demanded so far permits, in parts of which each is one demand more.
func (p *proof) possible(l *linear, may, some sign) (possible []sign) {
	for _, s := range parts(may, some) {
		all := append(slices.Clip(p.demands), demandOn(l, s))
		p.steps += len(all)
		if all.mayBeMet() {
			possible = append(possible, s)
		}
	}
	return possible
}

// parts are the signs that are some of those asked for, and the others, each as one demand says it.
func parts(may, some sign) (all []sign) {
	for _, s := range []sign{may & some, may &^ some} {
		if s == below|above {
			all = append(all, below, above)
			continue
		}
		all = append(all, s)
	}
	return all
}

func demandOn(l *linear, s sign) demand {
	switch s {
	case atZero:
		return demand{l, exactlyZero}
	case above:
		return demand{l, aboveZero}
	case above | atZero:
		return demand{l, atLeastZero}
	case below:
		return demand{l.times(minusOne), aboveZero}
	}
	return demand{l.times(minusOne), atLeastZero}
}

func signOf(n *big.Rat) sign {
	switch n.Sign() {
	case 0:
		return atZero
	case 1:
		return above
	}
	return below
}
