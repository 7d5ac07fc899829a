package submissions

import (
	"context"
	"slices"
)

// mayTake reports whether what fits an item can be its own. Of equal items those that are not asked for here
// may own as many records as there are.
func (m *matcher) mayTake(k *seeker, fitting []*candidate) bool {
	equal := m.rivals[k.content] + m.doubles(k, fitting)
	if k.certain() {
		equal = 0
	}
	if k.item.creates() {
		return len(fitting) > equal
	}
	if equal == 0 && !m.shares(k, fitting) {
		return true // the values stand, and no equal update has any part in it
	}
	spare := 0
	for _, c := range fitting {
		spare += m.spare(k, c)
	}
	return spare > equal
}

// doubles counts the items of other content of which one of the records may be the very record all the same: they
// name its place in a way that could not be resolved.
func (m *matcher) doubles(k *seeker, fitting []*candidate) int {
	n := 0
	for _, o := range m.others {
		if k.item.creates() && o.item.creates() && o.content != k.content && slices.ContainsFunc(fitting, func(c *candidate) bool {
			_, free := o.free(c)
			return free && m.evidence.compare(o.item.Kind, &o.asked, c) == equals
		}) {
			n++
		}
	}
	return n
}

// shares reports whether an equal update stands by a revision of one of these records.
func (m *matcher) shares(k *seeker, records []*candidate) bool {
	return slices.ContainsFunc(records, func(c *candidate) bool {
		return slices.ContainsFunc(c.revisions, func(r revision) bool {
			return k.taken(c, r.id)
		}) || slices.ContainsFunc(m.writers, func(w writer) bool {
			return w.content == k.content && w.RecordID == c.record.RecordID
		})
	})
}

// unclaimed are the revisions of a record that an update can have written, and by which no equal one stands.
func (k *seeker) unclaimed(c *candidate) []revision {
	return slices.DeleteFunc(ownRevisions(c.revisions, &k.item), func(r revision) bool {
		return k.taken(c, r.id)
	})
}

// spare counts the revisions of a record that are left for an update if every other writer of the record has
// one: its creator, the updates with other values that stand, and those that may, whatever was said of them.
func (m *matcher) spare(k *seeker, c *candidate) int {
	revisions := slices.DeleteFunc(k.unclaimed(c), func(r revision) bool { return r.first || m.written(c, r.id) || m.writtenBySeeker(k, c, r.id) })
	others := 0
	for _, o := range slices.Concat(m.seekers, m.others, m.gone) {
		if o.found == nil && m.mayWrite(o, k, c) {
			others++
		}
	}
	return len(revisions) - others
}

// writer is an update that stands.
type writer struct {
	Item
	content string
}

// written reports whether an update stands by a revision: one with other values, or an equal one whose claim is of
// another spelling.
func (m *matcher) written(c *candidate, revision int64) bool {
	return slices.ContainsFunc(m.writers, func(w writer) bool {
		return w.RecordID == c.record.RecordID && w.RevisionID == revision
	})
}

// writtenBySeeker reports whether an update with other values was just found to stand by a revision.
func (m *matcher) writtenBySeeker(k *seeker, c *candidate, revision int64) bool {
	return slices.ContainsFunc(m.seekers, func(o *seeker) bool {
		return o.content != k.content && o.found == c && o.revision == revision
	})
}

// mayWrite reports whether an update with other values may have written to a record, whatever it holds now.
func (m *matcher) mayWrite(o, k *seeker, c *candidate) bool {
	if o.item.creates() || o.content == k.content || !slices.Contains(o.candidates, c) {
		return false
	}
	_, free := o.free(c)
	return free && m.evidence.samePlace(o.item.Kind, &o.asked, c)
}

// recall reads what else the journal has of the records in question, where they can be several items': the
// updates that stand, because of their claims only those of known content can be asked for, and the items that
// were sent and do not stand as far as is known.
func (s *settler) recall(ctx context.Context, m *matcher) error {
	updated, richer := m.contended(), m.richer()
	if updated {
		items, err := s.journal.Items(ctx, Query{StudyKey: s.study, States: []State{Standing}})
		if err != nil {
			return err
		}
		for i := range items {
			if !items[i].creates() {
				m.writers = append(m.writers, writer{items[i], m.names.contentOf(&items[i])})
			}
		}
	}
	if !updated && !richer {
		return nil
	}
	items, err := s.journal.Items(ctx, Query{StudyKey: s.study, States: []State{Refused, Absent}})
	own := map[place]bool{}
	for _, k := range m.seekers {
		own[placeOf(&k.item)] = true
	}
	for i := range items {
		if items[i].Attempt > 0 && !own[placeOf(&items[i])] {
			m.gone = append(m.gone, m.seeker(&open{item: items[i]}))
		}
	}
	return err
}

// contended reports whether several updates may have written to one of the records.
func (m *matcher) contended() bool {
	return slices.ContainsFunc(m.seekers, func(k *seeker) bool {
		if k.item.creates() {
			return false
		}
		return m.rivals[k.content] > 0 || slices.ContainsFunc(k.candidates, func(c *candidate) bool {
			_, free := k.free(c)
			return free && m.evidence.samePlace(k.item.Kind, &k.asked, c) && (len(c.revisions) > 1 || m.shares(k, []*candidate{c}) ||
				slices.ContainsFunc(m.others, func(o *seeker) bool { return m.mayWrite(o, k, c) }))
		})
	})
}

// richer reports whether a record that was made has all values of an item, and more.
func (m *matcher) richer() bool {
	return slices.ContainsFunc(m.seekers, func(k *seeker) bool {
		return k.item.creates() && slices.ContainsFunc(k.candidates, func(c *candidate) bool {
			_, free := k.free(c)
			return free && m.evidence.compare(k.item.Kind, &k.asked, c) == contains
		})
	})
}
