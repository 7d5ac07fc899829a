package submissions

import (
	"slices"

	"github.com/imednetgo/imednet"
)

// contradicted reports whether the listings of records and of revisions disagree on a record that may be an
// item's: what only one of them shows is no proof, and its absence from the other one is none either.
func (m *matcher) contradicted(k *seeker) bool {
	return slices.ContainsFunc(m.evidence.halves, func(c *candidate) bool {
		if len(c.revisions) == 0 {
			return m.unrevised(k, c)
		}
		return m.unlisted(k, c)
	})
}

// unrevised reports whether a record of which no revision is listed has the values of an item.
func (m *matcher) unrevised(k *seeker, c *candidate) bool {
	if k.item.creates() && (c.claimed[recordClaim(c.record.RecordID)] || c.record.DateCreated.Or(imednet.Time{}).Before(k.item.from())) {
		return false
	}
	return m.evidence.compare(k.item.Kind, &k.asked, c) >= contains
}

// unlisted reports whether revisions of a record that is not listed are of an item's place.
func (m *matcher) unlisted(k *seeker, c *candidate) bool {
	_, free := k.free(c)
	return free && (m.evidence.samePlace(k.item.Kind, &k.asked, c) || c.form == nil && slices.Contains(c.buckets, bucketOf(&k.asked)))
}
