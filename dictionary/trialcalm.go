package dictionary

import (
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/imednetgo/imednet"
)

// maxCalming bounds the conditions that are evaluated to calm several rules at once, for the base of a form and for each rule.
const maxCalming = 60_000

// together changes several answers at once that the rule does not read, so that fewer rules hide what it does, where no change
// of one answer does that. It goes towards answers on which none of the rules that read these questions acts. It returns nil if
// that is not found.
func (p *planner) together(rule *Rule, d draft, hiding []*Rule) (draft, []*Rule) {
	quiet, free := p.entangled(rule, hiding)
	if len(hiding) == 0 || len(free) == 0 {
		return nil, nil
	}
	random := newRandom()
	p.calming-- // so that all ends
	at, distance := d, p.unrest(quiet, d)
	for p.calming > 0 {
		if distance == 0 {
			if _, left := p.look(rule, at); len(left) < len(hiding) {
				return at, left
			}
		}
		next, least := p.calmest(quiet, free, at)
		if least < distance {
			at, distance = next, least
			continue
		}
		at = p.stirred(free, at, random)
		distance = p.unrest(quiet, at)
	}
	return nil, nil
}

// entangled are the rules that have to be quiet together, because they read questions of one another, and the questions that
// may be answered otherwise for that.
func (p *planner) entangled(rule *Rule, hiding []*Rule) (quiet []*Rule, free []string) {
	quiet = slices.Clone(hiding)
	for n := 0; n < len(quiet); n++ {
		for _, q := range p.reads[quiet[n]] {
			if slices.Contains(p.reads[rule], q) || slices.Contains(free, q.Name) || len(p.values[q.Name]) == 0 {
				continue
			}
			free = append(free, q.Name)
			for _, other := range p.checker.rules[p.form.Key] {
				if other != rule && slices.Contains(p.reads[other], q) && !slices.Contains(quiet, other) && other.outcome().Refuses {
					quiet = append(quiet, other)
				}
			}
		}
	}
	return quiet, free
}

// unrest is how far answers are from those on which rules are quiet.
func (p *planner) unrest(quiet []*Rule, d draft) (sum int) {
	for _, r := range quiet {
		if conditions := r.conditions(); conditions != nil {
			sum += p.checker.evaluate(p.form, p.answersIn(d)).distance(conditions, imednet.No)
		}
	}
	return sum
}

// answersIn finds the answers of a draft.
func (p *planner) answersIn(d draft) answerFinder {
	return func(question string) (imednet.Value, int) {
		q, _ := p.form.Question(question)
		value, answered := d[question]
		switch {
		case p.checker.unused[q]:
			return imednet.Value{}, notAsked
		case !answered || value == "null":
			return imednet.Value{}, 0
		}
		return imednet.NewValue([]byte(value)), 1
	}
}

// calmest changes the one answer that comes closest.
func (p *planner) calmest(quiet []*Rule, free []string, d draft) (best draft, least int) {
	least = p.unrest(quiet, d)
	for _, name := range free {
		for _, value := range p.values[name] {
			next := d.with(draft{name: value})
			p.calming -= len(quiet)
			if n := p.unrest(quiet, next); n < least {
				best, least = next, n
			}
		}
	}
	return best, least
}

// stirred changes some answers to any.
func (p *planner) stirred(free []string, d draft, random *rand.Rand) draft {
	next := maps.Clone(d)
	for range min(maxJump, len(free)) {
		name := free[random.IntN(len(free))]
		next[name] = p.values[name][random.IntN(len(p.values[name]))]
	}
	return next
}
