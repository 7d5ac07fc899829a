package dictionary

import (
	"cmp"
	"slices"
	"strings"
)

// riddle is to find answers on which a rule and a rival differ. It gives answers to one question after another, those first that
// decide the parts in which they differ, and goes on only where they still may.
type riddle struct {
	*solver
	r           rival
	own, built  *Element // conditions
	part, other *Element // the least parts of them that are not the same
	tables      map[*Element]*table
	may         map[*table]outcomes // for any of the answers
	fixed       pick                // -1 for a question of which the answer is looked for
	values      [][]int             // the places of the answers to each question that are tried
	order       []int               // of the questions
	left        int                 // combinations that may still be tried
	found       int
	cut         bool // whether not all combinations were tried
}

// riddle prepares the search for answers that tell a rival, of which some may be fixed.
func (v *solver) riddle(r rival, fixed pick) *riddle {
	g := &riddle{solver: v, r: r, own: v.rule.conditions(), tables: map[*Element]*table{}, may: map[*table]outcomes{}, left: min(maxNodes, v.nodes)}
	if r.Rule != nil {
		g.built = r.conditions()
		g.part, g.other = g.own, g.built
	}
	if r.Rule != nil && !r.early {
		g.part, g.other = apartFrom(g.own, g.built)
	}
	g.fixed = slices.Clone(fixed)
	if g.fixed == nil {
		g.fixed = slices.Repeat(pick{-1}, len(v.all.questions))
	}
	for i, n := range v.all.own {
		g.values = append(g.values, nil)
		for value := range n {
			g.values[i] = append(g.values[i], value)
		}
	}
	return g
}

// suggest adds answers to try; ok is false if there are none.
func (g *riddle) suggest(texts map[int][]string) (ok bool) {
	for place, all := range texts {
		for _, text := range all {
			g.values[place] = append(g.values[place], g.all.value(place, text))
		}
		ok = ok || len(all) > 0
	}
	return ok
}

// joins reports whether an element joins conditions.
func (e *Element) joins() bool {
	return e.Name == "and" || e.Name == "or" || e.Name == "not" || e.Name == "Conditions"
}

// apartFrom are the least parts of two builds that are not the same elements.
func apartFrom(a, b *Element) (part, other *Element) {
	if a.Name != b.Name || !a.joins() || len(a.Children) != len(b.Children) {
		return a, b
	}
	at := -1
	for i := range a.Children {
		switch {
		case a.Children[i] == b.Children[i]:
		case at >= 0:
			return a, b
		default:
			at = i
		}
	}
	if at < 0 {
		return a, b
	}
	return apartFrom(a.Children[at], b.Children[at])
}

// table is that of a condition of the rule or of the rival.
func (g *riddle) table(condition *Element, built bool) *table {
	early := built && g.r.early
	if _, own := g.numbers[condition]; own {
		kept := g.kept[0]
		if early {
			kept = g.kept[1]
		}
		if kept[condition] == nil {
			kept[condition] = g.search.table(condition, early)
		}
		return kept[condition]
	}
	if g.tables[condition] == nil {
		g.tables[condition] = g.search.table(condition, early)
	}
	return g.tables[condition]
}

