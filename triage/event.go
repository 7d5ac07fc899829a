package triage

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// Kind is the kind of an [Event].
type Kind string

// The kinds of events.
const (
	KindCreated            Kind = "CREATED"             // a new item
	KindUpdated            Kind = "UPDATED"             // severity, summary, link or assignee changed
	KindAssigned           Kind = "ASSIGNED"            // assigned or unassigned
	KindStatus             Kind = "STATUS"              // status changed
	KindRegressed          Kind = "REGRESSED"           // finding of a resolved item was reported again
	KindAnnotated          Kind = "ANNOTATED"           // a comment
	KindClaimed            Kind = "CLAIMED"             // claimed, or claim extended
	KindReleased           Kind = "RELEASED"            // claim released
	KindConfirmed          Kind = "CONFIRMED"           // a second person confirmed the resolution
	KindSigned             Kind = "SIGNED"              // a person signed a version of the item
	KindImported           Kind = "IMPORTED"            // item imported from the Python package's file
	KindImportedAnnotation Kind = "IMPORTED_ANNOTATION" // imported comment
	KindImportedTransition Kind = "IMPORTED_TRANSITION" // imported transition
)

// Event is one entry of the log: who did what to which item, when and why. Its Hash covers every
// other field and, through PreviousHash, all previous entries.
type Event struct {
	Sequence     int64 // 1, 2, 3 … over the whole file
	EventID      string
	StudyKey     string
	ItemID       string
	Version      int64 // version of the item after the event
	Kind         Kind
	UserID       string
	Timestamp    time.Time
	Change       Change
	PreviousHash string // empty for the first entry
	Hash         string
}

// Change holds what an event changed: the new values and the previous ones. Fields that a kind does
// not use are zero.
type Change struct {
	From        Status    `json:"from_status,omitzero"`
	To          Status    `json:"to_status,omitzero"`
	Comment     string    `json:"comment,omitzero"`
	Assignee    *string   `json:"assignee,omitzero"` // nil means unchanged, "" unassigned
	Details     *Details  `json:"details,omitzero"`
	DueAt       time.Time `json:"due_at,omitzero"`
	ClaimUntil  time.Time `json:"claimed_until,omitzero"`
	Fingerprint string    `json:"fingerprint,omitzero"`
	Imported    *Imported `json:"imported,omitzero"`
	// AssigneeBefore and DetailsBefore are the previous values.
	AssigneeBefore *string  `json:"assignee_before,omitzero"`
	DetailsBefore  *Details `json:"details_before,omitzero"`

	Signature *imednet.Signature `json:"signature,omitzero"` // of KindSigned
	Actor     *imednet.Identity  `json:"actor,omitzero"`     // acting identity; nil if UserID is only claimed
	ClockAt   time.Time          `json:"clock_at,omitzero"`  // reading of the clock, if behind the previous entry
}

// Details holds the description of an item by a finding.
type Details struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary,omitzero"`
	Link
}

// Imported holds the columns of a row that the Python package wrote, unchanged.
type Imported struct {
	ID        string  `json:"id,omitzero"` // of an annotation or a transition
	UserID    string  `json:"user_id,omitzero"`
	Status    string  `json:"status,omitzero"`
	From      string  `json:"from_status,omitzero"`
	To        string  `json:"to_status,omitzero"`
	Assignee  *string `json:"assignee,omitzero"`
	Severity  string  `json:"severity,omitzero"`
	Comment   *string `json:"comment,omitzero"`
	CreatedAt string  `json:"created_at,omitzero"`
	UpdatedAt string  `json:"updated_at,omitzero"`
	Timestamp string  `json:"timestamp,omitzero"`
}

// eventRow is a row of triage_events, as it is stored and hashed.
type eventRow struct {
	Sequence                        int64
	EventID, StudyKey, ItemID       string
	Version                         int64
	Kind, UserID, Timestamp, Change string
	PreviousHash, Hash              string
}

const eventColumns = `sequence, event_id, study_key, item_id, version, kind, user_id, timestamp, change, previous_hash, hash`

func (e *eventRow) fields() []any {
	return []any{&e.Sequence, &e.EventID, &e.StudyKey, &e.ItemID, &e.Version, &e.Kind, &e.UserID, &e.Timestamp, &e.Change, &e.PreviousHash, &e.Hash}
}

// hashDomain begins what is hashed.
const hashDomain = "imednet/triage/v1"

// computeHash hashes what is stored, never a re-encoding.
func (e *eventRow) computeHash() string {
	return audit.Hash(hashDomain, strconv.FormatInt(e.Sequence, 10), e.EventID, e.StudyKey, e.ItemID,
		strconv.FormatInt(e.Version, 10), e.Kind, e.UserID, e.Timestamp, e.Change, e.PreviousHash)
}

// event decodes a row.
func (e *eventRow) event() (Event, bool) {
	ev := Event{
		Sequence: e.Sequence, EventID: e.EventID, StudyKey: e.StudyKey, ItemID: e.ItemID, Version: e.Version,
		Kind: Kind(e.Kind), UserID: e.UserID, PreviousHash: e.PreviousHash, Hash: e.Hash,
	}
	var readable bool
	ev.Timestamp, readable = audit.ParseTime(e.Timestamp)
	return ev, json.Unmarshal([]byte(e.Change), &ev.Change) == nil && readable
}
