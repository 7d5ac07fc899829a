package submissions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// MemoryJournal is a [Journal] in memory, for tests and for callers who want repeats to be refused
// and accept losing track in a crash. It is safe for concurrent use.
type MemoryJournal struct {
	mu      sync.Mutex
	clock   imednet.Clock
	entries []*Entry
	items   map[string][]*Item // by submission
	claims  map[string]bool    // study, NUL, claim
	changes int64
}

// NewMemoryJournal returns an empty journal that uses a clock.
func NewMemoryJournal(clock imednet.Clock) (*MemoryJournal, error) {
	if err := argument.Required("submissions.NewMemoryJournal", "clock", clock); err != nil {
		return nil, err
	}
	return &MemoryJournal{clock: clock, items: map[string][]*Item{}, claims: map[string]bool{}}, nil
}

// memoryFailure names what failed; what a caller branches on stays beneath it.
func memoryFailure(op, submissionID string, err error) error {
	if err == nil {
		return nil
	}
	e := &imednet.Error{Package: "submissions", Op: op, Err: err}
	if submissionID != "" {
		e.Place = "submission " + submissionID
	}
	return e
}

// Clock returns the clock by which items are dated and leases end.
func (j *MemoryJournal) Clock() imednet.Clock { return j.clock }

func (j *MemoryJournal) now() time.Time { return j.clock.Now().UTC() }

// Prepare implements Journal.
func (j *MemoryJournal) Prepare(_ context.Context, p Preparation) (Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := p.Validate(); err != nil {
		return Entry{}, memoryFailure("prepare", p.ID, err)
	}
	if j.items[p.ID] != nil {
		return Entry{}, memoryFailure("prepare", p.ID, errors.New("exists already"))
	}
	now := j.now()
	older := func(item *Item) ([]Item, error) {
		contents := item.Contents()
		return j.find(func(e *Entry, i *Item) bool {
			return e.StudyKey == p.StudyKey && (slices.Contains(contents, i.ContentHash) || i.IntentKey != "" && i.IntentKey == item.IntentKey)
		}), nil
	}
	conflicts, replaced, err := p.Decide(older, now)
	if err != nil {
		return Entry{}, memoryFailure("prepare", p.ID, err)
	}
	if len(conflicts) > 0 {
		return Entry{}, &ConflictError{conflicts}
	}
	for _, r := range replaced {
		old := j.items[r.SubmissionID][r.Index]
		old.Closed, old.Reason, old.ChangedAt, old.ChangedBy = true, ReplacedBy(p.ID), now, p.Author
		j.changes++
	}
	entry := &Entry{ID: p.ID, StudyKey: p.StudyKey, Author: p.Author, Source: p.Source, PreparedAt: now, Holder: p.Lease.Holder, LeaseUntil: now.Add(p.Lease.For), Fence: 1}
	j.entries = append(j.entries, entry)
	for n := range p.Items {
		item := p.Items[n]
		item.SubmissionID, item.StudyKey, item.Index, item.State, item.ChangedAt, item.ChangedBy = p.ID, p.StudyKey, n, Prepared, now, p.Author
		j.items[p.ID] = append(j.items[p.ID], &item)
		j.changes++
	}
	return j.counted(entry), nil
}

// ReplacedBy returns the reason recorded for an item that was replaced by a newer submission.
func ReplacedBy(submissionID string) string { return "submission " + submissionID + " took its place" }

func (j *MemoryJournal) entry(id string) (*Entry, error) {
	for _, e := range j.entries {
		if e.ID == id {
			return e, nil
		}
	}
	return nil, imednet.ErrNotFound
}

// counted returns a copy of an entry with its counts.
func (j *MemoryJournal) counted(e *Entry) Entry {
	out := *e
	out.Counts = Counts{}
	for _, i := range j.items[e.ID] {
		out.Counts[i.State]++
		if !i.Closed {
			out.Open++
		}
	}
	return out
}

// Take implements Journal.
func (j *MemoryJournal) Take(_ context.Context, id string, lease Lease) (Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, err := j.entry(id)
	if err != nil {
		return Entry{}, memoryFailure("take the lease", id, err)
	}
	now := j.now()
	if e.Leased(now) {
		return j.counted(e), memoryFailure("take the lease", id, &LeaseError{id, e.Holder, e.LeaseUntil})
	}
	e.Holder, e.LeaseUntil = lease.Holder, now.Add(lease.For)
	e.Fence++
	return j.counted(e), nil
}

// fenced returns an entry if a fence is still the last one.
func (j *MemoryJournal) fenced(id string, fence int64) (*Entry, error) {
	e, err := j.entry(id)
	if err == nil && (e.Fence != fence || e.Holder == "") {
		err = ErrLeaseLost
	}
	return e, err
}

