package submissions

import (
	"context"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/verdict"
)

// Journal preserves submissions and their items across a crash, and is the lock that prevents two
// processes from sending the same one. Every method is one transaction: once it has returned, its
// effects survive a power failure. A journal that can be edited from outside compares every item with
// its history before it returns it, changes it or lets it protect against a repeat, and fails with [ErrDamaged]
// and without changes if they differ. Package sqlitejournal stores a journal in a file,
// [MemoryJournal] is for tests, and package journaltest tests implementations against this
// contract.
type Journal interface {
	// Prepare decides whether a submission may be sent, and stores it with its items in state
	// Prepared and its lease taken. It stores all of it, or nothing and returns a *[ConflictError]
	// with every conflict. See [Preparation].
	Prepare(ctx context.Context, p Preparation) (Entry, error)
	// Take takes the lease of a submission for a holder, or fails with a *[LeaseError] while
	// another one holds it. The fence of the returned entry is greater than any before.
	Take(ctx context.Context, submissionID string, lease Lease) (Entry, error)
	// Renew extends a lease, and Release ends it. Both fail with [ErrLeaseLost] if another holder
	// has taken it meanwhile.
	Renew(ctx context.Context, submissionID string, fence int64, lease Lease) error
	Release(ctx context.Context, submissionID string, fence int64) error
	// Send records the decision to send: it moves items that are Sendable and not closed to Sent,
	// counts the attempt, and returns them with their payloads. It fails without changes: with
	// [ErrLeaseLost] if another holder has taken the lease meanwhile, with [ErrNotSendable] if one
	// of the items must not be sent, and with [ErrDamaged] if one is not what was written.
	Send(ctx context.Context, s Sending) ([]Item, error)
	// Note applies changes and returns the resulting items, in the order of the changes. A change
	// that [Item.Apply] does not allow, or whose claim another item has, is not applied; the
	// returned item shows this.
	Note(ctx context.Context, author string, changes []Change) ([]Item, error)
	// Entries returns submissions in the order in which they were prepared, with the counts of all
	// their items. A submission matches if one of its items does.
	Entries(ctx context.Context, q Query) ([]Entry, error)
	// Items returns items in the order in which they were prepared.
	Items(ctx context.Context, q Query) ([]Item, error)
	// Claims returns which of the claims (see [Item.Claim]) are held by items of a study.
	Claims(ctx context.Context, studyKey string, claims []string) (map[string]bool, error)
	// Verify checks that the journal is what was written, that every item agrees with its history,
	// and that the entry of an earlier exported head still exists ("" means no head). A journal
	// that is not intact is [ErrDamaged], and the result lists the faults.
	Verify(ctx context.Context, head string) (Verification, error)
}

// Preparation is a submission to be sent.
//
// An item is the same as an older one of the study if their intent keys are equal, or if their
// contents are equal and they do not both have an intent key. Equal items of one submission count
// as different. An older item
//
//   - that is in doubt (Prepared, Sent or Unknown) and not closed conflicts, regardless of
//     AllowRepeat;
//   - that is Accepted and not closed, or Standing, or closed after it was sent, conflicts unless
//     AllowRepeat is set; if only the contents are equal, it conflicts only within Window of its
//     last change;
//   - that is Refused or Absent does not conflict: for each new item one such item is closed and
//     replaced. If it was sent it must be among Rechecked, as it is; otherwise Prepare fails with
//     ErrRecheck.
type Preparation struct {
	ID       string
	StudyKey string
	Author   string
	Source   string // origin, such as the name of a file; may be ""
	Items    []Item // Payload, Kind, FormKey, IntentKey, ContentHash, Ordinal and Line are given
	Lease    Lease
	// Window is how long an item protects against another one with the same content; 0 or less
	// means never.
	Window      time.Duration
	AllowRepeat bool
	// Rechecked are older items that were just looked for once more and are not Standing.
	Rechecked []Item
}

// Lease is the right to send the items of a submission. It expires, so that a killed process loses
// it; a running one renews it.
type Lease struct {
	Holder string // human-readable name of the holder
	For    time.Duration
}

// Sending is the decision to send items of one submission in one POST.
type Sending struct {
	SubmissionID  string
	Fence         int64
	Lease         Lease // renewed as well
	Author        string
	Indexes       []int
	At            time.Time
	ServerTime    bool
	AfterRevision int64
}

// Entry is one submission in a journal: one call or one file.
type Entry struct {
	ID         string
	StudyKey   string
	Author     string
	Source     string
	PreparedAt time.Time // UTC, by the journal's clock
	Counts     Counts
	Open       int // items that are not closed
	// Holder holds the lease until LeaseUntil; "" means no one.
	Holder     string
	LeaseUntil time.Time
	Fence      int64 // incremented each time the lease is taken
}

// Leased reports whether the lease is held at a moment of the journal's clock.
func (e *Entry) Leased(now time.Time) bool { return e.Holder != "" && now.Before(e.LeaseUntil) }

// Query selects submissions and items; zero fields select all.
type Query struct {
	StudyKey     string
	SubmissionID string
	States       []State
	Open         bool      // only items that are not closed
	Since, Until time.Time // submissions prepared at or after Since and before Until
}

// Verification is the result of [Journal.Verify].
type Verification struct {
	Events int64
	Items  int64
	Head   string // end of the history in one line; store it elsewhere
	// Backdated counts the events that are dated before the one before them: an earlier version of this library wrote them
	// with a clock that had been set back, or somebody made the history anew. This version writes none.
	Backdated int64
	Faults    int64
	Problems  []imednet.Problem // the first hundred faults
}

// String is the result in one line.
func (v Verification) String() string {
	return verdict.Of(fmt.Sprintf("%d entries, %d items", v.Events, v.Items), v.Faults) + v.backdated()
}

func (v Verification) backdated() string {
	if v.Backdated == 0 {
		return ""
	}
	return fmt.Sprintf("; %d entries are dated before the one before them", v.Backdated)
}
