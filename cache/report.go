package cache

import (
	"time"

	"github.com/imednetgo/imednet"
)

// Report is what a run did. Every record that the server sent is counted once each time it came:
//
//	Received = Added + Updated + Deleted + Restored + Unchanged
//
// and every record held is in exactly one state, before and after:
//
//	After.Total() = Before.Total() + Added + Adopted
type Report struct {
	StudyKey string
	First    bool // the study had never been taken over as a whole before
	Resumed  bool // the first pass went on where an earlier run was cut short
	Swept    bool // every record was read and compared, as in a first run and in a sweep

	Received  int64 // records that the server sent
	Added     int64 // seen for the first time
	Updated   int64 // their JSON differs from what was held
	Deleted   int64 // now flagged deleted by the server
	Restored  int64 // active again after they were deleted or gone
	Unchanged int64 // the same bytes as held
	Vanished  int64 // held, and no longer listed by the server
	Adopted   int64 // rows of another program that the server does not list, now tombstones
	Regressed int64 // of those that changed: dateModified fell
	Repaired  int64 // of Unchanged: another program had overwritten them
	Pending   int64 // contradict their newest revision; they are read again by the next run

	Before, After Counts
	Rounds        int // rounds in which the server's count differed from ours and was traced

	// AsOf is the server's time at the run's first request: the mirror holds everything that
	// the server had committed by then. Zero when the client tells no server time.
	AsOf     time.Time
	Mark     time.Time          // where the next run's date leg begins, before the overlap
	Revision imednet.RevisionID // greatest revision taken into account
	Version  imednet.Version    // of the mirror after the run
	Changed  bool               // whether the run changed any record
}

// Counts are the records that a mirror holds, by state.
type Counts struct {
	Active   int64
	Deleted  int64 // flagged deleted, and listed by the server
	Vanished int64 // no longer listed by the server
}

// Total is the number of records ever seen and not purged.
func (c Counts) Total() int64 { return c.Active + c.Deleted + c.Vanished }

func (s *study) counts() Counts { return Counts{s.active, s.deleted, s.vanished} }

// add counts a batch.
func (r *Report) add(t tally) {
	r.Added += t.added
	r.Updated += t.updated
	r.Deleted += t.deleted
	r.Restored += t.restored
	r.Unchanged += t.unchanged
	r.Regressed += t.regressed
	r.Repaired += t.repaired
}
