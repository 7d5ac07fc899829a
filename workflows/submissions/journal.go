package submissions

import (
	"context"
	"time"

	"github.com/imednetgo/imednet"
)

// Journal keeps submissions and their items across a crash, and is the lock that keeps two processes
// from sending the same one. Every method is one transaction: when it has returned, what it did
// survives a power cut. Package sqlitejournal keeps one in a file, MemoryJournal serves tests, and
// package journaltest holds every implementation to this contract.
type Journal interface {
	// Prepare decides whether a submission may be sent, and stores it with its items in state
	// Prepared and its lease taken: all of it, or nothing with a *ConflictError that lists every item
	// that stands in its way. See Preparation.
	Prepare(ctx context.Context, p Preparation) (Entry, error)
	// Take takes the lease of a submission for a holder, or fails with a *LeaseError while another
	// one holds it. The fence of the entry that it returns is greater than any before.
	Take(ctx context.Context, submissionID string, lease Lease) (Entry, error)
	// Renew prolongs a lease, Release gives it up. Both fail with ErrLeaseLost if somebody has taken
	// it since.
	Renew(ctx context.Context, submissionID string, fence int64, lease Lease) error
	Release(ctx context.Context, submissionID string, fence int64) error
	// Send is the decision to send: it moves items that are Sendable and not closed to Sent, counts
	// the attempt, and returns them with their payloads. It fails, and changes nothing, with
	// ErrLeaseLost if somebody has taken the lease since, with ErrNotSendable if one of the items must
	// not be sent, and with ErrDamaged if a payload is not the one that was prepared.
	Send(ctx context.Context, s Sending) ([]Item, error)
	// Note applies what was learnt and returns the items of the changes, in order, as they are
	// afterwards. A change that Item.Apply does not allow, or whose claim another item has, is left
	// out; the item that is returned shows it.
	Note(ctx context.Context, author string, changes []Change) ([]Item, error)
	// Entries returns submissions in the order in which they were prepared, with the counts of all of
	// their items. A submission is found if one of its items is.
	Entries(ctx context.Context, q Query) ([]Entry, error)
	// Items returns items in the order in which they were prepared.
	Items(ctx context.Context, q Query) ([]Item, error)
	// Claims returns which of the claims (see Item.Claim) items of a study have.
	Claims(ctx context.Context, studyKey string, claims []string) (map[string]bool, error)
	// Verify proves that the journal is what was written, that every item is what its history says,
	// and that it still holds the entry of a head that was exported before; "" is none. A journal
	// that is not intact is an error that is ErrDamaged; the result says why.
	Verify(ctx context.Context, head string) (Verification, error)
}

// Preparation is a submission that wants to be sent.
//
// An item is the same as an older one of the study if their intent keys are equal, or if their
// contents are and they do not both have an intent key. Equal items of one submission are different
// ones. An older item
//
//   - in doubt (Prepared, Sent or Unknown) and not closed stands in the way, whatever AllowRepeat says;
//   - Accepted and not closed, or Standing, or closed after it was sent, stands in the way unless
//     AllowRepeat is set; if only the contents are equal, only within Window of its last change;
//   - Refused or Absent does not: it is closed, one for each new one, and the new one takes its place. If
//     it was sent it must be among Rechecked, as it is; otherwise Prepare fails with ErrRecheck.
type Preparation struct {
	ID       string
	StudyKey string
	Author   string
	Source   string // where it came from, such as the name of a file; may be ""
	Items    []Item // Payload, Kind, FormKey, IntentKey, ContentHash, Ordinal and Line are given
	Lease    Lease
	// Window is how long an item protects against another one of the same content; 0 and less never.
	Window      time.Duration
	AllowRepeat bool
	// Rechecked are older items that were looked for once more just now, and do not stand.
	Rechecked []Item
}

// Lease is the right to send the items of a submission. It ends by itself, so that a process that
// was killed loses it; one that lives renews it.
type Lease struct {
	Holder string // says who, for people
	For    time.Duration
}

// Sending is the decision to send items of one submission in one POST.
type Sending struct {
	SubmissionID  string
	Fence         int64
	Lease         Lease // renewed by the way
	Author        string
	Indexes       []int
	At            time.Time
	ServerTime    bool
	AfterRevision int64
}

// Entry is one submission in a journal: a call, or a file.
type Entry struct {
	ID         string
	StudyKey   string
	Author     string
	Source     string
	PreparedAt time.Time // UTC, by the journal's clock
	Counts     Counts
	Open       int // items that somebody needs to look at
	// Holder has the lease until LeaseUntil; "" is nobody.
	Holder     string
	LeaseUntil time.Time
	Fence      int64 // counts the takings of the lease
}

// Leased reports whether somebody holds the lease at a moment of the journal's clock.
func (e *Entry) Leased(now time.Time) bool { return e.Holder != "" && now.Before(e.LeaseUntil) }

// Query selects submissions and items; zero fields select all.
type Query struct {
	StudyKey     string
	SubmissionID string
	States       []State
	Open         bool      // only items that are not closed
	Since, Until time.Time // the submission was prepared at or after the one, and before the other
}

// Verification is what Journal.Verify found.
type Verification struct {
	Events   int64
	Items    int64
	Head     string // the end of the history in one line; worth keeping elsewhere
	Faults   int64
	Problems []imednet.Problem // the first hundred faults
}
