package extraction

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/imednetgo/imednet"
)

// subjectGroup is the records of one subject. A group without an id and without a key holds
// records of sites, which have no subject.
type subjectGroup struct {
	id      int64
	key     string // only for records that carry a key and no id
	records []imednet.Record
}

func (g subjectGroup) counted() bool { return g.id != 0 || g.key != "" }

// groups yields the records of one subject after the other.
func (p *pass) groups(ctx context.Context) iter.Seq2[subjectGroup, error] {
	study, opts := p.plan.configuration.StudyKey, imednet.ListOptions{Filter: p.opts.Filter}
	if bySubject, ok := p.src.(imednet.SubjectRecordSource); ok {
		return groupBySubject(bySubject.RecordsBySubject(ctx, study, opts))
	}
	if p.opts.InMemory {
		return groupInMemory(p.lean(p.src.Records(ctx, study, opts)))
	}
	if p.subjects != nil {
		return p.eachSubject(ctx)
	}
	return func(yield func(subjectGroup, error) bool) {
		yield(subjectGroup{}, fmt.Errorf("%w: set InMemory to read one listing and group it", ErrNoSubjects))
	}
}

// groupBySubject cuts a listing in ascending subjectId into subjects. Records without a subject
// are passed on at once; those that carry a key only are grouped by it at the end.
func groupBySubject(records iter.Seq2[imednet.Record, error]) iter.Seq2[subjectGroup, error] {
	return func(yield func(subjectGroup, error) bool) {
		var current subjectGroup
		var keyed []imednet.Record
		for record, err := range records {
			if err != nil {
				yield(subjectGroup{}, err)
				return
			}
			id := record.SubjectID.Or(0)
			switch {
			case id == 0 && record.SubjectKey.IsSet():
				keyed = append(keyed, record)
				continue
			case id == 0:
				if !yield(subjectGroup{records: []imednet.Record{record}}, nil) {
					return
				}
				continue
			case id < current.id:
				yield(subjectGroup{}, ErrUngrouped)
				return
			case id > current.id && current.id != 0:
				if !yield(current, nil) {
					return
				}
				current.records = current.records[:0] // the rows made of them hold no records
			}
			current.id = id
			current.records = append(current.records, record)
		}
		if current.id != 0 && !yield(current, nil) {
			return
		}
		yieldByKey(keyed, yield)
	}
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

// groupInMemory holds a whole listing by subject, and lets go of each subject as it is passed on. One list
// of all records would be copied whole whenever it grows.
func groupInMemory(records iter.Seq2[imednet.Record, error]) iter.Seq2[subjectGroup, error] {
	return func(yield func(subjectGroup, error) bool) {
		bySubject := map[int64][]imednet.Record{}
		for record, err := range records {
			if err != nil {
				yield(subjectGroup{}, err)
				return
			}
			id := record.SubjectID.Or(0)
			bySubject[id] = append(bySubject[id], record)
		}
		groupBySubject(func(yield func(imednet.Record, error) bool) {
			for _, id := range slices.Sorted(maps.Keys(bySubject)) {
				for _, record := range bySubject[id] {
					if !yield(record, nil) {
						return
					}
				}
				delete(bySubject, id)
			}
		})(yield)
	}
}

// lean leaves of a listing what rules read: of records of other forms, which are most of a study, neither
// answers nor keywords have to be held.
func (p *pass) lean(records iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error] {
	return func(yield func(imednet.Record, error) bool) {
		for record, err := range records {
			record.Row, record.Keywords = imednet.Row{}, nil
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
func (p *pass) readSubjects(ctx context.Context) error {
	lister, ok := p.src.(imednet.SubjectReader)
	if !ok {
		return nil
	}
	var list []imednet.Subject
	for subject, err := range lister.Subjects(ctx, p.plan.configuration.StudyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		list = append(list, subject)
	}
	p.subjects = imednet.NewSubjectIndex(list)
	return nil
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
