package audit

import (
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
)

// Kept compares heads that were kept elsewhere with a log while it is read. Each head names an entry,
// which the log must still have.
type Kept struct {
	found *Findings
	open  map[keptPlace][]keptHead // still to be met
	order []keptHead
}

// keptPlace is where a head's entry stands: in the log of a group, such as a study, at a number.
type keptPlace struct {
	group    string
	sequence int64
}

type keptHead struct {
	keptPlace
	hash string
	name string // what the head is kept as; "" for one that was given alone
}

// NewKept returns a comparison that notes what it finds.
func NewKept(found *Findings) *Kept { return &Kept{found: found, open: map[keptPlace][]keptHead{}} }

// Expect adds a head that was given alone. That of an empty log demands nothing.
func (k *Kept) Expect(group string, sequence int64, hash string) { k.expect("", group, sequence, hash) }

func (k *Kept) expect(name, group string, sequence int64, hash string) {
	if sequence == 0 {
		return
	}
	at := keptPlace{group, sequence}
	head := keptHead{at, hash, name}
	k.open[at] = append(k.open[at], head)
	k.order = append(k.order, head)
}

// ExpectAll adds heads of a place. A line that parse cannot read is a fault of the head.
func (k *Kept) ExpectAll(heads []imednet.KeptHead, parse func(line string) (group string, sequence int64, hash string, err error)) {
	for _, h := range heads {
		group, sequence, hash, err := parse(h.Line)
		if err != nil {
			k.found.Add(headPath(h.Name), "%v", err)
			continue
		}
		k.expect(h.Name, group, sequence, hash)
	}
}

// Entry compares an entry of the log with the heads that name it. at is its place in the store.
func (k *Kept) Entry(at, group string, sequence int64, hash string) {
	place := keptPlace{group, sequence}
	heads, named := k.open[place]
	if !named {
		return
	}
	delete(k.open, place)
	for _, h := range heads {
		switch {
		case h.hash == hash:
		case h.name == "":
			k.found.Add(at, "is not the entry of the exported head")
		default:
			k.found.Add(headPath(h.name), "its entry %s is another one in the store: the chain was rebuilt", place)
		}
	}
}

// Outlived forgets the heads of a log without groups whose entries are before one, because the log was cut there in
// order, and returns how many they are.
func (k *Kept) Outlived(before int64) (n int) {
	for at, heads := range k.open {
		if at.group == "" && at.sequence < before {
			delete(k.open, at)
			n += len(heads)
		}
	}
	return n
}

// Missing notes every head whose entry the log did not have, in the order in which they were given.
// what calls the log, and at tells where a head that was given alone is missed.
func (k *Kept) Missing(what string, at func(group string, sequence int64) string) {
	for _, h := range k.order {
		heads := k.open[h.keptPlace]
		if !slices.Contains(heads, h) {
			continue
		}
		if h.name == "" {
			k.found.Add(at(h.group, h.sequence), "the %s ends before the exported head: its tail was cut", what)
		} else {
			k.found.Add(headPath(h.name), "the %s does not have its entry %s: its tail was cut, or an older copy was put in its place", what, h.keptPlace)
		}
	}
}

func (p keptPlace) String() string {
	if p.group == "" {
		return fmt.Sprint(p.sequence)
	}
	return fmt.Sprintf("%d of %s", p.sequence, p.group)
}

func headPath(name string) string { return "heads/" + name }
