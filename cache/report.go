package cache

import (
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
)

// Report is the result of a sync run. Every record is counted each time the server sent it:
//
//	Received = Added + Updated + Deleted + Restored + Unchanged
//
// and every record held has exactly one state before and after the run:
//
//	After.Total() = Before.Total() + Added + Adopted
type Report struct {
	StudyKey string `json:"studyKey"`
	First    bool   `json:"first"`   // whether the study had never been fully synced before
	Resumed  bool   `json:"resumed"` // whether the first pass continued where an earlier run was interrupted
	Swept    bool   `json:"swept"`   // whether every record was read and compared, as in a first run and in a sweep

	Received  int64 `json:"received"`  // records received from the server
	Added     int64 `json:"added"`     // seen for the first time
	Updated   int64 `json:"updated"`   // JSON differs from that held
	Deleted   int64 `json:"deleted"`   // now flagged as deleted by the server
	Restored  int64 `json:"restored"`  // active again after having been deleted or gone
	Unchanged int64 `json:"unchanged"` // same bytes as held
	Vanished  int64 `json:"vanished"`  // held but no longer listed by the server
	Adopted   int64 `json:"adopted"`   // rows written by another program that the server does not list, now tombstones
	Regressed int64 `json:"regressed"` // changed records whose dateModified decreased
	Repaired  int64 `json:"repaired"`  // of Unchanged: records that another program had overwritten
	Pending   int64 `json:"pending"`   // records that contradict their newest revision and are read again by the next run
	Doubtful  int64 `json:"doubtful"`  // held records whose deletion flag cannot be read

	// Unrevised means that the API keys are not permitted to read record revisions (403). The run
	// then relied on dates, counts and the comparison of one block; a deletion that did not change
	// any date, for example, is found by these or by a sweep.
	Unrevised bool `json:"unrevised"`

	Before Counts `json:"before"`
	After  Counts `json:"after"`
	Rounds int    `json:"rounds"` // rounds in which the server's count differed from the mirror's and was traced

	// AsOf is the server's time at the run's first request: the mirror holds everything that the
	// server had committed by then. It is zero if the client reports no server time.
	AsOf     time.Time             `json:"asOf,omitzero"`
	Mark     time.Time             `json:"mark,omitzero"` // where the next run begins to read by date, before the overlap
	Revision imednet.RevisionID    `json:"revision"`      // highest revision taken into account
	Version  imednet.MirrorVersion `json:"version"`       // of the mirror after the run
	Changed  bool                  `json:"changed"`       // whether any record changed
}

// Counts holds the number of records in a mirror by state.
type Counts struct {
	Active   int64 `json:"active"`
	Deleted  int64 `json:"deleted"`  // flagged as deleted but still listed by the server
	Vanished int64 `json:"vanished"` // no longer listed by the server
}

// Total returns the number of records ever seen and not purged.
func (c Counts) Total() int64 { return c.Active + c.Deleted + c.Vanished }

func (s *study) counts() Counts { return Counts{s.active, s.deleted, s.vanished} }

// String returns the line that the command prints.
func (r Report) String() string {
	text := fmt.Sprintf("%d received: %d added, %d updated, %d deleted, %d restored, %d unchanged; %d vanished",
		r.Received, r.Added, r.Updated, r.Deleted, r.Restored, r.Unchanged, r.Vanished+r.Adopted)
	if r.Doubtful > 0 {
		text += fmt.Sprintf("; %d left out: their deletion flag cannot be read", r.Doubtful)
	}
	return text
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
