package submissions

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
)

// readBack looks for items among the records that were saved since their POSTs. A record, or of
// updates a revision, is evidence for one item only; an item whose job has ended comes before one of
// which nothing is known; and where another item of the journal may still turn out to be the owner,
// nothing is concluded.
func (s *settler) readBack(ctx context.Context, pending []open) ([]Change, error) {
	if len(pending) == 0 {
		return nil, nil
	}
	evidence, err := s.gather(ctx, pending)
	if err != nil {
		return unsettled(pending), err
	}
	rivals, err := s.rivals(ctx, pending)
	if err != nil {
		return unsettled(pending), err
	}
	m := newMatcher(evidence, pending, rivals)
	m.assign(equals)
	m.assign(contains)
	return m.changes(), nil
}

// unsettled leaves items open, with why.
func unsettled(pending []open) []Change {
	var out []Change
	for i := range pending {
		if to := pending[i].item.State; to == Accepted || to == Unknown || to == Sent {
			if to == Sent {
				to = Unknown
			}
			c := pending[i].item.change(to, pending[i].why+"; what stands could not be read")
			c.JobState = pending[i].item.JobState
			out = append(out, c)
		}
	}
	return out
}

// rivals are the other items of the study that may own a record: those that were sent, and of which
// it is not known what became of them.
func (s *settler) rivals(ctx context.Context, pending []open) ([]Item, error) {
	items, err := s.journal.Items(ctx, Query{StudyKey: s.study, Open: true, States: []State{Sent, Accepted, Unknown}})
	own := map[place]bool{}
	for i := range pending {
		own[placeOf(&pending[i].item)] = true
	}
	return slices.DeleteFunc(items, func(i Item) bool { return own[placeOf(&i)] }), err
}

// seeker is an item that looks for its record.
type seeker struct {
	*open
	asked      imednet.Submission
	candidates []*candidate
	found      *candidate
	revision   int64
}

// matcher gives records to items.
type matcher struct {
	evidence *evidence
	seekers  []*seeker
	rivals   map[string]int // by content: items that may own a record and are not asked for here
	others   []*seeker      // the rivals, to see which records they may own
}

func newMatcher(e *evidence, pending []open, rivals []Item) *matcher {
	m := &matcher{evidence: e, rivals: map[string]int{}}
	for i := range pending {
		m.seekers = append(m.seekers, m.seeker(&pending[i]))
	}
	for i := range rivals {
		m.rivals[rivals[i].ContentHash]++
		m.others = append(m.others, m.seeker(&open{item: rivals[i]}))
	}
	slices.SortStableFunc(m.seekers, func(a, b *seeker) int {
		if a.ended != b.ended {
			if a.ended {
				return -1
			}
			return 1
		}
		return cmp.Or(a.item.SentAt.Compare(b.item.SentAt), cmp.Compare(a.item.SubmissionID, b.item.SubmissionID), cmp.Compare(a.item.Index, b.item.Index))
	})
	return m
}

func (m *matcher) seeker(o *open) *seeker {
	k := &seeker{open: o}
	asked, err := decodeItems([]Item{o.item})
	if err != nil {
		return k
	}
	k.asked = asked[0]
	k.candidates = m.evidence.bySubject[bucketOf(&k.asked)]
	return k
}

// free returns the revision by which a candidate can still be an item's, and whether it can. The
// record of an item that creates one must itself have been made since the POST.
func (k *seeker) free(c *candidate) (revision int64, ok bool) {
	own := ownRevisions(c.revisions, &k.item)
	if len(own) == 0 {
		return 0, false
	}
	if k.item.creates() {
		made := own[0].first && own[0].id == c.revisions[0].id && !c.record.DateCreated.Or(imednet.Time{}).Before(k.item.from())
		return own[len(own)-1].id, made && !c.used && !c.claimed[recordClaim(c.record.RecordID)]
	}
	for _, r := range own {
		claim := revisionClaim(c.record.RecordID, r.id, k.item.ContentHash)
		if !c.claimed[claim] {
			return r.id, true
		}
	}
	return 0, false
}

