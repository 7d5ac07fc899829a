package submissions

import (
	"cmp"
	"context"
	"errors"
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
		return unsettled(pending, err), err
	}
	rivals, err := s.rivals(ctx, pending)
	if err != nil {
		return unsettled(pending, err), err
	}
	m := newMatcher(evidence, pending, rivals)
	if err := s.recall(ctx, m); err != nil {
		return unsettled(pending, err), err
	}
	m.assign(equals)
	m.assign(contains)
	if m.grouped, err = s.standingOf(ctx, m.seekers); err != nil {
		return unsettled(pending, err), err
	}
	changes := m.changes()
	s.missing = append(s.missing, m.missing...)
	return changes, nil
}

// unsettled leaves items open, with why. What the results call refused is so if nobody can look.
func unsettled(pending []open, err error) []Change {
	var out []Change
	for i := range pending {
		o := &pending[i]
		to := o.item.State
		switch {
		case o.gone():
			continue
		case o.word == refused && errors.Is(err, errCannotReadBack):
			out = append(out, o.refusal())
			continue
		case to == Sent:
			to = Unknown
		}
		c := o.item.change(to, o.why+"; what stands could not be read")
		c.JobState = o.item.JobState
		out = append(out, c)
	}
	return out
}

// standingOf counts the items of a group that stand already.
func (s *settler) standingOf(ctx context.Context, seekers []*seeker) (map[string]int, error) {
	out := map[string]int{}
	asked := map[string]bool{}
	for _, k := range seekers {
		if k.claimed == 0 || asked[k.item.SubmissionID] {
			continue
		}
		asked[k.item.SubmissionID] = true
		items, err := s.journal.Items(ctx, Query{SubmissionID: k.item.SubmissionID, States: []State{Standing}})
		if err != nil {
			return nil, err
		}
		for i := range items {
			out[items[i].BatchID]++
		}
	}
	return out, nil
}

// rivals are the other items of the study that may own a record: those that were sent, and of which
// it is not known what became of them. One that was closed so may own it all the same.
func (s *settler) rivals(ctx context.Context, pending []open) ([]Item, error) {
	items, err := s.journal.Items(ctx, Query{StudyKey: s.study, States: []State{Sent, Accepted, Unknown}})
	own := map[place]bool{}
	for i := range pending {
		own[placeOf(&pending[i].item)] = true
	}
	return slices.DeleteFunc(items, func(i Item) bool { return own[placeOf(&i)] }), err
}

// seeker is an item that looks for its record.
type seeker struct {
	*open
	content    string   // content hash, whatever the version that stored the item
	hashes     []string // under which equal items may have a claim
	asked      imednet.Submission
	candidates []*candidate
	found      *candidate
	revision   int64
}

// matcher gives records to items.
type matcher struct {
	evidence *evidence
	names    *naming
	seekers  []*seeker
	rivals   map[string]int // by content: items that may own a record and are not asked for here
	others   []*seeker      // the rivals, to see which records they may own
	gone     []*seeker      // items that do not stand as far as is known, if one may own a record all the same
	writers  []writer       // the updates that stand, if several look for revisions of one record
	grouped  map[string]int // by group: how many of it stand
	missing  []open         // of which nothing shows yet
}

func newMatcher(e *evidence, pending []open, rivals []Item) *matcher {
	m := &matcher{evidence: e, names: e.naming(), rivals: map[string]int{}}
	for i := range pending {
		m.seekers = append(m.seekers, m.seeker(&pending[i]))
	}
	for i := range rivals {
		o := m.seeker(&open{item: rivals[i]})
		m.rivals[o.content]++
		m.others = append(m.others, o)
	}
	slices.SortStableFunc(m.seekers, func(a, b *seeker) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), a.item.SentAt.Compare(b.item.SentAt), cmp.Compare(a.item.SubmissionID, b.item.SubmissionID), cmp.Compare(a.item.Index, b.item.Index))
	})
	return m
}

