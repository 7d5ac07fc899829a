package cache

// revisionWindow is how many ids before the greatest revision seen are read again, for revisions
// that were committed late. Older ones are left to the sweep.
const revisionWindow = 400

// position is where the revision leg stands: the greatest revision id seen, and which ids of the
// window before it were seen, one bit each: bit i stands for revision-i.
type position struct {
	revision int64
	seen     []byte
}

// newPosition returns the position after these ids, ascending, which hold all that were listed in
// the window before the last of them.
func newPosition(ids []int64) position {
	if len(ids) == 0 {
		return position{}
	}
	p := position{revision: ids[len(ids)-1], seen: make([]byte, revisionWindow/8)}
	for _, id := range ids {
		if i := p.revision - id; i < revisionWindow {
			p.seen[i/8] |= 1 << (i % 8)
		}
	}
	return p
}

// has reports whether a revision was seen. One before the window counts as seen.
func (p position) has(id int64) bool {
	i := p.revision - id
	switch {
	case i < 0:
		return false
	case i >= revisionWindow:
		return true
	}
	return int(i/8) < len(p.seen) && p.seen[i/8]&(1<<(i%8)) != 0
}
