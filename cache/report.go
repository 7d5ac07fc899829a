package cache

import (
	"fmt"
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
	StudyKey string `json:"studyKey"`
	First    bool   `json:"first"`   // the study had never been fully synced before
	Resumed  bool   `json:"resumed"` // the first pass went on where an earlier run was cut short
	Swept    bool   `json:"swept"`   // every record was read and compared, as in a first run and in a sweep

	Received  int64 `json:"received"`  // records that the server sent
	Added     int64 `json:"added"`     // seen for the first time
	Updated   int64 `json:"updated"`   // their JSON differs from what was held
	Deleted   int64 `json:"deleted"`   // now flagged deleted by the server
	Restored  int64 `json:"restored"`  // active again after they were deleted or gone
	Unchanged int64 `json:"unchanged"` // the same bytes as held
	Vanished  int64 `json:"vanished"`  // held, and no longer listed by the server
	Adopted   int64 `json:"adopted"`   // rows of another program that the server does not list, now tombstones
	Regressed int64 `json:"regressed"` // of those that changed: dateModified fell
	Repaired  int64 `json:"repaired"`  // of Unchanged: another program had overwritten them
	Pending   int64 `json:"pending"`   // contradict their newest revision; they are read again by the next run
	Doubtful  int64 `json:"doubtful"`  // held records whose deletion flag cannot be read

	// Unrevised means that the keys may not read record revisions (403). The run fell back to dates, counts and
	// the block compared in turn: a deletion that moved no date, for one, is found by these or by a sweep.
	Unrevised bool `json:"unrevised"`

	Before Counts `json:"before"`
	After  Counts `json:"after"`
	Rounds int    `json:"rounds"` // rounds in which the server's count differed from ours and was traced

	// AsOf is the server's time at the run's first request: the mirror holds everything that
	// the server had committed by then. Zero when the client reports no server time.
	AsOf     time.Time             `json:"asOf,omitzero"`
	Mark     time.Time             `json:"mark,omitzero"` // where the next run's date leg begins, before the overlap
	Revision imednet.RevisionID    `json:"revision"`      // greatest revision taken into account
	Version  imednet.MirrorVersion `json:"version"`       // of the mirror after the run
	Changed  bool                  `json:"changed"`       // whether the run changed any record
}

// Counts are the records that a mirror holds, by state.
type Counts struct {
	Active   int64 `json:"active"`
	Deleted  int64 `json:"deleted"`  // flagged deleted, and listed by the server
	Vanished int64 `json:"vanished"` // no longer listed by the server
}

// Total is the number of records ever seen and not purged.
func (c Counts) Total() int64 { return c.Active + c.Deleted + c.Vanished }

func (s *study) counts() Counts { return Counts{s.active, s.deleted, s.vanished} }

// String is the line that the command shows.
func (r Report) String() string {
	return fmt.Sprintf("%d received: %d added, %d updated, %d deleted, %d restored, %d unchanged; %d vanished",
		r.Received, r.Added, r.Updated, r.Deleted, r.Restored, r.Unchanged, r.Vanished+r.Adopted)
}

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
