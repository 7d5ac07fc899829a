package answers

import "bytes"

// Slot is what a record says for one name. Key and Raw are valid until the next Collect.
type Slot struct {
	Key   []byte // as it arrived
	Raw   []byte // nil when there is nothing, or nothing can be chosen
	State SlotState
}

// SlotState says how a slot was filled.
type SlotState uint8

// The states.
const (
	Vacant    SlotState = iota // the record has no such key
	Folded                     // by a key that differs in case
	Exactly                    // by a key spelled as declared
	Contested                  // several spellings, none of them exact, or one that fits several names: see the strays
)

// Fate says why a value found no slot.
type Fate uint8

// The reasons.
const (
	Undeclared Fate = iota + 1 // no name fits the key, or a better spelling took its place
	Ambiguous                  // the key fits several names, or several keys fit one
	Repeated                   // the same spelling comes again later, and that one counts
)

// Stray is a value that found no slot. Key and Raw are valid until the next Collect.
type Stray struct {
	Key, Raw []byte
	Fate     Fate
}

// Matcher sorts the members of records into one slot a name, without reading values. In the steady
// state it allocates nothing. It is for one goroutine; what its methods return belongs to it.
type Matcher struct {
	names   names
	slots   []Slot
	touched []int
	strays  []Stray
	scan    Scanner
}

// Compile makes a Matcher whose slots are those of the names.
func Compile(list []Name) *Matcher {
	return &Matcher{names: newNames(list), slots: make([]Slot, len(list))}
}

// Slots returns all slots in the order of the names, most of them Vacant as a rule.
func (m *Matcher) Slots() []Slot { return m.slots }

// Touched returns the indexes of the slots that are not Vacant, in no order to rely on.
func (m *Matcher) Touched() []int { return m.touched }

// Strays returns the values without a slot. Null and "" are nothing to note. A slot's key that is
// repeated is here as often as it was overruled; of an undeclared key that is repeated every value
// is here, in the order of arrival.
func (m *Matcher) Strays() []Stray { return m.strays }

// Collect sorts a recordData object. false means that the text is not JSON object.
func (m *Matcher) Collect(object []byte) bool {
	for _, i := range m.touched {
		m.slots[i] = Slot{}
	}
	m.touched, m.strays, m.names.last = m.touched[:0], m.strays[:0], 0
	m.scan.Reset(object)
	for m.scan.Next() {
		t := target{slot: -1}
		if !m.scan.Mangled {
			t = m.names.match(m.scan.Name)
		}
		if t.slot >= 0 {
			m.settle(t)
			continue
		}
		m.contest(t.twins)
		m.stray(m.scan.Name, m.scan.Raw, fateOf(t))
	}
	if m.scan.Broken() {
		return false
	}
	m.placeExtras()
	return true
}

func fateOf(t target) Fate {
	if len(t.twins) > 0 {
		return Ambiguous
	}
	return Undeclared
}

// contest marks the slots without an answer that a key might have been for.
func (m *Matcher) contest(slots []int) {
	for _, i := range slots {
		if m.slots[i].State == Vacant {
			m.touched = append(m.touched, i)
			m.slots[i].State = Contested
		}
	}
}

// settle decides which of several keys for one slot counts: the one spelled as declared; of equal
// spellings the last; of different wrong spellings none.
func (m *Matcher) settle(t target) {
	s := &m.slots[t.slot]
	key, raw := m.scan.Name, m.scan.Raw
	switch {
	case s.State == Vacant:
		m.touched = append(m.touched, t.slot)
	case s.State == Contested && !t.exact:
		m.stray(key, raw, Ambiguous)
		return
	case s.State == Contested:
	case bytes.Equal(s.Key, key):
		m.stray(s.Key, s.Raw, Repeated)
	case t.exact:
		m.stray(s.Key, s.Raw, Undeclared)
	case s.State == Exactly:
		m.stray(key, raw, Undeclared)
		return
	default:
		m.stray(s.Key, s.Raw, Ambiguous)
		m.stray(key, raw, Ambiguous)
		*s = Slot{State: Contested}
		return
	}
	*s = Slot{Key: key, Raw: raw, State: stateOf(t)}
}

func stateOf(t target) SlotState {
	if t.exact {
		return Exactly
	}
	return Folded
}

// stray notes a value without a slot, unless it is nothing to note.
func (m *Matcher) stray(key, raw []byte, fate Fate) {
	if Populated(raw) {
		m.strays = append(m.strays, Stray{key, raw, fate})
	}
}

// placeExtras moves strays into the extra slots that bear their key.
func (m *Matcher) placeExtras() {
	if len(m.names.extra) == 0 {
		return
	}
	kept := m.strays[:0]
	for _, s := range m.strays {
		i, ok := m.names.extra[string(s.Key)]
		if !ok || s.Fate == Repeated {
			kept = append(kept, s)
			continue
		}
		if before := m.slots[i]; before.State == Exactly {
			kept = append(kept, Stray{before.Key, before.Raw, Repeated})
		} else {
			m.touched = append(m.touched, i)
		}
		m.slots[i] = Slot{Key: s.Key, Raw: s.Raw, State: Exactly}
	}
	m.strays = kept
}
