package answers

import (
	"slices"
	"unicode/utf8"
)

// Name is one variable that a Matcher finds, or a key that has a place of its own.
type Name struct {
	Text string
	// Retired gives way to another variable of the very same name that is in use.
	Retired bool
	// Extra is no variable but the exact spelling of a key that no variable declares.
	Extra bool
}

// target is where a key of recordData leads.
type target struct {
	slot  int   // -1: no variable
	exact bool  // spelled as declared
	twins []int // where the key fits several variables that differ in case, and none exactly: theirs
}

// knownSpellings bounds what is remembered; data with more different keys than that are matched
// more slowly, not differently.
const knownSpellings = 10_000

// names finds the slot of a key.
type names struct {
	exact     map[string]int
	folded    map[string][]int
	extra     map[string]int
	spellings map[string]*spelling
	guess     []*spelling // what followed each slot last time: keys come in the same order
	last      int         // place in guess of the key before
}

// spelling is a key as it arrives, and where it leads.
type spelling struct {
	name   string
	key    []byte // the name
	begin  string // usualBegin of the name
	target target
}

func newNames(list []Name) names {
	m := names{
		exact: map[string]int{}, folded: map[string][]int{}, extra: map[string]int{},
		spellings: map[string]*spelling{}, guess: make([]*spelling, len(list)+1),
	}
	for i, n := range list {
		if n.Extra {
			m.extra[n.Text] = i
			continue
		}
		m.declare(i, list)
	}
	return m
}

// declare enters a variable. Of two with the very same name the one in use holds the answers, or
// the first if both are; the other's slot stays empty.
func (m *names) declare(i int, list []Name) {
	name := list[i].Text
	folded := Fold(name)
	if j, taken := m.exact[name]; taken {
		if !list[j].Retired || list[i].Retired {
			return
		}
		m.folded[folded][slices.Index(m.folded[folded], j)] = i
		m.exact[name] = i
		return
	}
	m.exact[name] = i
	m.folded[folded] = append(m.folded[folded], i)
}

// match finds a key. It allocates only for spellings met for the first time.
func (m *names) match(name []byte) *spelling {
	next := m.guess[m.last]
	if next == nil || string(name) != next.name {
		known, ok := m.spellings[string(name)]
		if !ok {
			known = m.resolve(string(name))
		}
		if known.target.slot < 0 {
			return known
		}
		m.guess[m.last], next = known, known
	}
	m.last = next.target.slot + 1
	return next
}

func (m *names) resolve(name string) *spelling {
	s := &spelling{name, []byte(name), usualBegin(name), m.targetOf(name)}
	if len(m.spellings) < knownSpellings {
		m.spellings[name] = s
	}
	return s
}

func (m *names) targetOf(name string) target {
	if !utf8.ValidString(name) {
		return target{slot: -1}
	}
	if i, ok := m.exact[name]; ok {
		return target{slot: i, exact: true}
	}
	switch twins := m.folded[Fold(name)]; len(twins) {
	case 0:
		return target{slot: -1}
	case 1:
		return target{slot: twins[0]}
	default:
		return target{slot: -1, twins: twins}
	}
}
