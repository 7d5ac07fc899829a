package imednettest

import (
	"time"

	"github.com/imednetgo/imednet"
)

// GenerateOptions describes a generated study. Equal options give equal studies, byte for byte.
type GenerateOptions struct {
	StudyKey string    // default "DEMO"
	Seed     uint64    // default 0, a seed like any other
	Records  int       // default 2000
	Subjects int       // default one per 48 records; these have records, a few further deleted ones have none
	Sites    int       // default one per 25 subjects, at least 3
	Start    time.Time // date of the first record; default 2024-01-01. The study spans 600 days
}

// Generate makes a study. Records, revisions, subjects, visits, queries and codings are computed
// when they are asked for, so a study of 1,000,000 records costs nothing until it is read or edited.
// The rows are consistent with one another; see doc.go for what they hold.
func Generate(opts GenerateOptions) *Study {
	p := newLayout(opts)
	s := &Study{
		key:     p.key,
		now:     time.Unix(p.start+span+3600, 0).UTC(),
		tables:  map[imednet.Resource]*table{},
		counts:  map[int64]revisionCount{},
		counter: p,
	}
	for resource, b := range map[imednet.Resource]base{
		imednet.Studies:         p.studies(),
		imednet.Sites:           p.siteRows(),
		imednet.Forms:           p.formRows(),
		imednet.Intervals:       p.intervalRows(),
		imednet.Variables:       p.variableRows(),
		imednet.Users:           p.userRows(),
		imednet.Subjects:        subjectBase{p},
		imednet.Visits:          visitBase{p},
		imednet.Records:         recordBase{p},
		imednet.RecordRevisions: revisionBase{p},
		imednet.Queries:         queryBase{p},
		imednet.Codings:         codingBase{p},
	} {
		s.tables[resource] = newTable(resource, b)
	}
	s.setAuthor()
	return s
}

const (
	span          = 600 * 24 * 3600 // seconds from the first to the last record
	perVisit      = 8               // records of one visit, scheduled and unscheduled
	cohort        = 8               // subjects who are seen in turn
	blockRecords  = 64              // records of one block of the audit trail
	blockSlots    = 88              // saves of one block: 64 first ones and 24 later ones
	recordsAtOnce = 4               // saves that share a second
)

// layout is the arithmetic of a generated study: which row stands where. Nothing is stored.
//
// Time runs in blocks of 64 records. A block's 88 saves are 64 creations in order of the record
// id and 24 later saves, each of a record created before in the same block. So revision ids,
// revision dates and creation dates all grow together, and a record's dateModified lies in the
// block in which it was created.
type layout struct {
	key       string
	seed      uint64
	start     int64 // Unix seconds of the first record
	n         int   // records
	seen      int   // subjects with records
	withdrawn int   // further subjects, deleted and without records
	sites     int
	intervals int
	visits    int
	blockTime int64 // seconds of one block
}

