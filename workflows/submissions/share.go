package submissions

import (
	"context"
	"slices"
)

// mayTake reports whether what fits an item can be its own. Of equal items those that are not asked for here
// may own as many records as there are.
func (m *matcher) mayTake(k *seeker, fitting []*candidate) bool {
	equal := m.rivals[k.item.ContentHash]
	if k.certain() {
		equal = 0
	}
	if k.item.creates() {
		return len(fitting) > equal
	}
	if equal == 0 && !k.shares(fitting) {
		return true // the values stand, and no equal update has any part in it
	}
	spare := 0
	for _, c := range fitting {
		spare += m.spare(k, c)
	}
	return spare > equal
}

// shares reports whether an equal update stands by one of the revisions that could be an item's.
func (k *seeker) shares(fitting []*candidate) bool {
	return slices.ContainsFunc(fitting, func(c *candidate) bool { return len(k.unclaimed(c)) < len(ownRevisions(c.revisions, &k.item)) })
}

// unclaimed are the revisions of a record that an update can have written, and by which no equal one stands.
func (k *seeker) unclaimed(c *candidate) []revision {
	return slices.DeleteFunc(ownRevisions(c.revisions, &k.item), func(r revision) bool {
		return c.claimed[revisionClaim(c.record.RecordID, r.id, k.item.ContentHash)]
	})
}

// spare counts the revisions of a record that are left for an update if every other writer of the record has
// one: its creator, the updates with other values that stand, and those that may.
func (m *matcher) spare(k *seeker, c *candidate) int {
	revisions := slices.DeleteFunc(k.unclaimed(c), func(r revision) bool { return r.first || m.written(k, c, r.id) })
	others := 0
	for _, o := range slices.Concat(m.seekers, m.others) {
		if o.found == nil && m.mayWrite(o, k, c) {
			others++
		}
	}
	return len(revisions) - others
}

// written reports whether an update with other values stands by a revision.
func (m *matcher) written(k *seeker, c *candidate, revision int64) bool {
	return slices.ContainsFunc(m.writers, func(i Item) bool {
		return i.ContentHash != k.item.ContentHash && i.RecordID == c.record.RecordID && i.RevisionID == revision
	}) || slices.ContainsFunc(m.seekers, func(o *seeker) bool {
		return o.item.ContentHash != k.item.ContentHash && o.found == c && o.revision == revision
	})
}

// mayWrite reports whether an update with other values may have written to a record, whatever it holds now.
func (m *matcher) mayWrite(o, k *seeker, c *candidate) bool {
	if o.item.creates() || o.item.ContentHash == k.item.ContentHash || !slices.Contains(o.candidates, c) {
		return false
	}
	_, free := o.free(c)
	return free && m.evidence.samePlace(o.item.Kind, &o.asked, c)
}

// writers lists the updates of the study that stand, if equal updates look for revisions of one record: of
// their claims only those of known content can be asked for.
func (s *settler) writers(ctx context.Context, m *matcher) ([]Item, error) {
	updates := map[string]bool{}
	for _, k := range m.seekers {
		if k.item.creates() {
			continue
		}
		if updates[k.item.ContentHash] || m.rivals[k.item.ContentHash] > 0 || k.shares(k.candidates) {
			items, err := s.journal.Items(ctx, Query{StudyKey: s.study, States: []State{Standing}})
			return slices.DeleteFunc(items, func(i Item) bool { return i.creates() }), err
		}
		updates[k.item.ContentHash] = true
	}
	return nil, nil
}
