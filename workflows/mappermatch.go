package workflows

import "bytes"

// keyTarget is where a key of recordData leads within a form.
type keyTarget struct {
	column    int  // -1: no variable
	exact     bool // spelled as declared
	ambiguous bool // the key fits several variables that differ in case, and none exactly
}

// knownSpellings bounds what a matcher remembers; data with more different keys than that are
// matched more slowly, not differently.
const knownSpellings = 10_000

// keyMatcher finds the column of a key. Names match whatever their case, because endpoints
// differ in the case they use (API contract, section 4.8); an exact match wins.
type keyMatcher struct {
	exact     map[string]int
	folded    map[string]int // -1: several variables
	extra     map[string]int
	spellings map[string]*spelling
	guess     []*spelling // what followed each column last time: keys come in the same order
	last      int         // place in guess of the key before
}

// spelling is a key as it arrives, and where it leads.
type spelling struct {
	name   string
	target keyTarget
}

func newKeyMatcher(columns []Column) *keyMatcher {
	m := &keyMatcher{
		exact: map[string]int{}, folded: map[string]int{}, extra: map[string]int{},
		spellings: map[string]*spelling{}, guess: make([]*spelling, len(columns)+1),
	}
	for i, c := range columns {
		if c.Extra {
			m.extra[c.Name] = i
			continue
		}
		m.declare(i, columns)
	}
	return m
}

// declare enters a variable. Of two with the very same name the one in use holds the answers, or
// the first if both are; the other column stays null.
func (m *keyMatcher) declare(i int, columns []Column) {
	name := columns[i].Name
	if j, taken := m.exact[name]; taken {
		if !columns[j].Retired || columns[i].Retired {
			return
		}
		if m.folded[foldKey(name)] == j {
			m.folded[foldKey(name)] = i
		}
		m.exact[name] = i
		return
	}
	m.exact[name] = i
	if _, taken := m.folded[foldKey(name)]; taken {
		m.folded[foldKey(name)] = -1
		return
	}
	m.folded[foldKey(name)] = i
}

// begin starts a record.
func (m *keyMatcher) begin() { m.last = 0 }

// match returns where a key leads. It allocates only for spellings met for the first time.
func (m *keyMatcher) match(name []byte) keyTarget {
	next := m.guess[m.last]
	if next == nil || string(name) != next.name {
		known, ok := m.spellings[string(name)]
		if !ok {
			known = m.resolve(string(name))
		}
		if known.target.column < 0 {
			return known.target
		}
		m.guess[m.last], next = known, known
	}
	m.last = next.target.column + 1
	return next.target
}

func (m *keyMatcher) resolve(name string) *spelling {
	target := keyTarget{column: -1}
	if i, ok := m.exact[name]; ok {
		target = keyTarget{column: i, exact: true}
	} else if i, ok := m.folded[foldKey(name)]; ok {
		target = keyTarget{column: i, ambiguous: i < 0}
	}
	s := &spelling{name, target}
	if len(m.spellings) < knownSpellings {
		m.spellings[name] = s
	}
	return s
}

// slot holds what a record says for one column, until the whole record is read.
type slot struct {
	key, raw []byte
	state    slotState
}

type slotState uint8

const (
	slotEmpty slotState = iota
	slotFolded
	slotExact
	slotContested // several spellings, none of them exact
)

// stray is a value that found no column of its own.
type stray struct {
	key, raw []byte
	reason   Reason
}

// answers sorts the members of one record into the columns of a form, without reading values.
type answers struct {
	matcher *keyMatcher
	slots   []slot
	touched []int
	strays  []stray
	scan    memberScanner
}

func newAnswers(columns []Column) *answers {
	return &answers{matcher: newKeyMatcher(columns), slots: make([]slot, len(columns))}
}

// collect sorts a recordData object. Its result is valid until the next call. false means that
// the text is no JSON object.
func (a *answers) collect(object []byte) bool {
	for _, i := range a.touched {
		a.slots[i] = slot{}
	}
	a.touched, a.strays = a.touched[:0], a.strays[:0]
	a.matcher.begin()
	a.scan.reset(object)
	for a.scan.next() {
		target := a.matcher.match(a.scan.name)
		if target.column < 0 {
			a.stray(a.scan.name, a.scan.raw, undeclaredReason(target))
			continue
		}
		a.settle(target)
	}
	if a.scan.broken {
		return false
	}
	a.placeExtras()
	return true
}

func undeclaredReason(t keyTarget) Reason {
	if t.ambiguous {
		return ReasonAmbiguous
	}
	return ReasonUndeclared
}

// settle decides which of several keys for one column counts: the one spelled as declared; of
// equal spellings the last, as imednet.RecordData.Get has it; of different wrong spellings none.
func (a *answers) settle(t keyTarget) {
	s := &a.slots[t.column]
	state := slotFolded
	if t.exact {
		state = slotExact
	}
	switch {
	case s.state == slotEmpty:
		a.touched = append(a.touched, t.column)
	case s.state == slotContested && !t.exact:
		a.stray(a.scan.name, a.scan.raw, ReasonAmbiguous)
		return
	case s.state == slotContested:
	case bytes.Equal(s.key, a.scan.name):
		a.stray(s.key, s.raw, ReasonRepeated)
	case t.exact:
		a.stray(s.key, s.raw, ReasonUndeclared)
	case s.state == slotExact:
		a.stray(a.scan.name, a.scan.raw, ReasonUndeclared)
		return
	default:
		a.stray(s.key, s.raw, ReasonAmbiguous)
		a.stray(a.scan.name, a.scan.raw, ReasonAmbiguous)
		*s = slot{state: slotContested}
		return
	}
	*s = slot{key: a.scan.name, raw: a.scan.raw, state: state}
}

// stray notes a value without a column; what is no answer is nothing to note.
func (a *answers) stray(key, raw []byte, reason Reason) {
	if populated(raw) {
		a.strays = append(a.strays, stray{key, raw, reason})
	}
}

// placeExtras moves strays into the extra columns that bear their key.
func (a *answers) placeExtras() {
	if len(a.matcher.extra) == 0 {
		return
	}
	kept := a.strays[:0]
	for _, s := range a.strays {
		i, ok := a.matcher.extra[string(s.key)]
		if !ok || s.reason == ReasonRepeated {
			kept = append(kept, s)
			continue
		}
		if before := a.slots[i]; before.state == slotExact {
			kept = append(kept, stray{before.key, before.raw, ReasonRepeated})
		} else {
			a.touched = append(a.touched, i)
		}
		a.slots[i] = slot{key: s.key, raw: s.raw, state: slotExact}
	}
	a.strays = kept
}