func newLayout(opts GenerateOptions) *layout {
	p := &layout{key: opts.StudyKey, seed: opts.Seed, n: opts.Records, seen: opts.Subjects, sites: opts.Sites}
	if p.key == "" {
		p.key = "DEMO"
	}
	if p.n <= 0 {
		p.n = 2000
	}
	if opts.Start.IsZero() {
		opts.Start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	p.start = opts.Start.Unix()
	p.visits = (p.n + perVisit - 1) / perVisit
	if p.seen <= 0 {
		p.seen = (p.n + 47) / 48
	}
	p.seen = min(p.seen, p.visits)
	if p.sites <= 0 {
		p.sites = max(3, p.seen/25)
	}
	p.withdrawn = p.seen/50 + 1
	each, _ := p.visitsEach()
	p.intervals = min(max(each+1, 4), 60)
	blocks := (p.n + blockRecords - 1) / blockRecords
	p.blockTime = max(int64(span/blocks), blockSlots)
	return p
}

// visitsEach is how often every subject is seen; the first more subjects are seen once more.
func (p *layout) visitsEach() (each, more int) { return p.visits / p.seen, p.visits % p.seen }

// visit tells whose visit it is and which of theirs: the subjects of a cohort are seen in turn,
// then those of the next.
func (p *layout) visit(v int) (subject, nth int) {
	each, _ := p.visitsEach()
	group := p.groupOf(v)
	first := group * cohort
	size := min(cohort, p.seen-first)
	within := v - p.visitsBefore(first)
	if within < size*each {
		return first + within%size, within / size
	}
	return first + within - size*each, each
}

// visitsBefore counts the visits of the cohorts before the one that starts with a subject.
func (p *layout) visitsBefore(first int) int {
	each, more := p.visitsEach()
	return first*each + min(first, more)
}

func (p *layout) groupOf(v int) int {
	each, more := p.visitsEach()
	fuller := more / cohort // cohorts in which everybody is seen once more
	if v < fuller*cohort*(each+1) {
		return v / (cohort * (each + 1))
	}
	v -= fuller * cohort * (each + 1)
	if mixed := cohort*each + more%cohort; v >= mixed {
		return fuller + 1 + (v-mixed)/(cohort*each)
	}
	return fuller
}

// firstVisit returns a subject's first visit.
func (p *layout) firstVisit(subject int) int {
	return p.visitsBefore(subject/cohort*cohort) + subject%cohort
}

func (p *layout) site(subject int) int { return subject % p.sites }

// hash is a number that looks random and depends on nothing but the seed and its arguments.
func (p *layout) hash(stream, i uint64) uint64 {
	x := p.seed*0x9e3779b97f4a7c15 + stream*0xbf58476d1ce4e5b9 + i*0x94d049bb133111eb
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// pick returns hash modulo n.
func (p *layout) pick(stream, i uint64, n int) int { return int(p.hash(stream, i) % uint64(n)) }

// ids are a numbering with a gap after every few rows, as removed rows leave them.
type ids struct{ first, every int64 }

func (s ids) at(i int) int64 { return s.first + int64(i) + int64(i)/s.every }

// find returns the first of n indices with this id or a greater one.
func (s ids) find(id int64, n int) int {
	if id <= s.first {
		return 0
	}
	offset := id - s.first
	group, within := offset/(s.every+1), offset%(s.every+1)
	return int(min(group*s.every+within, int64(n)))
}

func (p *layout) recordIDs() ids   { return ids{first: 100001, every: 13} }
func (p *layout) revisionIDs() ids { return ids{first: 500001, every: 29} }
func (p *layout) subjectIDs() ids  { return ids{first: 24001, every: 7} }
func (p *layout) visitIDs() ids    { return ids{first: 54001, every: 11} }
func (p *layout) queryIDs() ids    { return ids{first: 61001, every: 5} }
func (p *layout) codingIDs() ids   { return ids{first: 4401, every: 17} }

// The saves of a block: record j is created in slot 11j/8, the slots between are later saves.

func creationSlot(j int) int { return j * blockSlots / blockRecords }

// createdBefore counts the records that are created in slots before s.
func createdBefore(s int) int { return (s*blockRecords + blockSlots - 1) / blockSlots }

// laterSlots are the slots of a block in which no record is created, ascending.
var laterSlots = func() (slots [blockSlots - blockRecords]int) {
	n := 0
	for slot := range blockSlots {
		if creationSlot(createdBefore(slot)) != slot {
			slots[n] = slot
			n++
		}
	}
	return slots
}()

// slotTime is when a save happens; four successive ones share a second.
func (p *layout) slotTime(block, slot int) int64 {
	at := p.start + int64(block)*p.blockTime
	return at + int64(slot/recordsAtOnce*recordsAtOnce)*p.blockTime/blockSlots
}

// change is what a later save does to its record.
type change uint8

const (
	changeData change = iota
	changeStatus
	changeDelete       // moves dateModified
	changeDeleteHidden // leaves dateModified
)

// laterSave tells which record of the block a later save changes, and how.
func (p *layout) laterSave(block, slot int) (j int, what change) {
	h := p.hash(1, uint64(block*blockSlots+slot))
	switch r := h >> 32 % 1000; {
	case r < 24:
		what = changeDelete
	case r < 34:
		what = changeDeleteHidden
	case r < 150:
		what = changeStatus
	}
	return int(h & 0xffffffff % uint64(createdBefore(slot))), what
}

// saves is what happened to a record up to one of its saves.
type saves struct {
	created, modified int64
	count             revisionCount
	deleted           bool
	reviewed          bool
	last              change
}

// history follows the saves of record i up to and including a slot of its block.
func (p *layout) history(i, upTo int) saves {
	block, j := i/blockRecords, i%blockRecords
	slot := creationSlot(j)
	at := p.slotTime(block, slot)
	s := saves{created: at, modified: at, count: revisionCount{record: 1, data: 1}}
	for _, later := range laterSlots {
		if later <= slot || later > upTo {
			continue
		}
		if of, what := p.laterSave(block, later); of == j {
			s.apply(what, p.slotTime(block, later))
		}
	}
	return s
}

func (s *saves) apply(what change, at int64) {
	s.count.record++
	s.last = what
	s.deleted = what == changeDelete || what == changeDeleteHidden
	if what != changeDeleteHidden {
		s.modified = at
	}
	switch what {
	case changeData:
		s.count.data++
	case changeStatus:
		s.reviewed = true
	}
}

// lastSlot is the last slot of a block that is used: the last block may be cut short.
func (p *layout) lastSlot(block int) int {
	if rest := p.n - block*blockRecords; rest < blockRecords {
		return creationSlot(rest) - 1
	}
	return blockSlots - 1
}

// final is what a record has become.
func (p *layout) final(i int) saves { return p.history(i, p.lastSlot(i/blockRecords)) }

// revisions counts all saves.
func (p *layout) revisions() int {
	full := p.n / blockRecords * blockSlots
	if rest := p.n % blockRecords; rest > 0 {
		return full + creationSlot(rest)
	}
	return full
}

// revisionCount implements revisionCounter.
func (p *layout) revisionCount(id int64) revisionCount {
	return p.final(p.recordIDs().find(id, p.n)).count
}

// blockSince returns the first block whose saves can reach an instant.
func (p *layout) blockSince(unix int64) int {
	if unix <= p.start {
		return 0
	}
	return int((unix - p.start) / p.blockTime)
}
