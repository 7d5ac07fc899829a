package extraction

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"

	"github.com/imednetgo/imednet"
)

// subjectGroup is the records of one subject. A group without an id and without a key holds
// records of sites, which have no subject.
type subjectGroup struct {
	id      int64
	key     string // only for records that carry a key and no id, where no listed subject has the key
	records []imednet.Record
}

func (g subjectGroup) counted() bool { return g.id != 0 || g.key != "" }

// groups yields the records of one subject after the other.
func (p *pass) groups(ctx context.Context) iter.Seq2[subjectGroup, error] {
	study, opts := p.plan.configuration.StudyKey, imednet.ListOptions{Filter: p.opts.Filter}
	if bySubject, ok := p.src.(imednet.SubjectRecordSource); ok {
		return groupBySubject(p.keyedFirst(ctx, bySubject.RecordsBySubject(ctx, study, opts)), p.subjectOf)
	}
	if p.opts.InMemory {
		return groupInMemory(p.lean(p.keyedFirst(ctx, p.src.Records(ctx, study, opts))), p.subjectOf)
	}
	if p.subjects != nil {
		return p.eachSubject(ctx)
	}
	return func(yield func(subjectGroup, error) bool) {
		yield(subjectGroup{}, fmt.Errorf("%w: set InMemory to read one listing and group it", ErrNoSubjects))
	}
}

// subjectOf is the id of the subject that a record belongs to: its own or, where it carries a key only, that
// of the listed subject with the key. 0 is none.
func (p *pass) subjectOf(r *imednet.Record) int64 {
	id := r.SubjectID.Or(0)
	if id != 0 || p.subjects == nil {
		return id
	}
	if subject, _ := p.subjects.OfRecord(r); subject != nil {
		return subject.SubjectID
	}
	return 0
}

// ownID is the id that a record carries, for records of which no subjects are listed.
func ownID(r *imednet.Record) int64 { return r.SubjectID.Or(0) }

// keyedFirst puts the records that carry no subjectId, and that p.keyed selects besides, before the others.
func (p *pass) keyedFirst(ctx context.Context, records iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error] {
	if p.keyed.IsZero() {
		return records
	}
	return func(yield func(imednet.Record, error) bool) {
		for record, err := range p.src.Records(ctx, p.plan.configuration.StudyKey, imednet.ListOptions{Filter: p.keyed}) {
			if (err != nil || ownID(&record) == 0) && !yield(record, err) {
				return
			}
		}
		records(yield)
	}
}

// subjectCut cuts a listing into subjects.
type subjectCut struct {
	of      func(*imednet.Record) int64
	yield   func(subjectGroup, error) bool
	current subjectGroup
	held    map[int64][]imednet.Record // records that carry a key only, by the subject that it is of
	keyed   []imednet.Record           // those whose key is no subject's
}

// groupBySubject cuts a listing in ascending subjectId into subjects. Records without a subject
// are passed on at once. Those that carry a key only come first: they wait for the subject that they are
// of, or, where that is none, are grouped by key at the end.
func groupBySubject(records iter.Seq2[imednet.Record, error], of func(*imednet.Record) int64) iter.Seq2[subjectGroup, error] {
	return func(yield func(subjectGroup, error) bool) {
		c := &subjectCut{of: of, yield: yield, held: map[int64][]imednet.Record{}}
		for record, err := range records {
			if err != nil {
				yield(subjectGroup{}, err)
				return
			}
			if !c.add(&record) {
				return
			}
		}
		if c.pass(math.MaxInt64) {
			yieldByKey(c.keyed, yield)
		}
	}
}

// add takes a record in; false means that nothing more is wanted, or an error.
func (c *subjectCut) add(record *imednet.Record) bool {
	before := len(c.current.records)
	c.current.records = append(c.current.records, *record) // where most belong; what does not is taken away again
	added := &c.current.records[before]
	id := c.of(added)
	if id == c.current.id && id != 0 {
		return true
	}
	own := ownID(added)
	c.current.records = c.current.records[:before]
	switch {
	case id == 0 && record.SubjectKey.IsSet():
		c.keyed = append(c.keyed, *record)
		return true
	case id == 0:
		return c.yield(subjectGroup{records: []imednet.Record{*record}}, nil)
	case id < c.current.id:
		c.yield(subjectGroup{}, ErrUngrouped)
		return false
	case own == 0:
		c.held[id] = append(c.held[id], *record)
		return true
	case !c.pass(id):
		return false
	}
	c.current.id = id
	c.current.records = append(c.current.records, *record)
	return true
}

// pass passes on the subject that has been read, and those before the next of which only held records are
// known.
func (c *subjectCut) pass(next int64) bool {
	if c.current.id != 0 && !c.give(c.current.id, c.current.records) {
		return false
	}
	for _, id := range slices.Sorted(maps.Keys(c.held)) {
		if id < next && !c.give(id, nil) {
			return false
		}
	}
	c.current.records = c.current.records[:0] // the rows made of them hold no records
	return true
}

func (c *subjectCut) give(id int64, records []imednet.Record) bool {
	g := subjectGroup{id: id, records: append(records, c.held[id]...)}
	delete(c.held, id)
	return c.yield(g, nil)
}