func (m *matcher) seeker(o *open) *seeker {
	k := &seeker{open: o, content: m.names.contentOf(&o.item), hashes: m.names.hashesOf(&o.item)}
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
		if !k.taken(c, r.id) {
			return r.id, true
		}
	}
	return 0, false
}

// taken reports whether an equal update stands by a revision of a record.
func (k *seeker) taken(c *candidate, revision int64) bool {
	return slices.ContainsFunc(k.hashes, func(content string) bool { return c.claimed[revisionClaim(c.record.RecordID, revision, content)] })
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
		if len(fitting) == 0 || !m.mayTake(k, fitting) {
			continue
		}
		c := k.choose(fitting)
		k.found = c
		k.revision, _ = k.free(c)
		if k.item.creates() {
			c.used = true
		} else {
			for _, content := range k.hashes {
				c.claimed[revisionClaim(c.record.RecordID, k.revision, content)] = true
			}
		}
	}
}

// choose prefers the record that the results of the item's job name.
func (k *seeker) choose(fitting []*candidate) *candidate {
	for _, c := range fitting {
		if c.record.RecordID == k.named {
			return c
		}
	}
	return fitting[0]
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

// resembles reports whether a record can be what an item asked for, and no item that will be looked for
// explains that it has more answers.
func (m *matcher) resembles(k *seeker, c *candidate) bool {
	like := m.evidence.compare(k.item.Kind, &k.asked, c)
	return like == equals || like == contains && (!k.item.creates() || !m.explained(k, c))
}

// wanted reports whether an item of other content may own a record, so that it need not be this one's.
func (m *matcher) wanted(k *seeker, c *candidate) bool {
	may := func(o *seeker) bool { return m.mayOwn(o, k, c) }
	return slices.ContainsFunc(m.seekers, may) || slices.ContainsFunc(m.others, may) || slices.ContainsFunc(m.gone, may)
}

// explained reports whether an item of other content may own a record and will be looked for, so that in the
// end the record is known to be its own or not.
func (m *matcher) explained(k *seeker, c *candidate) bool {
	may := func(o *seeker) bool { return !o.item.Closed && m.mayOwn(o, k, c) }
	return slices.ContainsFunc(m.seekers, may) || slices.ContainsFunc(m.others, may)
}

// mayOwn reports whether a record may be another item's and not k's. That a record was made is not explained
// by an update that was written to it.
func (m *matcher) mayOwn(o, k *seeker, c *candidate) bool {
	if o.content == k.content || o.found != nil || k.item.creates() && !o.item.creates() {
		return false
	}
	_, free := o.free(c)
	return free && m.evidence.compare(o.item.Kind, &o.asked, c) >= contains
}

// changes says what the records prove.
func (m *matcher) changes() []Change {
	for _, k := range m.seekers {
		if k.found != nil {
			m.grouped[k.group]++
		}
	}
	var out []Change
	for _, k := range m.seekers {
		if c, ok := m.verdict(k); ok {
			c.JobState = k.item.JobState
			if c.To != Standing {
				c.ServerMessage = k.message
			}
			out = append(out, c)
		}
	}
	return out
}

// verdict says what became of an item; ok is false if that is known already.
func (m *matcher) verdict(k *seeker) (c Change, ok bool) {
	switch {
	case k.found != nil:
		c := k.item.change(Standing, k.contradiction(k.found.record.RecordID))
		c.RecordID, c.RevisionID, c.Close = k.found.record.RecordID, k.revision, true
		return c, true
	case m.stillGone(k):
		return Change{}, false
	case k.word == refused && !k.gone() && (k.item.State != Unknown || !m.overwritten(k)):
		return k.refusal(), true
	}
	reason := m.doubt(k)
	switch {
	case k.ended && !k.again:
		m.missing = append(m.missing, *k.open)
		return k.item.change(Unknown, cmp.Or(reason, k.why+", and nothing of it shows yet: a second look decides")), true
	case reason != "":
		return k.item.change(Unknown, reason), true
	}
	return k.item.change(Absent, k.why+", and two looks found nothing of it"), true
}

// stillGone reports whether nothing speaks against what was taken for refused or absent. What an update
// wrote can have been written over since, so that a change of its record is enough; of a new record one
// that an equal item may own is.
func (m *matcher) stillGone(k *seeker) bool {
	switch {
	case !k.gone() || k.runs || m.contested(k) || m.contradicted(k):
		return false
	case k.word == silent, k.word == refused:
		return !m.overwritten(k)
	}
	return false
}

// overwritten reports whether the record of an update was saved since, so that the update sent again would
// undo that.
func (m *matcher) overwritten(k *seeker) bool { return !k.item.creates() && m.touched(k) }

// touched reports whether the record of an update was saved since, by whomever.
func (m *matcher) touched(k *seeker) bool {
	return slices.ContainsFunc(k.candidates, func(c *candidate) bool {
		_, free := k.free(c)
		return free && m.evidence.samePlace(k.item.Kind, &k.asked, c)
	})
}

// contested reports whether a record that may be an item's is free, and may be another item's.
func (m *matcher) contested(k *seeker) bool {
	return slices.ContainsFunc(k.candidates, func(c *candidate) bool {
		_, free := k.free(c)
		return free && m.resembles(k, c)
	})
}

// refusal is what the results of its job say of an item that does not stand.
func (o *open) refusal() Change {
	c := o.item.change(Refused, "the server refused the record")
	c.JobState, c.ServerMessage = o.item.JobState, o.message
	return c
}

// doubt says why an item that was not found may stand all the same; "" is no reason.
func (m *matcher) doubt(k *seeker) string {
	switch {
	case k.gone() && m.contested(k):
		return k.why + ", and a record with its values was saved since, which may be another item's"
	case (k.gone() && k.word == silent || k.word == refused) && !k.runs && m.overwritten(k):
		return k.why + ", and its record was saved since"
	case m.contradicted(k):
		return k.why + ", and of a record that may be its own either the record or its revisions are not listed"
	case !k.ended, k.unasked:
		return k.why
	case k.word == stored && k.named != 0:
		return fmt.Sprintf("%s, its results name record %d, which is not what was sent, and nothing else of it shows", k.why, k.named)
	case k.word == stored:
		return k.why + ", its results say that it was stored, and nothing of it shows yet"
	case k.word == unclear:
		return k.why + ", its results do not say what became of it, and nothing of it shows"
	case k.claimed > m.grouped[k.group]:
		return fmt.Sprintf("%s, its results call %d of its batch stored, and fewer show", k.why, k.claimed)
	case m.contested(k):
		return k.why + ", and a record with its values was saved since, which may be another item's"
	case m.similar(k):
		return k.why + ", and a record at its place was saved since, but not with its values"
	case m.elsewhere(k):
		return k.why + ", and a record of its form with its values was saved since, but not at its place"
	case !k.failed && !k.item.creates():
		return k.why + ", and no revision shows that it was written"
	case k.undated:
		return k.why + ", it has no date that would show that it is its own, and nothing of the record shows"
	}
	return ""
}

// similar reports whether a record that nobody owns may be the item's with other values. Whoever wrote them
// to the record of an update can have written over it.
func (m *matcher) similar(k *seeker) bool {
	if !k.item.creates() {
		return m.touched(k)
	}
	for _, c := range k.candidates {
		if _, free := k.free(c); free && m.evidence.compare(k.item.Kind, &k.asked, c) >= differs && !m.explained(k, c) {
			return true
		}
	}
	return false
}

// elsewhere reports whether a record that nobody owns has the values of an item at another place: its
// subject may have got another key since, or the server another idea of the place.
func (m *matcher) elsewhere(k *seeker) bool {
	for _, c := range m.evidence.records {
		if _, free := k.free(c); free && m.evidence.sameForm(&k.asked, c) && m.evidence.values(&k.asked, c) >= contains && !m.explained(k, c) {
			return true
		}
	}
	return false
}
