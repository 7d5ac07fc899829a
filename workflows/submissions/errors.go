package submissions

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Sentinels that a caller can test for with errors.Is.
var (
	// ErrInDoubt means that the journal holds the same record in a submission whose outcome is not
	// yet known. Settle that one first.
	ErrInDoubt = errors.New("another submission holds the same record, and its outcome is not known yet")
	// ErrRepeated means that the same record has already been submitted. If a second one is
	// intended, set [Options.AllowRepeat].
	ErrRepeated = errors.New("the same record was submitted already")
	// ErrLeased means that another process is sending the submission.
	ErrLeased = errors.New("another process is sending the submission")
	// ErrLeaseLost means that another process has taken over the submission.
	ErrLeaseLost = errors.New("another process has taken over the submission")
	// ErrNotSendable means that an item may be stored on the server, or that it has been closed.
	ErrNotSendable = errors.New("an item of the submission must not be sent")
	// ErrRecheck means that an item was sent, and must be looked for once more before another one is
	// sent in its place. RecordUpdate does so automatically.
	ErrRecheck = errors.New("an older record must be looked for again before another one is sent in its place")
	// ErrDamaged means that the content of the journal is not what was written to it.
	ErrDamaged = errors.New("the journal is damaged")
	// ErrUntraceable means that the server accepted a batch without a batch id, so that its job
	// cannot be polled. The items are settled by reading the records back.
	ErrUntraceable = errors.New("submission successful but no batch_id received")
	// ErrRefused is matched by an *[IncompleteError] if the server refused an item or does not have
	// it.
	ErrRefused = errors.New("records were refused or are absent")
	// ErrUnknownOutcome is matched by an *[IncompleteError] if it is not known whether an item is
	// stored.
	ErrUnknownOutcome = errors.New("the outcome of records is unknown")
)

// Conflict is an item of a new submission that conflicts with an older one.
type Conflict struct {
	Index int  // of the new item
	Line  int  // of the caller's input; 0 means unknown
	Held  Item // older item, without its payload
	// ByIntent is true if the intent keys are equal, and not only the contents.
	ByIntent bool
}

// InDoubt reports whether the outcome of the older item is not yet known, so that a repeat is not
// allowed.
func (c *Conflict) InDoubt() bool { return !c.Held.Closed && c.Held.State.inDoubt() }

// ConflictError lists the items of a submission that were submitted before. Nothing was sent. With
// errors.Is it matches [ErrInDoubt], [ErrRepeated], or both.
type ConflictError struct{ Conflicts []Conflict }

// Error counts the conflicts and names the older submissions.
func (e *ConflictError) Error() string {
	doubtful, discarded := 0, 0
	seen := map[string]bool{}
	var ids []string
	for i := range e.Conflicts {
		if e.Conflicts[i].InDoubt() {
			doubtful++
		}
		if _, closed := e.Conflicts[i].Held.Discarded(); closed {
			discarded++
		}
		if id := cmp.Or(e.Conflicts[i].Held.SubmissionID, "without an id"); !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	const most = 3
	if len(ids) > most {
		ids = append(ids[:most], fmt.Sprintf("and %d more", len(ids)-most))
	}
	text := fmt.Sprintf("submitted before: %s, %d of them with an outcome that is not known yet", records(len(e.Conflicts)), doubtful)
	if discarded > 0 {
		text += fmt.Sprintf(", %d discarded before their outcome was known", discarded)
	}
	return fmt.Sprintf("%s: submission %s; nothing was sent", text, cmp.Or(strings.Join(ids, ", "), "without an id"))
}

// Is matches [ErrInDoubt], [ErrRepeated] or both.
func (e *ConflictError) Is(target error) bool {
	for i := range e.Conflicts {
		if e.Conflicts[i].InDoubt() && target == ErrInDoubt || !e.Conflicts[i].InDoubt() && target == ErrRepeated {
			return true
		}
	}
	return false
}

// LeaseError reports who holds the lease of a submission. It wraps [ErrLeased].
type LeaseError struct {
	SubmissionID string
	Holder       string
	Until        time.Time
}

// Error names the submission, the holder and the end of the lease.
func (e *LeaseError) Error() string {
	return fmt.Sprintf("submission %s: %v: %s, until %s unless it goes on", cmp.Or(e.SubmissionID, "without an id"), ErrLeased, cmp.Or(e.Holder, "an unnamed holder"), e.Until.UTC().Format(time.RFC3339))
}

// Unwrap returns ErrLeased.
func (e *LeaseError) Unwrap() error { return ErrLeased }

// IncompleteError reports that not every record of a submission is stored or, without Wait, was
// accepted. With errors.Is it matches [ErrRefused], [ErrUnknownOutcome], and whatever Err matches.
type IncompleteError struct {
	StudyKey     string
	SubmissionID string // "" without a journal
	Items        []Item // those that are not as they should be, in the order of the input
	StandDespite int    // number of others that are stored although their job failed
	Err          error  // what ended the submission early; nil if it was completed
}

// Error counts the items by state and names the first ones by their places; it holds no subject data.
func (e *IncompleteError) Error() string {
	text := "submissions: " + e.places()
	if e.SubmissionID != "" {
		text = "submissions: submission " + e.SubmissionID + ": " + e.places()
	}
	if e.StandDespite > 0 {
		text += fmt.Sprintf("; %s although the job failed", stand(e.StandDespite))
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// stand counts what stands in words.
func stand(n int) string {
	if n == 1 {
		return "1 stands"
	}
	return fmt.Sprintf("%d stand", n)
}

func (e *IncompleteError) places() string {
	counts := Count(e.Items)
	var parts []string
	for _, state := range States() {
		if counts[state] == 0 {
			continue
		}
		const most = 5
		var places []string
		for i := range e.Items {
			if e.Items[i].State == state && len(places) < most {
				places = append(places, e.Items[i].place())
			}
		}
		if more := counts[state] - len(places); more > 0 {
			places = append(places, fmt.Sprintf("and %d more", more))
		}
		parts = append(parts, fmt.Sprintf("%d %s (%s)", counts[state], state, strings.Join(places, ", ")))
	}
	if len(parts) == 0 {
		return "not completed"
	}
	return "not every record stands: " + strings.Join(parts, "; ")
}

// place names an item for people, without subject data.
func (i *Item) place() string {
	if i.Line > 0 {
		return fmt.Sprintf("line %d", i.Line)
	}
	return itemName(i.Index)
}

// itemName names an item in a text by its number, which is counted from 1 as in every table and every option
// of the command.
func itemName(index int) string { return fmt.Sprintf("item %d", index+1) }

// Is matches [ErrRefused], [ErrUnknownOutcome] or both.
func (e *IncompleteError) Is(target error) bool {
	counts := Count(e.Items)
	switch target {
	case ErrRefused:
		return counts[Refused]+counts[Absent] > 0
	case ErrUnknownOutcome:
		return counts[Unknown]+counts[Sent] > 0
	}
	return false
}

// Unwrap returns what ended the submission.
func (e *IncompleteError) Unwrap() error { return e.Err }

// Retryable returns false: accepted records must not be sent again.
func (e *IncompleteError) Retryable() bool { return false }
