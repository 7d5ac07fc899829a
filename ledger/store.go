package ledger

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Store stores the entries of a ledger and the history of its runs. Every implementation must pass
// the suite of package ledgertest. Implementations are safe for concurrent use and, if they are
// persistent, by several processes.
type Store interface {
	// Load returns all entries as of one moment. The caller may change the result. A store that was
	// never written is empty; one that cannot be read as a ledger is [ErrDamaged].
	Load(ctx context.Context) (LedgerState, error)
	// Commit compares every entry named in c.Changes with its Old ([StreamState.Equal]), then
	// applies all changes and appends all runs. If any entry differs, nothing is changed and the
	// error is [ErrConflict]. Once Commit has returned nil, the new state survives a power failure.
	Commit(ctx context.Context, c Commit) error
	// TryLock acquires the lock of one stream of one study unless it is held in this or another
	// process, and never waits. The lock ends with unlock or with the process.
	TryLock(ctx context.Context, k Key) (unlock func() error, ok bool, err error)
	// Runs yields recorded runs, from newest to oldest. An error is yielded once, as the last
	// element.
	Runs(ctx context.Context, f RunFilter) iter.Seq2[Run, error]
}

// Commit is a set of changes that a store applies atomically.
type Commit struct {
	Changes []Change // at most one per key
	Runs    []Run
}

// Change replaces one entry.
type Change struct {
	Key
	Old *StreamState // expected entry; nil if there must be none
	New *StreamState // new entry; nil to remove it
}

// RunKind is the kind of a [Run].
type RunKind string

// The kinds of runs recorded in the history.
const (
	RunTransaction RunKind = "transaction"
	RunAdvance     RunKind = "advance"
	RunSet         RunKind = "set"
	RunReset       RunKind = "reset"
	RunWrite       RunKind = "write"
	RunImport      RunKind = "import"
	RunRestore     RunKind = "restore"
)

// Run is one line of a ledger's history.
type Run struct {
	StudyKey  string    `json:"study_key,omitempty"`
	Stream    string    `json:"stream_name,omitempty"`
	Kind      RunKind   `json:"kind"`
	Status    Status    `json:"status"`
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at"` // never before the run before it
	// Clock is the clock's reading at the end, where it was behind the run before; otherwise zero. The store sets it.
	Clock      time.Time  `json:"clock_at,omitzero"`
	MarkBefore *time.Time `json:"mark_before,omitempty"` // nil if there was no entry
	MarkAfter  *time.Time `json:"mark_after,omitempty"`  // nil if there is none
	Records    int64      `json:"records_processed"`
	Error      string     `json:"error_message,omitempty"`
	Reason     string     `json:"reason,omitempty"` // why a mark was reset, moved backward or restored
	Metadata   Metadata   `json:"metadata,omitempty"`
	By         *Author    `json:"by,omitempty"` // who ran it, as claimed; nil if not stated
	// Number is that of the run, 1 for the first that the ledger ever recorded, and Oldest the number of the oldest
	// run that the history kept when this one was written, which tells a history that its limit has cut from one
	// that somebody cut. The store sets both; a run that was written before runs had numbers has neither.
	Number int64 `json:"number,omitzero"`
	Oldest int64 `json:"oldest_kept,omitzero"`
	// EntryHash is the SHA-256 of the entry's JSON as the run left it; empty if it left none, or if
	// it is not known because another program wrote meanwhile.
	EntryHash string `json:"entry_hash,omitempty"`
	// Previous is the hash of the previous run, empty for the first, and Hash that of this one. The
	// store sets both.
	Previous string         `json:"previous,omitempty"`
	Hash     string         `json:"hash,omitempty"`
	Unknown  jsontext.Value `json:",embed"`
}

// RunFilter selects runs. Empty fields select everything.
type RunFilter struct {
	StudyKey string
	Stream   string
	Limit    int // maximum number of runs, counted from the newest; 0 means all
}

func (f RunFilter) match(r Run) bool {
	return (f.StudyKey == "" || f.StudyKey == r.StudyKey) && (f.Stream == "" || f.Stream == r.Stream)
}

// apply makes the changes of a commit, all or, on ErrConflict, some: the caller drops s then.
func (s *LedgerState) apply(changes []Change) error {
	for _, c := range changes {
		current, ok := s.Entry(c.Key)
		if err := c.check(current, ok); err != nil {
			return err
		}
		if c.New == nil {
			s.Remove(c.Key)
			continue
		}
		s.Put(c.Key, c.New.Clone())
	}
	return nil
}

// check compares the entry that is there with the one that must be.
func (c Change) check(current StreamState, exists bool) error {
	if exists != (c.Old != nil) || exists && !current.Equal(*c.Old) {
		return fmt.Errorf("study %s, stream %s: %w", c.StudyKey, c.Stream, ErrConflict)
	}
	return nil
}
