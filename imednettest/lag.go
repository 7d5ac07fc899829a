package imednettest

import (
	"fmt"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
)

// SetCommitLag lets the second, fourth, … of the rows of a resource that are inserted be listed only
// when this many further requests have reached the study, although their ids and dates are handed
// out at once: rows with greater ids are listed before them, as they are by a server whose
// transactions commit in another order than they began. The same holds for the revisions that
// edits write. 0 ends it, and lists what was held back.
func (s *Study) SetCommitLag(requests int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag.requests = requests
	s.counting.Store(true)
	if requests == 0 {
		s.release(func(heldRow) bool { return true })
	}
}

// lag holds rows back that are not committed yet.
type lag struct {
	requests int
	inserted map[imednet.Resource]int
	held     []heldRow
}

// heldRow is a row that is listed once so many more requests have come.
type heldRow struct {
	resource imednet.Resource
	row      *row
	left     int
}

// insertRow adds a row to a table, now or later, and returns its id and JSON.
func (s *Study) insertRow(resource imednet.Resource, raw func(id int64) []byte) (int64, []byte) {
	t := s.tables[resource]
	if s.lag.inserted == nil {
		s.lag.inserted = map[imednet.Resource]int{}
	}
	s.lag.inserted[resource]++
	if s.lag.requests == 0 || s.lag.inserted[resource]%2 == 1 {
		id := t.add(raw)
		kept, _ := t.get(id)
		return id, kept
	}
	r := t.reserve(raw)
	s.lag.held = append(s.lag.held, heldRow{resource, r, s.lag.requests})
	s.counting.Store(true)
	return r.id, r.raw
}

// passLag lets a request count, and lists the rows that are due. It reports whether some are held.
func (s *Study) passLag() bool {
	for i := range s.lag.held {
		s.lag.held[i].left--
	}
	s.release(func(h heldRow) bool { return h.left < 0 })
	return len(s.lag.held) > 0
}

func (s *Study) release(due func(heldRow) bool) {
	s.lag.held = slices.DeleteFunc(s.lag.held, func(h heldRow) bool {
		if due(h) {
			s.tables[h.resource].insert(h.row)
			return true
		}
		return false
	})
}

// StampRecords sets dateModified of records to one instant, as an import or a migration does that
// touches many rows at once. It writes no revision.
func (s *Study) StampRecords(ids []int64, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	stamp := appendTime(nil, at.Unix())
	for _, id := range ids {
		if err := s.change(id, func(raw []byte) []byte { return withMember(raw, "dateModified", stamp) }); err != nil {
			return err
		}
	}
	return nil
}

// EditSilently sets one answer of a record without a revision, as a repair in the database does.
// moveDate chooses whether dateModified moves to the server's clock.
func (s *Study) EditSilently(id int64, variable string, value any, moveDate bool) error {
	encoded, err := encodeValue(value)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(id, func(raw []byte) []byte {
		if moveDate {
			raw = withMember(raw, "dateModified", appendTime(nil, s.now.Unix()))
		}
		return withMember(raw, "recordData", withMember(valueOf(raw, "recordData"), variable, encoded))
	})
}

// MoveSubject moves a subject and its records to another site. It moves no date and writes no
// revision.
func (s *Study) MoveSubject(subjectID, siteID int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	site, ok := s.tables[imednet.Sites].get(siteID)
	if !ok {
		return fmt.Errorf("%w: site %d", ErrNoSuchRow, siteID)
	}
	raw, ok := s.tables[imednet.Subjects].get(subjectID)
	if !ok {
		return fmt.Errorf("%w: subject %d", ErrNoSuchRow, subjectID)
	}
	id := fmt.Appendf(nil, "%d", siteID)
	s.tables[imednet.Subjects].put(subjectID, withMember(withMember(raw, "siteId", id), "siteName", orNull(valueOf(site, "siteName"))))
	records := s.tables[imednet.Records]
	for pos := range records.len() {
		if records.hot(pos).subjectID == subjectID {
			recordID, _, _ := records.at(pos)
			records.put(recordID, withMember(records.appendJSON(nil, pos), "siteId", id))
		}
	}
	return nil
}

// change replaces the row of a record and nothing else.
func (s *Study) change(id int64, edit func(raw []byte) []byte) error {
	t := s.tables[imednet.Records]
	raw, ok := t.get(id)
	if !ok {
		return fmt.Errorf("%w: record %d", ErrNoSuchRow, id)
	}
	t.put(id, edit(raw))
	return nil
}