// Renew implements Journal.
func (j *MemoryJournal) Renew(_ context.Context, id string, fence int64, lease Lease) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, err := j.fenced(id, fence)
	if err == nil {
		e.LeaseUntil = j.now().Add(lease.For)
	}
	return memoryFailure("renew the lease", id, err)
}

// Release implements Journal.
func (j *MemoryJournal) Release(_ context.Context, id string, fence int64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, err := j.fenced(id, fence)
	if err == nil {
		e.Holder, e.LeaseUntil = "", time.Time{}
	}
	return memoryFailure("release the lease", id, err)
}

// Send implements Journal.
func (j *MemoryJournal) Send(_ context.Context, s Sending) ([]Item, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, err := j.fenced(s.SubmissionID, s.Fence)
	if err != nil {
		return nil, memoryFailure("send", s.SubmissionID, err)
	}
	items := j.items[s.SubmissionID]
	for position, n := range s.Indexes {
		if n < 0 || n >= len(items) || items[n].Closed || !items[n].State.Sendable() || slices.Contains(s.Indexes[:position], n) {
			return nil, memoryFailure("send", s.SubmissionID, fmt.Errorf("%s: %w", itemName(n), ErrNotSendable))
		}
	}
	now := j.now()
	e.LeaseUntil = now.Add(s.Lease.For)
	var sent []Item
	for position, n := range s.Indexes {
		*items[n] = items[n].Started(s, position, now)
		sent = append(sent, *items[n])
		j.changes++
	}
	return sent, nil
}

// Started returns the item after the decision to send it, at a position in the POST. Journals use
// it.
func (i Item) Started(s Sending, position int, at time.Time) Item {
	i.State, i.ChangedAt, i.ChangedBy, i.Reason, i.ServerMessage, i.BatchID, i.JobState = Sent, at, s.Author, "", "", "", ""
	i.Attempt++
	i.Position, i.BatchSize = position, len(s.Indexes)
	i.SentAt, i.ServerTime, i.AfterRevision = s.At.UTC(), s.ServerTime, s.AfterRevision
	return i
}

// Note implements Journal.
func (j *MemoryJournal) Note(_ context.Context, author string, changes []Change) ([]Item, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range changes { // all of them before the first is applied
		if c.Index < 0 || c.Index >= len(j.items[c.SubmissionID]) {
			return nil, memoryFailure("note", c.SubmissionID, fmt.Errorf("%s: %w", itemName(c.Index), imednet.ErrNotFound))
		}
	}
	now := j.now()
	var out []Item
	for _, c := range changes {
		item := j.items[c.SubmissionID][c.Index]
		next, ok := item.Apply(c, now)
		claim := item.StudyKey + "\x00" + next.Claim()
		fresh := next.Claim() != "" && next.Claim() != item.Claim()
		if ok && !(fresh && j.claims[claim]) {
			if fresh {
				j.claims[claim] = true
			}
			next.ChangedBy = author
			*item = next
			j.changes++
		}
		out = append(out, *item)
	}
	return out, nil
}

// Entries implements Journal.
func (j *MemoryJournal) Entries(_ context.Context, q Query) ([]Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []Entry
	for _, e := range j.entries {
		if slices.ContainsFunc(j.items[e.ID], func(i *Item) bool { return q.selects(e, i) }) {
			out = append(out, j.counted(e))
		}
	}
	return out, nil
}

// selects reports whether a query is for an item of an entry.
func (q *Query) selects(e *Entry, i *Item) bool {
	return (q.StudyKey == "" || q.StudyKey == e.StudyKey) && (q.SubmissionID == "" || q.SubmissionID == e.ID) &&
		(len(q.States) == 0 || slices.Contains(q.States, i.State)) && (!q.Open || !i.Closed) &&
		(q.Since.IsZero() || !e.PreparedAt.Before(q.Since)) && (q.Until.IsZero() || e.PreparedAt.Before(q.Until))
}

// Items implements Journal.
func (j *MemoryJournal) Items(_ context.Context, q Query) ([]Item, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.find(q.selects), nil
}

func (j *MemoryJournal) find(wanted func(*Entry, *Item) bool) []Item {
	var out []Item
	for _, e := range j.entries {
		for _, i := range j.items[e.ID] {
			if wanted(e, i) {
				out = append(out, *i)
			}
		}
	}
	return out
}

// Claims implements Journal.
func (j *MemoryJournal) Claims(_ context.Context, studyKey string, claims []string) (map[string]bool, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := map[string]bool{}
	for _, c := range claims {
		if j.claims[studyKey+"\x00"+c] {
			out[c] = true
		}
	}
	return out, nil
}

// Verify implements [Journal]. A journal in memory has no history that could be forged.
func (j *MemoryJournal) Verify(context.Context, string) (Verification, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	v := Verification{Events: j.changes}
	for _, items := range j.items {
		v.Items += int64(len(items))
	}
	return v, nil
}
