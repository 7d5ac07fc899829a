package imednettest

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/imednetgo/imednet"
)

// ChangeKind is a kind of change that others make to a study while a client reads it.
type ChangeKind string

// The kinds of changes, named for the edits that they make.
const (
	ChangeEdit     ChangeKind = "edit"     // Study.EditRecord
	ChangeSilent   ChangeKind = "silent"   // Study.EditSilently: no revision
	ChangeStamp    ChangeKind = "stamp"    // Study.StampRecords: one instant for all, no revision
	ChangeInsert   ChangeKind = "insert"   // Study.InsertRecord, of the first form
	ChangeDelete   ChangeKind = "delete"   // Study.DeleteRecord
	ChangeRestore  ChangeKind = "restore"  // Study.RestoreRecord
	ChangeRemove   ChangeKind = "remove"   // Study.RemoveRecord: no trace
	ChangeKeywords ChangeKind = "keywords" // Study.SetKeywords: no revision
	ChangeRename   ChangeKind = "rename"   // Study.RenameSubject: no revision
	ChangeMove     ChangeKind = "move"     // Study.MoveSubject, to the next site: no revision
)

// Change is a scheduled change of a study.
type Change struct {
	Kind ChangeKind `json:"kind"`
	// After is the number of requests that reach the study before the change happens.
	After int `json:"after,omitempty"`
	// Every repeats the change after this many further requests; 0 means never.
	Every int `json:"every,omitempty"`
	// Rows is the number of records or subjects that it changes; 0 means 1.
	Rows int `json:"rows,omitempty"`
	// KeepDate leaves dateModified unchanged; it applies to silent, delete and restore.
	KeepDate bool `json:"keepDate,omitempty"`
}

func (c Change) check() error {
	switch c.Kind {
	case ChangeEdit, ChangeSilent, ChangeStamp, ChangeInsert, ChangeDelete, ChangeRestore, ChangeRemove, ChangeKeywords, ChangeRename, ChangeMove:
	default:
		return fmt.Errorf("%q is not a kind of change", string(c.Kind))
	}
	if c.After < 0 || c.Every < 0 || c.Rows < 0 {
		return errors.New("a change has no negative numbers")
	}
	if c.KeepDate && c.Kind != ChangeSilent && c.Kind != ChangeDelete && c.Kind != ChangeRestore {
		return fmt.Errorf("keepDate is for silent, delete and restore, not for %s", string(c.Kind))
	}
	return nil
}

// plannedChange is a change and the requests that it waits for.
type plannedChange struct {
	Change
	left int
	done bool
	rnd  *rand.Rand
}

// PlanChanges schedules changes; the seed decides which rows they hit. A change happens just before
// the request that completes its count is answered. PlanChanges panics for an unknown kind of
// change, which is a mistake in the test.
func (s *Study) PlanChanges(seed uint64, changes ...Change) {
	for _, c := range changes {
		mustPlay(c.check())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		s.changes = append(s.changes, &plannedChange{Change: c, left: c.After, rnd: rand.New(rand.NewPCG(seed, uint64(len(s.changes))))})
		s.counting.Store(true)
	}
}

// passChanges lets a request count, and returns the changes that are due. waiting is whether some
// are still to come.
func (s *Study) passChanges() (due []*plannedChange, waiting bool) {
	for _, c := range s.changes {
		if c.done {
			continue
		}
		if c.left--; c.left < 0 {
			due = append(due, c)
			c.left, c.done = c.Every-1, c.Every == 0
		}
		waiting = waiting || !c.done
	}
	return due, waiting
}

// perform makes a change. A row that somebody else removed meanwhile is left alone.
func (s *Study) perform(c *plannedChange) {
	rows := max(1, c.Rows)
	if c.Kind == ChangeInsert {
		for range rows {
			s.InsertRecord(imednet.Record{FormID: imednet.Some(s.firstID(imednet.Forms))})
		}
		return
	}
	ids := s.pick(c, rows)
	if c.Kind == ChangeStamp {
		_ = s.StampRecords(ids, s.Now())
		return
	}
	for _, id := range ids {
		_ = s.performOn(c, id)
	}
}

func (s *Study) performOn(c *plannedChange, id int64) error {
	switch c.Kind {
	case ChangeEdit:
		return s.EditRecord(id, "CHANGED", c.rnd.IntN(1000))
	case ChangeSilent:
		return s.EditSilently(id, "CHANGED", c.rnd.IntN(1000), !c.KeepDate)
	case ChangeDelete:
		return s.DeleteRecord(id, !c.KeepDate)
	case ChangeRestore:
		return s.RestoreRecord(id, !c.KeepDate)
	case ChangeRemove:
		return s.RemoveRecord(id)
	case ChangeKeywords:
		return s.SetKeywords(id, []imednet.Keyword{{KeywordName: imednet.Some("Changed"), KeywordKey: imednet.Some("CHG"), KeywordID: imednet.Some(int64(899))}})
	case ChangeRename:
		return s.RenameSubject(id, fmt.Sprintf("R-%d-%d", id, c.rnd.IntN(1000)))
	case ChangeMove:
		return s.MoveSubject(id, s.nextSite(id))
	}
	return nil
}

// pick chooses rows that are listed: neighbours, from a random one on.
func (s *Study) pick(c *plannedChange, rows int) []int64 {
	resource := imednet.Records
	if c.Kind == ChangeRename || c.Kind == ChangeMove {
		resource = imednet.Subjects
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t := s.tables[resource]
	if t.len() == 0 {
		return nil
	}
	first := c.rnd.IntN(t.len())
	var ids []int64
	for n := range min(rows, t.len()) {
		id, _, _ := t.at((first + n) % t.len())
		ids = append(ids, id)
	}
	return ids
}

func (s *Study) firstID(resource imednet.Resource) int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if t := s.tables[resource]; t.len() > 0 {
		id, _, _ := t.at(0)
		return id
	}
	return 0
}

// nextSite is the site after that of a subject.
func (s *Study) nextSite(subjectID int64) int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sites := s.tables[imednet.Sites]
	raw, ok := s.tables[imednet.Subjects].get(subjectID)
	if !ok || sites.len() == 0 {
		return 0
	}
	id, _, _ := sites.at(sites.findAfter(intOf(valueOf(raw, "siteId"))) % sites.len())
	return id
}
