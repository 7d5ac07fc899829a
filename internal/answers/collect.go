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
	usual   []*spelling // the keys with which the last record began, each of which was the only one for its slot
	ordered bool        // all keys of the record at hand were such so far
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
	m.scan.Reset(object)
	m.strays = m.strays[:0]
	for more := m.repeatUsual(); more; more = m.scan.Next() {
		m.sort()
	}
	if m.scan.Broken() {
		m.forgetUsual()
		return false
	}
	m.placeExtras()
	return true
}

// repeatUsual fills slots as long as keys come as they did in the last record, as those of one form nearly always
// do. It vacates the other slots and reports whether the scanner stands at a member that is none of these.
func (m *Matcher) repeatUsual() (more bool) {
	n := 0
	for ; n < len(m.usual); n++ {
		if !m.scan.nextUsual(m.usual[n].begin) {
			if more = m.scan.Next(); !more || string(m.scan.Name) != m.usual[n].name || m.scan.Mangled {
				break
			}
		}
		m.slots[m.touched[n]].Raw = m.scan.Raw
	}
	for _, i := range m.touched[n:] {
		m.slots[i] = Slot{}
	}
	complete := n == len(m.usual)
	m.usual, m.touched, m.names.last, m.ordered = m.usual[:n], m.touched[:n], 0, true
	if n > 0 {
		m.names.last = m.touched[n-1] + 1
	}
	if complete {
		return m.scan.Next()
	}
	return more
}

// forgetUsual is for records whose slots depend on more than one key: the next is sorted member by member.
func (m *Matcher) forgetUsual() { m.usual, m.ordered = m.usual[:0], false }

// sort finds the place of the member at hand.
func (m *Matcher) sort() {
	var twins []int
	if !m.scan.Mangled {
		s := m.names.match(m.scan.Name)
		if s.target.slot >= 0 {
			m.settle(s)
			return
		}
		twins = s.target.twins
	}
	m.ordered = false
	m.contest(twins)
	m.stray(m.scan.Name, m.scan.Raw, fateOf(twins))
}

func fateOf(twins []int) Fate {
	if len(twins) > 0 {
		return Ambiguous
	}
	return Undeclared
}

// contest marks the slots without an answer that a key might have been for.
func (m *Matcher) contest(slots []int) {
	if len(slots) > 0 {
		m.forgetUsual()
	}
	for _, i := range slots {
		if m.slots[i].State == Vacant {
			m.touched = append(m.touched, i)
			m.slots[i].State = Contested
		}
	}
}

// settle decides which of several keys for one slot counts: the one spelled as declared; of equal
// spellings the last; of different wrong spellings none.
func (m *Matcher) settle(known *spelling) {
	t := known.target
	s := &m.slots[t.slot]
	if s.State == Vacant {
		m.touched = append(m.touched, t.slot)
		if m.ordered {
			m.usual = append(m.usual, known)
		}
		*s = Slot{Key: known.key, Raw: m.scan.Raw, State: stateOf(t)}
		return
	}
	m.forgetUsual()
	key, raw := known.key, m.scan.Raw
	switch {
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
