package imednettest

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet"
)

// sortKey is one key of an order.
type sortKey struct {
	property   string
	descending bool
}

// query is one listing, checked.
type query struct {
	filter     filter
	dataFilter filter
	sort       []sortKey
	offset     int
	limit      int
	activeOnly bool   // users
	undeleted  bool   // without rows that are flagged deleted
	rights     *sight // what the keys may see; nil is everything
}

// picks reports whether rows must be looked at that no filter names.
func (q query) picks() bool { return q.activeOnly || q.undeleted || q.rights != nil }

// result is one page of rows in one buffer.
type result struct {
	buf   []byte
	ends  []int // of each row in buf
	total int   // rows that match
}

func (r *result) rows() [][]byte {
	rows := make([][]byte, len(r.ends))
	start := 0
	for i, end := range r.ends {
		rows[i] = r.buf[start:end:end]
		start = end
	}
	return rows
}

// set replaces the rows.
func (r *result) set(rows [][]byte) {
	buf, ends := []byte(nil), []int(nil)
	for _, row := range rows {
		buf = append(buf, row...)
		ends = append(ends, len(buf))
	}
	r.buf, r.ends = buf, ends
}

// run answers a query. Reading a page by id costs no more than the page; conditions on other
// attributes cost a look at each row that the conditions on id and time leave over.
func (t *table) run(q query) result {
	if byID, descending := t.byID(q.sort); byID {
		return t.runByID(q, descending)
	}
	return t.runSorted(q)
}

// byID reports whether the order is that of positions.
func (t *table) byID(keys []sortKey) (yes, descending bool) {
	if len(keys) == 0 {
		return true, false
	}
	return keys[0].property == t.resource.ID() && t.resource != imednet.Users, keys[0].descending
}

func (t *table) runByID(q query, descending bool) result {
	lo, hi, rest := t.bounds(q)
	var r result
	emit := func(pos int) {
		r.buf = t.appendJSON(r.buf, pos)
		r.ends = append(r.ends, len(r.buf))
	}
	if len(rest.terms) == 0 && len(q.dataFilter.terms) == 0 && !q.picks() {
		r.total = max(0, hi-lo)
		for n := q.offset; n < min(r.total, q.offset+q.limit); n++ {
			if descending {
				emit(hi - 1 - n)
			} else {
				emit(lo + n)
			}
		}
		return r
	}
	positions := t.matching(q, rest, lo, hi)
	r.total = len(positions)
	for n := q.offset; n < min(r.total, q.offset+q.limit); n++ {
		if descending {
			emit(positions[r.total-1-n])
		} else {
			emit(positions[n])
		}
	}
	return r
}

// matching lists the positions in [lo, hi) that pass, ascending. It must not be changed.
func (t *table) matching(q query, rest filter, lo, hi int) []int {
	from := t.sinceBound(rest)
	if from == 0 && t.len() >= rememberFrom && !q.picks() {
		all := t.remembered(rest, q.dataFilter, func() []int { return t.scan(q, rest, nil, 0, t.len()) })
		first, last := sort.SearchInts(all, lo), sort.SearchInts(all, hi)
		return all[first:max(first, last)]
	}
	var edited []int
	if from > lo {
		edited = slices.DeleteFunc(t.editedBelow(from), func(pos int) bool { return pos < lo || pos >= hi })
	}
	return t.scan(q, rest, edited, max(lo, from), hi)
}

// scan looks at some positions and then at [from, hi), and lists those whose rows pass.
func (t *table) scan(q query, rest filter, some []int, from, hi int) []int {
	var positions []int
	v := &view{}
	check := func(pos int) {
		v.move(t, pos)
		if !v.matches(rest, q.dataFilter) {
			return
		}
		if q.activeOnly && string(valueOf(v.json(), "userActiveInStudy")) == "false" || q.undeleted && v.deleted() || q.rights != nil && !q.rights.shows(v) {
			return
		}
		positions = append(positions, pos)
	}
	for _, pos := range some {
		check(pos)
	}
	for pos := from; pos < hi; pos++ {
		check(pos)
	}
	return positions
}

// sinceBound returns the position below which no row that nobody edited can match.
func (t *table) sinceBound(f filter) int {
	finder, ok := t.base.(sinceFinder)
	if !ok || f.or && len(f.terms) > 1 {
		return 0
	}
	bound := 0
	for _, c := range f.terms {
		if c.kind != timeKind || c.op != ">" && c.op != ">=" && c.op != "==" {
			continue
		}
		if i, ok := finder.since(c.attribute, c.number); ok {
			bound = max(bound, t.position(i))
		}
	}
	return bound
}

// bounds turns conditions on the row's own id into a range of positions and returns the others.
func (t *table) bounds(q query) (lo, hi int, rest filter) {
	lo, hi = 0, t.len()
	f := q.filter
	if f.or && len(f.terms) > 1 {
		return lo, hi, f
	}
	for _, c := range f.terms {
		if c.attribute != t.resource.ID() || c.kind != intKind || c.op == "!=" {
			rest.terms = append(rest.terms, c)
			continue
		}
		switch c.op {
		case "==":
			lo, hi = max(lo, t.find(c.number)), min(hi, t.findAfter(c.number))
		case ">=":
			lo = max(lo, t.find(c.number))
		case ">":
			lo = max(lo, t.findAfter(c.number))
		case "<":
			hi = min(hi, t.find(c.number))
		case "<=":
			hi = min(hi, t.findAfter(c.number))
		}
	}
	return lo, hi, rest
}

func (t *table) findAfter(id int64) int {
	if id == math.MaxInt64 {
		return t.len()
	}
	return t.find(id + 1)
}

// runSorted answers in any other order. Rows that tie come in another order on every page, as a
// server may have it that keeps no order of its own; only the row's own id among the keys
// settles them.
func (t *table) runSorted(q query) result {
	lo, hi, rest := t.bounds(q)
	positions := t.matching(q, rest, lo, hi)
	kinds := attributeKinds[t.resource]
	keys := make([][]string, len(positions))
	order := make([]int, len(positions))
	v := &view{}
	for n, pos := range positions {
		order[n] = n
		v.move(t, pos)
		for _, key := range q.sort {
			keys[n] = append(keys[n], textOf(valueOf(v.json(), key.property)))
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		for k, key := range q.sort {
			c := compareText(kinds[key.property], keys[a][k], keys[b][k])
			if key.descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return cmp.Compare(tieBreak(a, q.offset), tieBreak(b, q.offset))
	})
	r := result{total: len(order)}
	for n := q.offset; n < min(r.total, q.offset+q.limit); n++ {
		r.buf = t.appendJSON(r.buf, positions[order[n]])
		r.ends = append(r.ends, len(r.buf))
	}
	return r
}

// tieBreak scatters the rows of a tie in a way that depends on the page.
func tieBreak(n, offset int) uint64 {
	x := (uint64(n)<<32 | uint64(uint32(offset))) * 0x9e3779b97f4a7c15
	x ^= x >> 29
	return x * 0xbf58476d1ce4e5b9
}

func compareText(k kind, a, b string) int {
	if k != intKind {
		return strings.Compare(a, b)
	}
	x, errX := strconv.ParseInt(a, 10, 64)
	y, errY := strconv.ParseInt(b, 10, 64)
	if errX != nil || errY != nil {
		return strings.Compare(a, b)
	}
	return cmp.Compare(x, y)
}
