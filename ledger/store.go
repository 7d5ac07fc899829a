package ledger

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Store keeps the entries of a ledger and the record of its runs. Package ledgertest holds the
// suite that every implementation must pass. Implementations are safe for use by many goroutines,
// and by many processes if what they keep outlives the process.
type Store interface {
	// Load returns all entries as they stood at one moment. The caller may change what it gets.
	// A store that was never written is empty; one that cannot be understood is ErrDamaged.
	Load(ctx context.Context) (LedgerState, error)
	// Commit compares every entry named in c.Changes with its Old (StreamState.Equal), then
	// applies all changes and appends all runs. Nothing happens unless everything fits: an entry
	// that differs is ErrConflict. When Commit returns nil, the new state survives a power cut.
	Commit(ctx context.Context, c Commit) error
	// TryLock takes the lock of one stream of one study if nobody holds it, in this process or
	// another, and never waits. The lock ends with unlock or with the process.
	TryLock(ctx context.Context, k Key) (unlock func() error, ok bool, err error)
	// Runs yields recorded runs, the newest first. The error is yielded once, last.
	Runs(ctx context.Context, f RunFilter) iter.Seq2[Run, error]
}

// Commit is what a store does at once.
type Commit struct {
	Changes []Change // at most one for each key
	Runs    []Run
}

// Change replaces one entry.
type Change struct {
	Key
	Old *StreamState // what the entry must be; nil: there is none
	New *StreamState // what it becomes; nil: it is removed
}

// RunKind says what a run was.
type RunKind string

// What is recorded in the history.
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
	StudyKey   string     `json:"study_key,omitempty"`
	Stream     string     `json:"stream_name,omitempty"`
	Kind       RunKind    `json:"kind"`
	Status     Status     `json:"status"`
	StartedAt  time.Time  `json:"started_at"`
	EndedAt    time.Time  `json:"ended_at"`
	MarkBefore *time.Time `json:"mark_before,omitempty"` // nil: there was no entry
	MarkAfter  *time.Time `json:"mark_after,omitempty"`  // nil: there is none
	Records    int64      `json:"records_processed"`
	Error      string     `json:"error_message,omitempty"`
	Reason     string     `json:"reason,omitempty"` // why a mark was reset, set back or restored
	Metadata   Metadata   `json:"metadata,omitempty"`
	By         *Author    `json:"by,omitempty"` // who ran it, as claimed; nil: not said
	// EntryHash is the SHA-256 of the entry's JSON as the run left it; empty when it left none, and when
	// it is not known because another program wrote meanwhile.
	EntryHash string `json:"entry_hash,omitempty"`
	// Previous is the hash of the run before, empty for the first, and Hash that of this one. The
	// store sets both.
	Previous string         `json:"previous,omitempty"`
	Hash     string         `json:"hash,omitempty"`
	Unknown  jsontext.Value `json:",embed"`
}

// RunFilter selects runs. Empty fields select everything.
type RunFilter struct {
	StudyKey string
	Stream   string
	Limit    int // the newest so many; 0 is all that are kept
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
