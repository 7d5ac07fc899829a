package imednettest

import (
	"iter"
	"slices"
	"sort"

	"github.com/imednetgo/imednet"
)

// hot holds the attributes that filters ask for most, so that a listing need not look into each
// row's JSON. A zero value means that the row's JSON decides.
type hot struct {
	created, modified                                        int64 // Unix seconds
	recordID, formID, siteID, subjectID, intervalID, visitID int64
	formKey                                                  string
	deleted, deletedKnown                                    bool
}

// base is what a table holds before anybody edits it: generated on demand or loaded. Rows have
// strictly ascending ids.
type base interface {
	len() int
	id(i int) int64
	find(id int64) int // index of the first row with this id or a greater one
	hot(i int) hot
	appendJSON(dst []byte, i int) []byte
}

// sinceFinder is a base that knows from which row on an attribute can reach an instant.
type sinceFinder interface {
	// since returns an index below which every row has attribute < unix; ok is false for
	// attributes of which nothing is known.
	since(attribute string, unix int64) (i int, ok bool)
}

// row is a row that is kept as JSON.
type row struct {
	id  int64
	raw []byte
	hot hot
}

func newRow(id int64, raw []byte) *row { return &row{id: id, raw: raw, hot: hotOf(raw)} }

// hotOf reads the attributes of a row.
func hotOf(raw []byte) hot {
	var h hot
	for m := range members(raw) {
		value := raw[m.start:m.end]
		switch string(m.name) {
		case "dateCreated":
			h.created = unixOf(value)
		case "dateModified":
			h.modified = unixOf(value)
		case "recordId":
			h.recordID = intOf(value)
		case "formId":
			h.formID = intOf(value)
		case "siteId":
			h.siteID = intOf(value)
		case "subjectId":
			h.subjectID = intOf(value)
		case "intervalId":
			h.intervalID = intOf(value)
		case "visitId":
			h.visitID = intOf(value)
		case "formKey":
			h.formKey = textOf(value)
		case "deleted":
			h.deleted, h.deletedKnown = string(value) == "true", string(value) == "true" || string(value) == "false"
		}
	}
	return h
}

// list is a base of rows kept as JSON.
type list []*row

func (l list) len() int       { return len(l) }
func (l list) id(i int) int64 { return l[i].id }
func (l list) hot(i int) hot  { return l[i].hot }
func (l list) find(id int64) int {
	return sort.Search(len(l), func(i int) bool { return l[i].id >= id })
}
func (l list) appendJSON(dst []byte, i int) []byte { return append(dst, l[i].raw...) }

// table is one resource of a study: a base, and what has been edited, added and removed since.
// Its positions 0 to len()-1 are its rows in ascending id.
type table struct {
	resource imednet.Resource
	base     base
	edited   map[int64]*row // instead of the base's row of this id
	added    []*row         // beyond the base, ascending ids
	removed  []int64        // ids of base rows that are gone, ascending
	gone     []int          // their indices in base, ascending
	nextID   int64          // for the next added row
	pending  map[int64]*row // newest state of rows whose last change is not listed yet
	memory   memory         // of scans, until the next change
}

func newTable(resource imednet.Resource, b base) *table {
	t := &table{resource: resource, edited: map[int64]*row{}, pending: map[int64]*row{}}
	t.setBase(b)
	return t
}

// setBase puts another base under the edits, as time travel does.
func (t *table) setBase(b base) {
	t.memory.forget()
	t.base = b
	t.gone = t.gone[:0]
	for _, id := range t.removed {
		if i := b.find(id); i < b.len() && b.id(i) == id {
			t.gone = append(t.gone, i)
		}
	}
	if n := b.len(); n > 0 {
		t.nextID = max(t.nextID, b.id(n-1)+1)
	}
	t.nextID = max(t.nextID, 1)
}

func (t *table) kept() int { return t.base.len() - len(t.gone) }
func (t *table) len() int  { return t.kept() + len(t.added) }

// index turns a position below kept() into an index of the base.
func (t *table) index(pos int) int {
	k := sort.Search(len(t.gone), func(k int) bool { return t.gone[k]-k > pos })
	return pos + k
}

// position turns an index of the base into the position of its row, or of the first after it.
func (t *table) position(index int) int {
	return index - sort.SearchInts(t.gone, index)
}

// find returns the position of the first row with this id or a greater one.
func (t *table) find(id int64) int {
	if i := t.base.find(id); i < t.base.len() {
		if pos := t.position(i); pos < t.kept() {
			return pos
		}
	}
	return t.kept() + sort.Search(len(t.added), func(i int) bool { return t.added[i].id >= id })
}

