package rest

import (
	"encoding/binary"
	"slices"
	"sort"
)

// idList is a list of ascending ids in a byte or two each: a listing of millions of rows must not be held
// as numbers only to be compared with a count.
type idList struct {
	blocks []idBlock
	last   int64
	rows   int
}

// idBlock is a run of ids: the first, and the distance of each further one from the one before it.
type idBlock struct {
	first int64
	steps []byte
	rows  int
}

// blockRows bounds how many ids are decoded to find one.
const blockRows = 512

// add appends an id, which is greater than every one before it.
func (l *idList) add(id int64) {
	end := len(l.blocks) - 1
	if end < 0 || l.blocks[end].rows == blockRows {
		if end >= 0 {
			l.blocks[end].steps = slices.Clip(slices.Clone(l.blocks[end].steps))
		}
		l.blocks = append(l.blocks, idBlock{first: id, rows: 1})
	} else {
		b := &l.blocks[end]
		b.steps = binary.AppendUvarint(b.steps, uint64(id-l.last))
		b.rows++
	}
	l.last = id
	l.rows++
}

// at returns the id at a place, counted from 0.
func (l *idList) at(place int) int64 {
	return l.blocks[place/blockRows].until(func(i int, _ int64) bool { return i == place%blockRows })
}

// has reports whether an id is in the list.
func (l *idList) has(id int64) bool {
	after := sort.Search(len(l.blocks), func(i int) bool { return l.blocks[i].first > id })
	return after > 0 && l.blocks[after-1].until(func(_ int, at int64) bool { return at >= id }) == id
}

// until returns the first id of the block at which found is true, or its last one.
func (b *idBlock) until(found func(i int, id int64) bool) int64 {
	id, steps := b.first, b.steps
	for i := 0; !found(i, id) && len(steps) > 0; i++ {
		step, n := binary.Uvarint(steps)
		id, steps = id+int64(step), steps[n:]
	}
	return id
}