// allTables are those of both builds, those of the parts that differ first.
func (g *riddle) allTables() (all []*table) {
	add := func(e *Element, built bool) {
		for _, l := range e.leaves() {
			if t := g.table(l.condition, built); !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	add(g.part, false)
	add(g.other, true)
	add(g.own, false)
	if g.r.early {
		add(g.built, true)
	}
	return all
}

// solve yields combinations on which the builds differ until enough are found, or no more are wanted.
func (g *riddle) solve(wanted func(pick) bool) {
	all := g.allTables()
	g.order = g.placesOf(g.part, g.other)
	own := len(g.order)
	for _, t := range fewestPlacesFirst(all) { // so that what one answer rules out is known before others are tried with it
		for _, place := range t.places {
			if g.fixed[place] < 0 && !slices.Contains(g.order, place) {
				g.order = append(g.order, place)
			}
		}
	}
	for _, place := range g.order {
		g.values[place] = g.different(place, all)
	}
	slices.SortStableFunc(g.order[:own], func(a, b int) int { return cmp.Compare(len(g.values[a]), len(g.values[b])) })
	for _, t := range all {
		g.may[t] = g.mayBe(t)
	}
	g.step(0, slices.Clone(g.fixed), wanted)
	g.nodes -= min(maxNodes, g.nodes) - max(0, g.left)
}

func fewestPlacesFirst(tables []*table) []*table {
	return slices.SortedStableFunc(slices.Values(tables), func(a, b *table) int { return cmp.Compare(len(a.places), len(b.places)) })
}

// placesOf are the questions of which the answers are looked for and that decide the parts that differ.
func (g *riddle) placesOf(part, other *Element) (places []int) {
	for built, e := range []*Element{part, other} {
		for _, l := range e.leaves() {
			for _, place := range g.table(l.condition, built == 1).places {
				if g.fixed[place] < 0 && !slices.Contains(places, place) {
					places = append(places, place)
				}
			}
		}
	}
	return places
}

// different are the answers to a question without those that are the same as another to every condition.
func (g *riddle) different(place int, all []*table) (different []int) {
	signs := make([]strings.Builder, len(g.values[place]))
	for _, t := range all {
		if !slices.Contains(t.places, place) {
			continue
		}
		for p := range g.rows(t, place) {
			if p == nil {
				return g.values[place] // too many to find out
			}
			for i, value := range g.values[place] {
				p[place] = value
				o, _ := g.at(t, p)
				signs[i].WriteByte(byte('0' + o))
			}
		}
	}
	seen := map[string]bool{}
	for i, value := range g.values[place] {
		if sign := signs[i].String(); !seen[sign] {
			seen[sign] = true
			different = append(different, value)
		}
	}
	return different
}

// rows are the combinations of answers to the other questions of a condition, or nil alone if there are too many.
func (g *riddle) rows(t *table, place int) func(func(pick) bool) {
	return func(yield func(pick) bool) {
		others := slices.DeleteFunc(slices.Clone(t.places), func(i int) bool { return i == place || g.fixed[i] >= 0 })
		total := len(g.values[place])
		for _, i := range others {
			total = min(total*len(g.values[i]), maxOthers+1)
		}
		if total > maxOthers {
			yield(nil)
			return
		}
		total /= max(1, len(g.values[place]))
		for n := range total {
			p := slices.Clone(g.fixed)
			for _, i := range others {
				p[i] = g.values[i][n%len(g.values[i])]
				n /= len(g.values[i])
			}
			if !yield(p) {
				return
			}
		}
	}
}

// mayBe is what a condition may come to, as far as that is found out by one question.
func (g *riddle) mayBe(t *table) (all outcomes) {
	if len(t.places) != 1 || g.fixed[t.places[0]] >= 0 {
		if len(t.places) == 0 {
			all, _ = g.at(t, g.fixed)
			return all
		}
		return anyOutcome
	}
	p := slices.Clone(g.fixed)
	for _, value := range g.values[t.places[0]] {
		p[t.places[0]] = value
		o, _ := g.at(t, p)
		all |= o
	}
	return all
}

// step gives answers to the questions from one on. It returns false where no more are wanted.
func (g *riddle) step(n int, p pick, wanted func(pick) bool) (more bool) {
	if g.left--; g.left < 0 || g.work <= 0 {
		g.cut = true
		return false
	}
	g.spend(1)
	if !g.r.early {
		if a, b := g.outcomes(g.part, p, false), g.outcomes(g.other, p, true); a == b && a.certain() {
			return true
		}
	}
	own, built := g.outcomes(g.own, p, false), g.outcomes(g.built, p, true)
	if !own.mayTell(built, g.r) {
		return true
	}
	if n == len(g.order) || own.certain() && built.certain() {
		g.found++
		if g.cut = g.cut || g.found == maxSolutions; g.cut {
			return wanted(g.whole(p)) && false
		}
		return wanted(g.whole(p))
	}
	place := g.order[n]
	for _, value := range g.values[place] {
		p[place] = value
		if !g.step(n+1, p, wanted) {
			p[place] = -1
			return false
		}
	}
	p[place] = -1
	return true
}

// whole is a combination with answers to the questions that do not matter: the first, and once one was found any.
func (g *riddle) whole(p pick) pick {
	whole := slices.Clone(p)
	for i := range whole {
		switch {
		case whole[i] >= 0:
		case g.found <= 1:
			whole[i] = 0
		default:
			whole[i] = g.random.IntN(len(g.all.values[i]))
		}
	}
	return whole
}

// outcomes are what a condition may come to with the answers so far.
func (g *riddle) outcomes(c *Element, p pick, built bool) outcomes {
	switch {
	case !c.joins():
		t := g.table(c, built)
		if o, ok := g.at(t, p); ok {
			return o
		}
		return g.may[t]
	case !c.understood() || len(c.Children) == 0:
		return mayBeUndecided
	}
	all := mayHold
	for _, child := range c.Children {
		o := g.outcomes(child, p, built)
		if c.Name == "or" {
			o = o.negated()
		}
		all = all.and(o)
	}
	switch {
	case c.Name == "not" && len(c.Children) > 1:
		return all.negated() | mayBeUndecided
	case c.Name == "or" || c.Name == "not":
		return all.negated()
	}
	return all
}
