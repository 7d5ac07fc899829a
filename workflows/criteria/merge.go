package criteria

import (
	"iter"
	"slices"

	"github.com/imednetgo/imednet"
)

// candidates lists the records that can match: subject by subject when the subjects are few, else
// with the filter for records. Neither a site nor an interval is asked for: a record may name another than its
// subject, which has moved, or its visit does, or none.
func (r *RecordRun) candidates(m matches) iter.Seq2[imednet.Record, error] {
	filter, _ := r.criteria.Records.Split()
	answers, _ := r.criteria.RecordData.Split()
	list := func(f imednet.Filter) iter.Seq2[imednet.Record, error] {
		return r.client.Records(r.ctx, r.studyKey, imednet.ListOptions{Filter: f, RecordDataFilter: answers})
	}
	subjects, few := m.wanted(r.fanOut)
	if !few || filter.IsOr() || filterNames(filter, "subjectKey") || filterNames(filter, "subjectId") {
		return list(filter)
	}
	var listings []iter.Seq2[imednet.Record, error]
	for _, s := range subjects {
		listings = append(listings, list(filter.And("subjectId", imednet.Equal, s.SubjectID)))
		key, ok := s.SubjectKey.Get()
		switch {
		case !ok || imednet.IsMissing(key):
			continue
		case imednet.Where("subjectKey", imednet.Equal, key).Validate(imednet.Records) != nil:
			return list(filter) // a key that no filter can name
		}
		listings = append(listings, list(filter.And("subjectKey", imednet.Equal, key)))
	}
	return mergeRecords(listings)
}

// mergeRecords yields the rows of listings that each ascend in recordId in one ascending order, and once
// where several have the same, holding one row of each. The first error ends it.
func mergeRecords(listings []iter.Seq2[imednet.Record, error]) iter.Seq2[imednet.Record, error] {
	if len(listings) == 1 {
		return listings[0]
	}
	return func(yield func(imednet.Record, error) bool) {
		var heads []*recordHead
		for _, listing := range listings {
			next, stop := iter.Pull2(listing)
			defer stop()
			head := &recordHead{next: next}
			if ok, err := head.advance(); err != nil {
				yield(imednet.Record{}, err)
				return
			} else if ok {
				heads = append(heads, head)
			}
		}
		last := int64(0)
		for len(heads) > 0 {
			least := 0
			for i, h := range heads {
				if h.record.RecordID < heads[least].record.RecordID {
					least = i
				}
			}
			if id := heads[least].record.RecordID; id != last {
				last = id
				if !yield(heads[least].record, nil) {
					return
				}
			}
			ok, err := heads[least].advance()
			if err != nil {
				yield(imednet.Record{}, err)
				return
			}
			if !ok {
				heads = slices.Delete(heads, least, least+1)
			}
		}
	}
}

// recordHead is the next row of one listing.
type recordHead struct {
	next   func() (imednet.Record, error, bool)
	record imednet.Record
}

func (h *recordHead) advance() (bool, error) {
	r, err, ok := h.next()
	if err != nil {
		return false, err
	}
	h.record = r
	return ok, nil
}