// at returns where the row of a position is kept: its id, and the row, or the index in base.
func (t *table) at(pos int) (id int64, kept *row, index int) {
	if n := t.kept(); pos >= n {
		r := t.added[pos-n]
		return r.id, r, -1
	}
	index = t.index(pos)
	id = t.base.id(index)
	if len(t.edited) > 0 {
		kept = t.edited[id]
	}
	return id, kept, index
}

func (t *table) hot(pos int) hot {
	_, kept, index := t.at(pos)
	if kept != nil {
		return kept.hot
	}
	return t.base.hot(index)
}

func (t *table) appendJSON(dst []byte, pos int) []byte {
	_, kept, index := t.at(pos)
	if kept != nil {
		return append(dst, kept.raw...)
	}
	return t.base.appendJSON(dst, index)
}

// get returns the JSON of the row with this id.
func (t *table) get(id int64) ([]byte, bool) {
	if !t.lists(id) {
		return nil, false
	}
	return t.appendJSON(nil, t.find(id)), true
}

// latest returns the JSON that an edit of this row starts from: what is listed, or what will be.
func (t *table) latest(id int64) ([]byte, bool) {
	if r, ok := t.pending[id]; ok {
		return r.raw, true
	}
	return t.get(id)
}

// lists reports whether a row is listed.
func (t *table) lists(id int64) bool {
	pos := t.find(id)
	if pos >= t.len() {
		return false
	}
	found, _, _ := t.at(pos)
	return found == id
}

// show lists the newest state of a row whose change was not listed yet.
func (t *table) show(id int64) {
	r, ok := t.pending[id]
	switch {
	case !ok: // removed meanwhile
	case t.lists(id):
		t.put(id, r.raw)
	default:
		t.insert(r)
	}
	delete(t.pending, id)
}

// ofSubject returns the ids of the rows of a subject, listed or not yet, ascending.
func (t *table) ofSubject(subjectID int64) []int64 {
	var ids []int64
	for pos := range t.len() {
		if t.hot(pos).subjectID == subjectID {
			id, _, _ := t.at(pos)
			ids = append(ids, id)
		}
	}
	for id, r := range t.pending {
		if r.hot.subjectID == subjectID && !t.lists(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// put replaces the row of an id that the table has.
func (t *table) put(id int64, raw []byte) {
	t.memory.forget()
	r := newRow(id, raw)
	n := sort.Search(len(t.added), func(i int) bool { return t.added[i].id >= id })
	if n < len(t.added) && t.added[n].id == id {
		t.added[n] = r
		return
	}
	t.edited[id] = r
}

// add appends a row; raw is called with its id.
func (t *table) add(raw func(id int64) []byte) int64 {
	r := t.reserve(raw)
	t.insert(r)
	return r.id
}

// reserve makes a row with the next id, without listing it.
func (t *table) reserve(raw func(id int64) []byte) *row {
	id := t.nextID
	t.nextID++
	return newRow(id, raw(id))
}

// insert lists a reserved row, in its place among the added ones.
func (t *table) insert(r *row) {
	t.memory.forget()
	n := sort.Search(len(t.added), func(i int) bool { return t.added[i].id >= r.id })
	t.added = slices.Insert(t.added, n, r)
}

// remove takes the row of an id out for good.
func (t *table) remove(id int64) {
	t.memory.forget()
	delete(t.pending, id)
	if !t.lists(id) {
		return
	}
	n := sort.Search(len(t.added), func(i int) bool { return t.added[i].id >= id })
	if n < len(t.added) && t.added[n].id == id {
		t.added = slices.Delete(t.added, n, n+1)
		return
	}
	delete(t.edited, id)
	at, _ := slices.BinarySearch(t.removed, id)
	t.removed = slices.Insert(t.removed, at, id)
	i := t.base.find(id)
	at, _ = slices.BinarySearch(t.gone, i)
	t.gone = slices.Insert(t.gone, at, i)
}

// editedBelow lists the positions below limit whose rows were edited, ascending.
func (t *table) editedBelow(limit int) []int {
	var positions []int
	for id := range t.edited {
		if pos := t.find(id); pos < limit && pos < t.kept() {
			if found, _, _ := t.at(pos); found == id {
				positions = append(positions, pos)
			}
		}
	}
	slices.Sort(positions)
	return positions
}

// all yields the rows in ascending id; each row's JSON is its own.
func (t *table) all() iter.Seq2[int64, []byte] {
	return func(yield func(int64, []byte) bool) {
		for pos := range t.len() {
			id, _, _ := t.at(pos)
			if !yield(id, t.appendJSON(nil, pos)) {
				return
			}
		}
	}
}
