package imednettest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/imednetgo/imednet"
)

// Study is one study in memory, generated or loaded from a directory. Tests can edit it while
// clients read it. All methods are safe for concurrent use; each edit is atomic.
type Study struct {
	key string

	mu       sync.RWMutex
	settings Settings
	rights   Rights
	lag      lag
	now      time.Time // the server's clock, UTC, whole seconds
	held     bool      // SetTime holds the clock
	tables   map[imednet.Resource]*table
	timeline *timeline               // of a loaded study: what it was at any moment; nil otherwise
	counts   map[int64]revisionCount // of records that were edited here
	counter  revisionCounter         // of all others
	jobs     jobBook
	changes  []*plannedChange // that come by themselves
	counting atomic.Bool      // something waits for a number of requests
	author   author           // of the revisions that edits write
	checks   *editChecks      // that submitted records pass; nil for none
}

// author is a user as revisions name one.
type author struct{ login, role string }

// revisionCounter knows how often a record was saved before anybody edited it here.
type revisionCounter interface {
	revisionCount(recordID int64) revisionCount
}

// revisionCount numbers the newest revision of a record and of its data.
type revisionCount struct{ record, data int64 }

// resources are the tables of a study, in the order of the API contract.
func resources() []imednet.Resource {
	return []imednet.Resource{imednet.Studies, imednet.Sites, imednet.Forms, imednet.Intervals, imednet.Variables,
		imednet.Subjects, imednet.Visits, imednet.Records, imednet.RecordRevisions, imednet.Queries, imednet.Codings, imednet.Users}
}

// Key returns the study's key.
func (s *Study) Key() string { return s.key }

// Now returns the server's clock, which metadata.timestamp shows: UTC, whole seconds. It starts
// after the study's last change, and every edit advances it by one second.
func (s *Study) Now() time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now
}

// SetTime sets the server's clock and stops it: edits no longer advance it, so many rows can share a
// second. A loaded study then serves each record in the version that was valid at that moment and
// the revisions up to it; rows edited through this package stay as edited.
func (s *Study) SetTime(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = true
	s.setNow(t)
}

// Advance moves the server's clock by d and lets edits advance it again.
func (s *Study) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = false
	s.setNow(s.now.Add(d))
}

func (s *Study) setNow(t time.Time) {
	s.now = t.UTC().Truncate(time.Second)
	if s.timeline != nil && s.timeline.show(s.tables, s.now.Unix()) {
		s.counter = &loadedCounter{revisions: s.tables[imednet.RecordRevisions].base}
	}
}

// tick is the moment of an edit.
func (s *Study) tick() time.Time {
	if !s.held {
		s.setNow(s.now.Add(time.Second))
	}
	return s.now
}

// RecordIDs returns the ids of all records that are listed now, ascending, deleted ones included.
func (s *Study) RecordIDs() []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.tables[imednet.Records]
	ids := make([]int64, t.len())
	for pos := range ids {
		ids[pos], _, _ = t.at(pos)
	}
	return ids
}

// Record returns a record as the server would list it now. It returns false for a record that is not
// listed, and for a loaded row that is not a record.
func (s *Study) Record(id int64) (imednet.Record, bool) {
	s.mu.RLock()
	raw, ok := s.tables[imednet.Records].get(id)
	s.mu.RUnlock()
	if !ok {
		return imednet.Record{}, false
	}
	rec, err := imednet.Decode[imednet.Record](raw)
	return rec, err == nil
}

// Count returns the number of rows of a resource that are listed now, deleted ones included.
func (s *Study) Count(resource imednet.Resource) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if t := s.tables[resource]; t != nil {
		return t.len()
	}
	return 0
}

// query answers one listing at one moment, together with the server's clock.
func (s *Study) query(resource imednet.Resource, q query) (result, time.Time) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	q.rights = s.sightOf(resource)
	page := s.tables[resource].run(q)
	s.concealForms(resource, &page)
	return page, s.now
}

// setAuthor takes the first user with a role as the one who makes all edits.
func (s *Study) setAuthor() {
	s.author = author{login: "imednettest", role: "API"}
	users := s.tables[imednet.Users]
	for pos := range users.len() {
		user, err := imednet.Decode[imednet.User](users.appendJSON(nil, pos))
		if err == nil && len(user.Roles) > 0 && user.UserActiveInStudy.Or(false) {
			s.author = author{login: user.Login.Or(""), role: user.Roles[0].Name.Or("")}
			return
		}
	}
}
