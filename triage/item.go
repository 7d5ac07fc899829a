package triage

import (
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/audit"
)

// Status is the status of the review of an item.
type Status string

// The statuses, in the order of a review.
const (
	StatusNew         Status = "NEW"
	StatusUnderReview Status = "UNDER_REVIEW"
	StatusResolved    Status = "RESOLVED"
)

// Link identifies what an item is about. Zero fields are unknown.
type Link struct {
	RecordID   int64              `json:"record_id,omitzero"`
	RevisionID imednet.RevisionID `json:"revision_id,omitzero"` // newest revision seen
	FormKey    string             `json:"form_key,omitzero"`
	Variable   string             `json:"variable,omitzero"`
	Rule       string             `json:"rule,omitzero"` // id of the check
}

// Item is one entry of the review queue. Its JSON names are those of the Python package.
type Item struct {
	ItemID      string       `json:"item_id"`
	StudyKey    string       `json:"study_key"`
	Status      Status       `json:"status"`
	Assignee    string       `json:"assignee,omitzero"` // empty means unassigned
	Severity    string       `json:"severity"`
	Summary     string       `json:"summary,omitzero"`
	Fingerprint string       `json:"fingerprint,omitzero"` // see Finding
	Link        Link         `json:"link,omitzero"`
	Version     int64        `json:"version"` // incremented by every change; an update must name it
	CreatedAt   time.Time    `json:"created_at"`
	UpdatedAt   time.Time    `json:"updated_at"`
	OpenedAt    time.Time    `json:"opened_at"`       // created, or last reopened
	DueAt       time.Time    `json:"due_at,omitzero"` // zero means no due date
	Regressions int64        `json:"regressions,omitzero"`
	ClaimedBy   string       `json:"claimed_by,omitzero"`
	ClaimUntil  time.Time    `json:"claimed_until,omitzero"` // end of the claim
	ResolvedBy  string       `json:"resolved_by,omitzero"`   // of a resolved item
	ConfirmedBy string       `json:"confirmed_by,omitzero"`  // second person, of a resolved item
	Annotations []Annotation `json:"annotations"`            // from oldest to newest
	History     []Transition `json:"history"`                // from oldest to newest
	// Signatures are the signatures of the item, from oldest to newest.
	Signatures []imednet.Signature `json:"signatures,omitempty"`
	// Problems lists data of an imported item that could not be written today, such as a blank user
	// or an unreadable time. It is nil if there are none.
	Problems []imednet.Problem `json:"problems,omitempty"`
}

// ClaimedAt returns the user whose claim on the item is valid at a time, or "".
func (i *Item) ClaimedAt(now time.Time) string {
	if i.ClaimedBy != "" && i.ClaimUntil.After(now) {
		return i.ClaimedBy
	}
	return ""
}

// Annotation is a comment on an item.
type Annotation struct {
	AnnotationID string    `json:"annotation_id"`
	UserID       string    `json:"user_id"`
	Comment      string    `json:"comment"`
	Timestamp    time.Time `json:"timestamp"`
}

// Transition is a change of the status of an item.
type Transition struct {
	TransitionID string    `json:"transition_id"`
	From         Status    `json:"from_status"`
	To           Status    `json:"to_status"`
	UserID       string    `json:"user_id"`
	Comment      string    `json:"comment,omitzero"`
	Timestamp    time.Time `json:"timestamp"`
}

// item turns a stored row into what callers see.
func (r *itemRow) item() Item {
	c := &audit.Checker{}
	c.ID("item_id", r.ItemID)
	c.Name("study_key", r.StudyKey)
	c.Name("severity", r.Severity)
	if !known(Status(r.Status)) {
		c.Add("status", "is none of NEW, UNDER_REVIEW, RESOLVED")
	}
	i := Item{
		ItemID: r.ItemID, StudyKey: r.StudyKey, Status: Status(r.Status), Assignee: r.Assignee.String,
		Severity: r.Severity, Summary: r.Summary, Fingerprint: r.Fingerprint.String,
		Link:    Link{r.RecordID, imednet.RevisionID(r.RevisionID), r.FormKey, r.Variable, r.Rule},
		Version: r.Version, Regressions: r.Regressions, ClaimedBy: r.ClaimedBy.String, ResolvedBy: r.ResolvedBy.String, ConfirmedBy: r.ConfirmedBy.String,
		CreatedAt: readTime(c, "created_at", r.CreatedAt), UpdatedAt: readTime(c, "updated_at", r.UpdatedAt),
		OpenedAt: readTime(c, "opened_at", r.OpenedAt), Annotations: []Annotation{}, History: []Transition{},
	}
	if r.DueAt.Valid {
		i.DueAt = readTime(c, "due_at", r.DueAt.String)
	}
	if r.ClaimedUntil.Valid {
		i.ClaimUntil = readTime(c, "claimed_until", r.ClaimedUntil.String)
	}
	i.Problems = c.Problems()
	return i
}

// readTime reads a stored time. One that cannot be read is a problem and the zero time.
func readTime(c *audit.Checker, path, s string) time.Time {
	t, ok := audit.ParseTime(s)
	if !ok {
		c.Add(path, "is not a time that can be read")
	}
	return t
}

func known(s Status) bool {
	return s == StatusNew || s == StatusUnderReview || s == StatusResolved
}