// yieldByKey groups records that carry no subjectId by their subject key.
func yieldByKey(records []imednet.Record, yield func(subjectGroup, error) bool) {
	groups := map[string]*subjectGroup{}
	var order []*subjectGroup
	for _, record := range records {
		key := record.SubjectKey.Or("")
		if groups[key] == nil {
			groups[key] = &subjectGroup{key: key}
			order = append(order, groups[key])
		}
		groups[key].records = append(groups[key].records, record)
	}
	for _, g := range order {
		if !yield(*g, nil) {
			return
		}
	}
}

// groupInMemory holds a whole listing by subject, and lets go of each subject as it is passed on.
func groupInMemory(records iter.Seq2[imednet.Record, error], of func(*imednet.Record) int64) iter.Seq2[subjectGroup, error] {
	return func(yield func(subjectGroup, error) bool) {
		held, err := shelve(records, of)
		if err != nil {
			yield(subjectGroup{}, err)
			return
		}
		groupBySubject(func(yield func(imednet.Record, error) bool) {
			for _, id := range held.subjects() {
				for record, err := range held.take(id) {
					if !yield(record, err) {
						return
					}
				}
			}
		}, of)(yield)
	}
}

// shelve reads a listing to its end.
func shelve(records iter.Seq2[imednet.Record, error], of func(*imednet.Record) int64) (*shelf, error) {
	held, err := newShelf()
	for record, failed := range records {
		if err = firstError(err, failed); err == nil {
			err = held.put(of(&record), record)
		}
		if err != nil {
			return nil, err
		}
	}
	return held, err
}

// lean leaves of a listing what rules read: of records of other forms, which are most of a study, neither
// answers nor keywords have to be held.
func (p *pass) lean(records iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for record, err := range records {
			record.Keywords = nil
			if form, _ := p.plan.structure.formOf(&record); p.plan.forms[form] == nil {
				record.RecordData = imednet.RecordData{}
			}
			if !yield(record, err) {
				return
			}
		}
	}
}

// readSubjects lists the subjects of the study where the source can: they say which key a subject has
// and which subjects are deleted.
func (p *pass) readSubjects(ctx context.Context) (err error) {
	p.subjects, err = listSubjects(ctx, p.src, p.plan.configuration.StudyKey)
	return err
}

// listSubjects is nil where the source lists no subjects.
func listSubjects(ctx context.Context, src imednet.RecordSource, study string) (*imednet.SubjectIndex, error) {
	lister, ok := src.(imednet.SubjectReader)
	if !ok {
		return nil, nil
	}
	var list []imednet.Subject
	for subject, err := range lister.Subjects(ctx, study, imednet.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		list = append(list, subject)
	}
	return imednet.NewSubjectIndex(list), nil
}

// eachSubject asks for the records of each listed subject.
func (p *pass) eachSubject(ctx context.Context) iter.Seq2[subjectGroup, error] {
	return func(yield func(subjectGroup, error) bool) {
		study := p.plan.configuration.StudyKey
		for _, subject := range p.subjects.Subjects() {
			g := subjectGroup{id: subject.SubjectID}
			filter := imednet.Where("subjectId", imednet.Equal, subject.SubjectID)
			for record, err := range p.src.Records(ctx, study, imednet.ListOptions{Filter: filter}) {
				if err != nil {
					yield(subjectGroup{}, err)
					return
				}
				if p.opts.Filter.MatchRecord(&record) {
					g.records = append(g.records, record)
				}
			}
			if len(g.records) > 0 && !yield(g, nil) {
				return
			}
		}
	}
}

var errShrunk = errors.New("the source counts fewer records than it served: run again")

// countUnlisted counts the records that a reading subject by subject cannot reach.
func (p *pass) countUnlisted(ctx context.Context) error {
	_, bySubject := p.src.(imednet.SubjectRecordSource)
	prober, canCount := p.src.(imednet.RecordProber)
	if bySubject || p.opts.InMemory || !canCount || !p.opts.Filter.IsZero() {
		return nil
	}
	probe, err := prober.ProbeRecords(ctx, p.plan.configuration.StudyKey, imednet.Filter{})
	if err != nil {
		return err
	}
	unlisted := probe.Total - p.report.Records.In
	if unlisted < 0 {
		return errShrunk
	}
	if unlisted > 0 {
		p.report.Records.In += unlisted
		p.report.Records.exclude(ExcludedNoSubject, unlisted)
	}
	return nil
}

// revisions returns the newest revision of each record of a subject; nil when none are asked for.
func (p *pass) revisions(ctx context.Context, subjectID int64) (map[int64]int64, error) {
	if p.opts.Revisions == nil || subjectID == 0 {
		return nil, nil
	}
	newest := map[int64]int64{}
	filter := imednet.Where("subjectId", imednet.Equal, subjectID)
	for rev, err := range p.opts.Revisions.RecordRevisions(ctx, p.plan.configuration.StudyKey, imednet.ListOptions{Filter: filter}) {
		if err != nil {
			return nil, err
		}
		id := rev.RecordID.Or(0)
		newest[id] = max(newest[id], rev.RecordRevision.Or(0))
	}
	return newest, nil
}
