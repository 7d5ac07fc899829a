package submissions

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// State says what is known of one record of a submission.
type State string

// The states of an item. Only Prepared, Refused and Absent prove that the server holds nothing of it.
const (
	Prepared State = "prepared" // on disk; nothing was sent
	Sent     State = "sent"     // the POST may have reached the server
	Accepted State = "accepted" // the server took the batch, and its job is not known to have ended
	Standing State = "standing" // the record stands on the server: see Item.RecordID and Item.RevisionID
	Refused  State = "refused"  // the server answered that it does not take the item
	Absent   State = "absent"   // it was never sent, or its job has ended and two looks found nothing of it
	Unknown  State = "unknown"  // it may or may not stand; nobody can say yet
)

// States lists all states, in the order in which an item goes through them.
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

// MayFollow reports whether an item in state from may become to by what is learnt of it. Every
// Journal enforces it: what stands is never unlearnt, and what was sent and was taken for refused or
// absent can still turn out to stand, or to be in doubt.
func MayFollow(from, to State) bool { return slices.Contains(mayFollow[to], from) }

// Sendable reports whether an item in this state may be sent: the server certainly holds nothing of it.
func (s State) Sendable() bool { return s == Prepared || s == Refused || s == Absent }

// inDoubt reports whether a second one must wait until it is known what became of the item.
func (s State) inDoubt() bool { return s == Prepared || s == Sent || s == Unknown }

// Item is one record of a submission, with what is known of it.
type Item struct {
	SubmissionID string
	StudyKey     string
	Index        int // place in the submission, from 0
	Line         int // of the caller's input; 0 is unknown
	Kind         imednet.SubmissionKind
	FormKey      string // as the caller named it; "" when the form was named by id
	IntentKey    string // the caller's own key; may be ""

	// ContentHash is equal for equal records of one study, and Ordinal counts the equal ones of a
	// submission from 1.
	ContentHash string
	Ordinal     int
	// Payload is the item of the POST, byte for byte. It is subject data.
	Payload jsontext.Value

	State   State
	Closed  bool // nobody needs to look at it again
	Attempt int  // POSTs that carried it so far
	// Position and BatchSize are the item's place in the latest POST, from 0, and what it held.
	Position  int
	BatchSize int

	// SentAt is when the latest POST began: the server's time if ServerTime is set, otherwise the
	// caller's clock, which may differ from the server's. AfterRevision is the greatest revision id
	// that the study was seen to have at that moment.
	SentAt        time.Time
	ServerTime    bool
	AfterRevision int64
	BatchID       string // of the latest POST; "" until it is known
	JobState      string // of the ended job, as received

	// RecordID and RevisionID name what stands, as far as it is known.
	RecordID   int64
	RevisionID int64
	// Reason says why nothing better is known, or what is wrong. It holds no subject data.
	Reason string
	// ServerMessage is what the server said about the item. It may hold subject data.
	ServerMessage string
	ChangedAt     time.Time // UTC, by the journal's clock
}

// Change is what was learnt of an item. A Journal applies it only if the item is still at the same
// attempt and MayFollow allows the step.
type Change struct {
	SubmissionID string
	Index        int
	Attempt      int
	To           State
	Close        bool // nobody needs to look at it again; an item that is closed stays so

	BatchID       string // "" leaves what is known
	JobState      string // "" leaves what is known
	RecordID      int64
	RevisionID    int64
	Reason        string
	ServerMessage string
}

// change starts a Change of an item as it is.
func (i *Item) change(to State, reason string) Change {
	return Change{SubmissionID: i.SubmissionID, Index: i.Index, Attempt: i.Attempt, To: to, Reason: reason}
}

// Apply returns the item as a change leaves it, and whether the change is allowed. Journals use it.
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

// creates reports whether the item always makes a record of its own.
func (i *Item) creates() bool {
	return i.Kind == imednet.NewRecord || i.Kind == imednet.RegisterSubject
}

// Claim returns what an item that stands keeps others from: the record that it made, or the revision
// that it wrote. "" is nothing. Journals give every claim of a study to one item only.
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

// Counts says how many items of a submission are in each state.
type Counts map[State]int

// Count returns the states of items.
func Count(items []Item) Counts {
	c := Counts{}
	for i := range items {
		c[items[i].State]++
	}
	return c
}

// Total is the number of items.
func (c Counts) Total() int {
	n := 0
	for _, k := range c {
		n += k
	}
	return n
}
