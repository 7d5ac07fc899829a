package submissions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// State is what is known about one record of a submission.
type State string

// The states of an item. Only Prepared, Refused and Absent mean that the server certainly holds
// nothing of the item.
const (
	Prepared State = "prepared" // on disk; nothing was sent
	Sent     State = "sent"     // the POST may have reached the server
	Accepted State = "accepted" // the server accepted the batch, and its job is not known to have ended
	Standing State = "standing" // the record is stored on the server: see Item.RecordID and Item.RevisionID
	Refused  State = "refused"  // the server rejected the item
	Absent   State = "absent"   // it was never sent, or its job has ended and two looks found nothing of it
	Unknown  State = "unknown"  // it is not known whether it is stored
)

// States returns all states, in the order in which an item goes through them.
func States() []State {
	return []State{Prepared, Sent, Accepted, Standing, Refused, Absent, Unknown}
}

// mayFollow lists the states in which new knowledge may find an item. Sending is no knowledge: see
// Journal.Send.
var mayFollow = map[State][]State{
	Prepared: {Prepared},
	Sent:     {Sent},
	Accepted: {Sent, Accepted, Unknown},
	Standing: {Sent, Accepted, Unknown, Standing, Refused, Absent},
	Refused:  {Sent, Accepted, Unknown, Refused},
	Absent:   {Prepared, Sent, Accepted, Unknown, Absent},
	Unknown:  {Sent, Accepted, Unknown, Refused, Absent},
}

// MayFollow reports whether new knowledge may move an item from one state to the other. Every
// Journal enforces it: an item that is Standing stays so, and an item that was sent and taken for
// Refused or Absent can still turn out to be Standing or in doubt.
func MayFollow(from, to State) bool { return slices.Contains(mayFollow[to], from) }

// Sendable reports whether an item in this state may be sent, because the server certainly holds
// nothing of it.
func (s State) Sendable() bool { return s == Prepared || s == Refused || s == Absent }

// inDoubt reports whether a second one must wait until it is known what became of the item.
func (s State) inDoubt() bool { return s == Prepared || s == Sent || s == Unknown }

// Item is one record of a submission, with what is known about it.
type Item struct {
	SubmissionID string
	StudyKey     string
	Index        int // index in the submission, from 0
	Line         int // of the caller's input; 0 means unknown
	Kind         imednet.SubmissionKind
	FormKey      string // as given by the caller; "" if the form was named by id
	IntentKey    string // caller's key; may be ""

	// ContentHash is equal for records of a study that ask for the same, however they are spelled (see
	// [Item.Contents]). Ordinal numbers equal records of a submission from 1.
	ContentHash string
	Ordinal     int
	// Payload is the item of the POST, byte for byte. It is subject data.
	Payload jsontext.Value

	State   State
	Closed  bool // no further action is needed
	Attempt int  // POSTs that carried it so far
	// Position is the item's index in the latest POST, from 0, and BatchSize the number of items in
	// that POST.
	Position  int
	BatchSize int

	// SentAt is the time at which the latest POST began: the server's time if ServerTime is set,
	// otherwise that of the caller's clock, which may differ. AfterRevision is the highest revision
	// id seen in the study at that moment.
	SentAt        time.Time
	ServerTime    bool
	AfterRevision int64
	BatchID       string // of the latest POST; "" until known
	JobState      string // of the ended job, as received

	// RecordID and RevisionID identify the stored record, as far as they are known. The API does not say what a
	// revision wrote: if several can be the item's, it is the first that no equal item has.
	RecordID   int64
	RevisionID int64
	// Reason explains the state. It holds no subject data.
	Reason string
	// ServerMessage is the server's message about the item. It may hold subject data.
	ServerMessage string
	ChangedAt     time.Time // UTC, by the journal's clock
	ChangedBy     string    // author of the latest change; "" if the journal does not tell
}

// Change is new knowledge about an item. A [Journal] applies it only if the item is still at the
// same attempt and [MayFollow] allows the transition.
type Change struct {
	SubmissionID string
	Index        int
	Attempt      int
	To           State
	Close        bool // no further action is needed; a closed item stays closed

	BatchID       string // "" keeps the known value
	JobState      string // "" keeps the known value
	RecordID      int64
	RevisionID    int64
	Reason        string
	ServerMessage string
}

// change starts a Change of an item as it is.
func (i *Item) change(to State, reason string) Change {
	return Change{SubmissionID: i.SubmissionID, Index: i.Index, Attempt: i.Attempt, To: to, Reason: reason}
}

// Apply returns the item after a change, and whether the change is allowed. Journals use it.
func (i Item) Apply(c Change, at time.Time) (Item, bool) {
	if i.Attempt != c.Attempt || !MayFollow(i.State, c.To) || i.over() && (c.To == Standing || c.To == Unknown) {
		return i, false
	}
	i.State, i.Closed = c.To, i.Closed || c.Close || c.To == Standing
	if c.BatchID != "" {
		i.BatchID = c.BatchID
	}
	if c.JobState != "" {
		i.JobState = c.JobState
	}
	if c.RecordID != 0 {
		i.RecordID, i.RevisionID = c.RecordID, c.RevisionID
	}
	i.Reason = c.Reason
	if c.To == Standing && strings.HasPrefix(i.ServerMessage, ofOne) {
		i.ServerMessage = "" // they were about another record
	}
	if c.ServerMessage != "" {
		i.ServerMessage = c.ServerMessage
	}
	i.ChangedAt = at
	return i, true
}

// over reports whether an item has come to an end at which nothing of it can stand: it was never sent,
// or was closed as one that does not stand.
func (i *Item) over() bool {
	return (i.State == Refused || i.State == Absent) && (i.Closed || i.Attempt == 0)
}

// discardedAs begins the reason of an item that [RecordUpdate.Discard] closed.
const discardedAs = "closed: "

// Discarded reports whether somebody closed the item without knowing that it is stored, and why.
func (i *Item) Discarded() (why string, discarded bool) {
	why, discarded = strings.CutPrefix(i.Reason, discardedAs)
	if !i.Closed || i.State == Standing || !discarded {
		return "", false
	}
	return why, true
}

// creates reports whether the item always makes a record of its own.
func (i *Item) creates() bool { return makes(i.Kind) }

func makes(kind imednet.SubmissionKind) bool {
	return kind == imednet.NewRecord || kind == imednet.RegisterSubject
}

// Claim returns what an item that is Standing claims exclusively: the record that it created or the
// revision that it wrote; "" means nothing. Journals grant every claim in a study to only one item.
func (i *Item) Claim() string {
	switch {
	case i.State != Standing || i.RecordID == 0:
		return ""
	case i.creates():
		return recordClaim(i.RecordID)
	case i.RevisionID == 0:
		return ""
	}
	return revisionClaim(i.RecordID, i.RevisionID, i.ContentHash)
}

func recordClaim(record int64) string { return fmt.Sprintf("record %d", record) }

// revisionClaim leaves a revision to several items with different contents, because a server may
// store what it is asked for one record in one step.
func revisionClaim(record, revision int64, content string) string {
	return fmt.Sprintf("record %d, revision %d, %.16s", record, revision, content)
}

// Counts is the number of items of a submission in each state.
type Counts map[State]int

// Count counts items by state.
func Count(items []Item) Counts {
	c := Counts{}
	for i := range items {
		c[items[i].State]++
	}
	return c
}

// Total returns the number of items.
func (c Counts) Total() int {
	n := 0
	for _, k := range c {
		n += k
	}
	return n
}
