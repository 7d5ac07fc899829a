package imednettest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/imednetgo/imednet"
)

// SetCommitLag lists every second change of a record only after this many further requests have
// reached the study, although its ids and dates are assigned at once: a server whose transactions
// commit in a different order than they began. Until then a new record is missing, an edited one
// shows its former state, and the revision of the change is missing too, so rows with greater ids
// and later dates are listed first. A change to a row that has a pending one joins it. 0 ends the
// lag and lists what was held back. SetCommitLag panics for a negative number, which is a mistake in the
// test.
func (s *Study) SetCommitLag(requests int) {
	mustPlay(checkLag(requests))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag.requests = requests
	s.counting.Store(true)
	if requests == 0 {
		s.release(func(h heldRow) bool { return !h.untilTold() })
	}
}

// HoldRows, with true, lists no change made from now on, new records and revisions included,
// although ids and dates are assigned: a replica that lags. With false it lists what was held back.
func (s *Study) HoldRows(hold bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag.all = hold
	if !hold {
		s.release(heldRow.untilTold)
	}
}

// lag holds changes back that are not committed yet.
type lag struct {
	requests int
	all      bool // until HoldRows ends it
	changes  int
	held     []heldRow
}

// heldRow is a row that is listed once so many more requests have come.
type heldRow struct {
	resource imednet.Resource
	id       int64
	left     int
}

// noEnd is more requests than any test makes.
const noEnd = 1 << 30

func (h heldRow) untilTold() bool { return h.left > noEnd/2 }

// commit is when a change is listed: at once, or after so many more requests.
type commit struct {
	late bool
	left int
}

// begin starts a change. One of a record that has a change under way commits with that.
func (s *Study) begin(recordIDs ...int64) commit {
	for _, h := range s.lag.held {
		if h.resource == imednet.Records && slices.Contains(recordIDs, h.id) {
			return commit{late: true, left: h.left}
		}
	}
	if s.lag.all {
		return commit{late: true, left: noEnd}
	}
	if s.lag.requests == 0 {
		return commit{}
	}
	s.lag.changes++
	return commit{late: s.lag.changes%2 == 0, left: s.lag.requests}
}

// insertRow adds a row to a table, now or later, and returns its id and JSON.
func (s *Study) insertRow(resource imednet.Resource, when commit, raw func(id int64) []byte) (int64, []byte) {
	t := s.tables[resource]
	r := t.reserve(raw)
	if when.late {
		s.hold(resource, r, when)
	} else {
		t.insert(r)
	}
	return r.id, r.raw
}

// putRow replaces a row, now or later; where a change of it is under way, with that one.
func (s *Study) putRow(resource imednet.Resource, when commit, id int64, raw []byte) {
	t := s.tables[resource]
	if _, underway := t.pending[id]; underway {
		t.pending[id] = newRow(id, raw)
		return
	}
	if when.late {
		s.hold(resource, newRow(id, raw), when)
		return
	}
	t.put(id, raw)
}

func (s *Study) hold(resource imednet.Resource, r *row, when commit) {
	s.tables[resource].pending[r.id] = r
	s.lag.held = append(s.lag.held, heldRow{resource, r.id, when.left})
	s.counting.Store(true)
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
			s.tables[h.resource].show(h.id)
			return true
		}
		return false
	})
}

// StampRecords sets dateModified of records to one instant, as an import or migration that touches
// many rows at once does. It writes no revision.
func (s *Study) StampRecords(ids []int64, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	stamp, when := appendTime(nil, at.Unix()), s.begin()
	for _, id := range ids {
		if err := s.change(id, when, func(raw []byte) []byte { return withMember(raw, "dateModified", stamp) }); err != nil {
			return err
		}
	}
	return nil
}

// EditSilently sets one answer of a record without a revision, as a repair made in the database
// does. moveDate chooses whether dateModified moves to the server's clock.
func (s *Study) EditSilently(id int64, variable string, value any, moveDate bool) error {
	encoded, err := encodeValue(value)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(id, s.begin(id), func(raw []byte) []byte {
		if moveDate {
			raw = withMember(raw, "dateModified", appendTime(nil, s.now.Unix()))
		}
		return withMember(raw, "recordData", withMember(valueOf(raw, "recordData"), variable, encoded))
	})
}

// MoveSubject moves a subject and its records to another site. It changes no date and writes no
// revision.
func (s *Study) MoveSubject(subjectID, siteID int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	site, ok := s.tables[imednet.Sites].get(siteID)
	if !ok {
		return fmt.Errorf("%w: site %d", ErrNoSuchRow, siteID)
	}
	subjects, records := s.tables[imednet.Subjects], s.tables[imednet.Records]
	raw, ok := subjects.latest(subjectID)
	if !ok {
		return fmt.Errorf("%w: subject %d", ErrNoSuchRow, subjectID)
	}
	id, when := fmt.Appendf(nil, "%d", siteID), s.begin()
	s.putRow(imednet.Subjects, when, subjectID, withMember(withMember(raw, "siteId", id), "siteName", orNull(valueOf(site, "siteName"))))
	for _, recordID := range records.ofSubject(subjectID) {
		record, _ := records.latest(recordID)
		s.putRow(imednet.Records, when, recordID, withMember(record, "siteId", id))
	}
	return nil
}

// change replaces the row of a record and nothing else.
func (s *Study) change(id int64, when commit, edit func(raw []byte) []byte) error {
	raw, ok := s.tables[imednet.Records].latest(id)
	if !ok {
		return fmt.Errorf("%w: record %d", ErrNoSuchRow, id)
	}
	s.putRow(imednet.Records, when, id, edit(raw))
	return nil
}

func checkLag(requests int) error {
	if requests < 0 {
		return errors.New("commitLag is negative")
	}
	return nil
}
