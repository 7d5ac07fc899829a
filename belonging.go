package imednet

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/answers"
)

// identity holds what others use to name a form or a subject. An id of 0 or a blank key does not
// count.
type identity struct {
	id  int64
	key string
}

func newIdentity(id int64, key string) identity {
	if IsMissing(key) {
		key = ""
	}
	return identity{id, key}
}

// compareIdentities orders by id, then by key; identities without an id come last.
func compareIdentities(a, b identity) int {
	return cmp.Or(boolNumber(a.id == 0)-boolNumber(b.id == 0), cmp.Compare(a.id, b.id), strings.Compare(a.key, b.key))
}

// several represents more than one place.
const several = -1

// belonging is the single rule that determines what a row belongs to. Its results are indexes into
// the list from which it was built.
type belonging struct {
	list   []identity
	pairs  map[identity]int // those with both
	ids    map[int64]int
	keys   map[string]int
	folded map[string]bool // keys in any case
	// keyDecides is true if the key decides when nothing has the row's id.
	keyDecides bool
}

func newBelonging(list []identity, keyDecides bool) *belonging {
	b := &belonging{
		list: list, keyDecides: keyDecides, pairs: make(map[identity]int, len(list)), ids: make(map[int64]int, len(list)),
		keys: make(map[string]int, len(list)), folded: make(map[string]bool, len(list)),
	}
	for at, who := range list {
		if who.id != 0 {
			enter(b.ids, who.id, at)
		}
		if who.key != "" {
			enter(b.keys, who.key, at)
			b.folded[answers.Fold(who.key)] = true
		}
		if who.id != 0 && who.key != "" {
			b.pairs[who] = at
		}
	}
	return b
}

// enter records the place of a name, or that it has several.
func enter[K comparable](places map[K]int, name K, at int) {
	if known, taken := places[name]; taken && known != at {
		at = several
	}
	places[name] = at
}

// find returns the place of what a row belongs to, and false if it belongs to nothing. The kind is
// empty if id and key agree.
func (b *belonging) find(row identity) (at int, kind ContradictionKind, found bool) {
	if row == (identity{}) {
		return 0, NothingNamed, false
	}
	if at, agreed := b.pairs[row]; agreed {
		return at, "", true
	}
	at, known := b.ids[row.id]
	switch {
	case !known:
		return b.findByKey(row)
	case at == several:
		return 0, IDAmbiguous, false
	}
	return at, b.doubt(at, row.key), true
}

// doubt returns how a row's key contradicts the place of its id, which has another key.
func (b *belonging) doubt(at int, key string) ContradictionKind {
	if key == "" {
		return ""
	}
	if _, named := b.keys[key]; named {
		return IDAndKeyDisagree
	}
	if own := b.list[at].key; own == "" || answers.Same(own, key) {
		return ""
	}
	return KeyUnknown
}

// findByKey handles rows whose id is missing or belongs to nothing.
func (b *belonging) findByKey(row identity) (at int, kind ContradictionKind, found bool) {
	at, known := b.keys[row.key]
	switch {
	case !known && b.inOtherCase(row.key):
		return 0, KeyInOtherCase, false
	case !known:
		return 0, NothingKnown, false
	case at == several:
		return 0, KeyAmbiguous, false
	case row.id == 0 || b.list[at].id == 0:
		return at, "", true
	}
	return at, IDUnknown, b.keyDecides
}

func (b *belonging) inOtherCase(key string) bool {
	var buffer [64]byte
	return key != "" && b.folded[string(answers.AppendFold(buffer[:0], key))]
}

// contradiction describes what find reported about a row.
func (b *belonging) contradiction(of Resource, kind ContradictionKind, row identity) Contradiction {
	if kind == "" {
		return Contradiction{}
	}
	c := Contradiction{Kind: kind, Of: of, ID: row.id, Key: row.key}
	if at, known := b.ids[row.id]; known && at != several {
		c.KeyOfID = b.list[at].key
	}
	if at, known := b.keys[row.key]; known && at != several {
		c.IDOfKey = b.list[at].id
	}
	if of == Subjects {
		c.Key, c.KeyOfID = "", ""
	}
	return c
}

// listed reports the contradictions within the list; again holds those that were listed twice.
func (b *belonging) listed(of Resource, again []identity) []Contradiction {
	var all []Contradiction
	report := func(kind ContradictionKind, who identity) {
		c := b.contradiction(of, kind, who)
		c.Row, c.RowID = of, who.id
		all = append(all, c)
	}
	for _, who := range again {
		report(ListedTwice, who)
	}
	for _, who := range b.list {
		if who == (identity{}) {
			report(NothingNamed, who)
		}
		if who.id != 0 && b.ids[who.id] == several {
			report(IDShared, who)
		}
		if who.key != "" && b.keys[who.key] == several {
			report(KeyShared, who)
		}
	}
	return all
}

// unique keeps the newest row of each identity, sorted by identity; again lists the identities that
// occurred more than once. Rows without an identity are all kept.
func unique[T any, P modelOf[T]](rows []T, of func(*T) identity, newer func(a, b *T) int) (kept []T, again []identity) {
	places := make(map[identity]int, len(rows))
	twice := map[identity]bool{}
	for i := range rows {
		who := of(&rows[i])
		at, taken := places[who]
		switch {
		case !taken || who == (identity{}):
			places[who] = len(kept)
			kept = append(kept, rows[i])
			continue
		case !twice[who]:
			twice[who] = true
			again = append(again, who)
		}
		if cmp.Or(newer(&rows[i], &kept[at]), compareJSON[T, P](&rows[i], &kept[at])) > 0 {
			kept[at] = rows[i]
		}
	}
	slices.SortFunc(kept, func(a, b T) int {
		if c := compareIdentities(of(&a), of(&b)); c != 0 {
			return c
		}
		return compareJSON[T, P](&a, &b)
	})
	slices.SortFunc(again, compareIdentities)
	return kept, again
}

// compareJSON orders rows that are otherwise indistinguishable, so that no result depends on the
// order of a listing.
func compareJSON[T any, P modelOf[T]](a, b *T) int {
	x, _ := Encode[T, P](*a)
	y, _ := Encode[T, P](*b)
	return slices.Compare(x, y)
}

// compareEdition orders two rows with the same identity by revision, then by time of modification.
func compareEdition(revisionA, revisionB Opt[int64], modifiedA, modifiedB Opt[Time]) int {
	at := func(t Opt[Time]) time.Time { return t.Or(Time{}).Time }
	return cmp.Or(cmp.Compare(revisionA.Or(0), revisionB.Or(0)), at(modifiedA).Compare(at(modifiedB)))
}
