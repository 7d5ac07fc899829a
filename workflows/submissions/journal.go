package submissions

import (
	"context"

	"github.com/imednetgo/imednet"
)

// Journal keeps submissions across a crash. Package journal implements it in a SQLite file; it is
// an interface so that this package needs no C compiler.
type Journal interface {
	// Prepare stores new entries in state prepared, all or none, durably: after it returned they
	// survive a power cut. An id that exists is an error.
	Prepare(ctx context.Context, entries []Entry) error
	// Advance replaces an entry, durably, if the stored one is in state from, and fails with an
	// error otherwise: two processes cannot both take the same step.
	Advance(ctx context.Context, entry Entry, from EntryState) error
	// Open returns the entries of a study that are not closed, in the order in which they were
	// prepared.
	Open(ctx context.Context, studyKey string) ([]Entry, error)
	// Entry returns one entry; an unknown id is an error that is imednet.ErrNotFound.
	Entry(ctx context.Context, id string) (Entry, error)
}

// noJournal serves callers who gave none.
type noJournal struct{}

func (noJournal) Prepare(context.Context, []Entry) error { return nil }

func (noJournal) Advance(context.Context, Entry, EntryState) error {
	return nil
}

func (noJournal) Entry(context.Context, string) (Entry, error) {
	return Entry{}, imednet.ErrNotFound
}

func (noJournal) Open(context.Context, string) ([]Entry, error) { return nil, nil }