// assign gives free records to items that have none, where a record is at least so much like what was
// asked for.
func (m *matcher) assign(least likeness) {
	for _, k := range m.seekers {
		if k.found != nil {
			continue
		}
		var fitting []*candidate
		for _, c := range k.candidates {
			if _, free := k.free(c); free && m.fits(k, c, least) {
				fitting = append(fitting, c)
			}
		}
		// Of equal items those that are not asked for here may own as many records as there are.
		if len(fitting) == 0 || !k.ended && m.freeFor(k, fitting) <= m.rivals[k.item.ContentHash] {
			continue
		}
		c := fitting[0]
		k.found = c
		k.revision, _ = k.free(c)
		if k.item.creates() {
			c.used = true
		} else {
			c.claimed[revisionClaim(c.record.RecordID, k.revision, k.item.ContentHash)] = true
		}
	}
}

// freeFor counts what is free for an item: records, or of an update the revisions of its record.
func (m *matcher) freeFor(k *seeker, fitting []*candidate) int {
	if k.item.creates() {
		return len(fitting)
	}
	n := 0
	for _, c := range fitting {
		for _, r := range ownRevisions(c.revisions, &k.item) {
			if !c.claimed[revisionClaim(c.record.RecordID, r.id, k.item.ContentHash)] {
				n++
			}
		}
	}
	return n
}

// fits reports whether a record is what an item asked for. A record that was made for it and has more
// answers is its own only if no other item can have made it.
func (m *matcher) fits(k *seeker, c *candidate, least likeness) bool {
	like := m.evidence.compare(k.item.Kind, &k.asked, c)
	switch {
	case like == equals, like == contains && !k.item.creates():
		return true
	case like != contains || least != contains:
		return false
	}
	return !m.wanted(k, c)
}

// wanted reports whether an item of other content may own a record.
func (m *matcher) wanted(k *seeker, c *candidate) bool {
	may := func(o *seeker) bool {
		if o.item.ContentHash == k.item.ContentHash || o.found != nil {
			return false
		}
		_, free := o.free(c)
		return free && m.evidence.compare(o.item.Kind, &o.asked, c) >= contains
	}
	return slices.ContainsFunc(m.seekers, may) || slices.ContainsFunc(m.others, may)
}

// changes says what the records prove.
func (m *matcher) changes() []Change {
	var out []Change
	for _, k := range m.seekers {
		c := m.verdict(k)
		c.JobState = k.item.JobState
		out = append(out, c)
	}
	return out
}

func (m *matcher) verdict(k *seeker) Change {
	switch {
	case k.found != nil:
		c := k.item.change(Standing, "read back")
		c.RecordID, c.RevisionID, c.Close = k.found.record.RecordID, k.revision, true
		return c
	case !k.ended:
		return k.item.change(Unknown, k.why)
	case k.stored:
		return k.item.change(Unknown, k.why+", its results say that it was stored, and nothing of it shows yet")
	case m.similar(k):
		return k.item.change(Unknown, k.why+", and a record at its place was saved since, but not with its values")
	case m.elsewhere(k):
		return k.item.change(Unknown, k.why+", and a record of its form with its values was saved since, but not at its place")
	case !k.failed && !k.item.creates():
		return k.item.change(Unknown, k.why+", and no revision shows that it was written")
	}
	return k.item.change(Absent, fmt.Sprintf("%s, and nothing of it stands", k.why))
}

// similar reports whether a record that nobody owns may be the item's with other values.
func (m *matcher) similar(k *seeker) bool {
	for _, c := range k.candidates {
		if _, free := k.free(c); free && m.evidence.compare(k.item.Kind, &k.asked, c) >= differs && !m.wanted(k, c) {
			return true
		}
	}
	return false
}

// elsewhere reports whether a record that nobody owns has the values of an item at another place: its
// subject may have got another key since, or the server another idea of the place.
func (m *matcher) elsewhere(k *seeker) bool {
	for _, c := range m.evidence.records {
		if _, free := k.free(c); free && m.evidence.sameForm(&k.asked, c) && m.evidence.values(&k.asked, c) >= contains && !m.wanted(k, c) {
			return true
		}
	}
	return false
}
