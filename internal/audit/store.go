// Package audit holds what the audited stores share: opening and locking a file that several
// processes write, the hashing of chained entries, the written form of heads and times, and the
// list of what a verification found.
package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/sentinel"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// ErrBusy means that other processes held the file's lock for the whole of Config.Wait.
var ErrBusy = sentinel.Retryable("the store is locked by another process")

// Emptied reports whether opening found a file that had lost its content.
func Emptied(err error) bool { return errors.Is(err, sqlite.ErrEmpty) }

// DefaultWait is how long a call waits for other processes unless told otherwise.
const DefaultWait = 30 * time.Second

// poll is how long SQLite itself waits for a lock. It is short: a lock is free for an instant only
// when another process writes without pause, and the caller's context is looked at between polls.
const poll = 4 * time.Millisecond

// Config says how a store is opened. Zero values mean the documented default.
type Config struct {
	SQLite sqlite.Config
	Clock  imednet.Clock          // default imednet.SystemClock()
	NewID  func() (string, error) // default: random UUIDs
	Wait   time.Duration          // how long to wait for other processes; default DefaultWait
	Access Access                 // what may be done to the file; default: everything
	// Tolerance is how far the clock may be behind the newest entry; default DefaultClockTolerance.
	Tolerance time.Duration
	// Adopted takes over what a file of the Python package holds, in the transaction that makes the
	// file ours. Of the store it may use the clock and the ids.
	Adopted func(ctx context.Context, s *Store, tx *sql.Tx) error
}

// Access is what opening a file may do to it.
type Access int

// The kinds of access.
const (
	Create   Access = iota // it is created if there is none
	Existing               // a missing file is fs.ErrNotExist
	Reading                // and a file of this version is not written
)

// Store is an open file with its clock and its source of ids.
type Store struct {
	db        *sqlite.DB
	clock     imednet.Clock
	newID     func() (string, error)
	attempts  int
	tolerance time.Duration
}

// Open opens or creates the file, waiting for other processes that do the same.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Clock == nil {
		cfg.Clock = imednet.SystemClock()
	}
	if cfg.NewID == nil {
		cfg.NewID = randomID
	}
	if cfg.Wait == 0 {
		cfg.Wait = DefaultWait
	}
	if cfg.Tolerance == 0 {
		cfg.Tolerance = DefaultClockTolerance
	}
	cfg.SQLite.BusyTimeout = poll
	cfg.SQLite.Whole = true
	s := &Store{clock: cfg.Clock, newID: cfg.NewID, attempts: int(cfg.Wait/poll) + 1, tolerance: cfg.Tolerance}
	if adopted := cfg.Adopted; adopted != nil {
		cfg.SQLite.Adopted = func(ctx context.Context, tx *sql.Tx) error { return adopted(ctx, s, tx) }
	}
	err := s.patiently(ctx, func() (err error) {
		s.db, err = openFile(ctx, cfg)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func openFile(ctx context.Context, cfg Config) (*sqlite.DB, error) {
	if err := argument.File("open", "path", cfg.SQLite.Path); err != nil {
		return nil, err
	}
	regular := false
	if cfg.Access != Create {
		info, err := os.Stat(cfg.SQLite.Path)
		if err != nil {
			return nil, err
		}
		regular = info.Mode().IsRegular() // Open says what else it is
	}
	if cfg.Access == Reading && regular {
		if db, err := sqlite.OpenCurrent(ctx, cfg.SQLite); db != nil || err != nil {
			return db, err
		}
	}
	return sqlite.Open(ctx, cfg.SQLite)
}

func randomID() (string, error) {
	id, err := uuid.NewRandom()
	return id.String(), err
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Backup writes a copy of the file to a new one; see sqlite.DB.Backup.
func (s *Store) Backup(ctx context.Context, path string) error { return s.db.Backup(ctx, path) }

// Path returns the file's path.
func (s *Store) Path() string { return s.db.Path() }

// Now returns the clock's time, cut to the microseconds that are stored.
func (s *Store) Now() time.Time { return s.clock.Now().UTC().Truncate(time.Microsecond) }

// NewID returns an id that nothing in the file has yet.
func (s *Store) NewID() (string, error) {
	id, err := s.newID()
	if err != nil {
		return "", fmt.Errorf("id source: %w", err)
	}
	if !argument.ValidID(id) {
		return "", errors.New("the id source returned an id that is empty, longer than 200 characters, or has others than A-Z a-z 0-9 . _ : -")
	}
	return id, nil
}

// Write runs fn in one transaction that holds the file's lock from its first statement. fn may
// run again, so it must not keep what it did. What is written to a file that was removed or replaced meanwhile would be
// lost: it fails.
func (s *Store) Write(ctx context.Context, fn func(*sql.Tx) error) error {
	return s.patiently(ctx, func() error {
		if err := s.db.StillThere(); err != nil {
			return err
		}
		if err := s.db.Write(ctx, fn); err != nil {
			return err
		}
		return s.db.StillThere()
	})
}

// Read runs fn over one unchanging state of the file. fn may run again.
func (s *Store) Read(ctx context.Context, fn func(*sql.Tx) error) error {
	return s.patiently(ctx, func() error { return s.db.Read(ctx, fn) })
}

// patiently repeats what another process's lock refused.
func (s *Store) patiently(ctx context.Context, fn func() error) error {
	for range s.attempts {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := fn()
		if !sqlite.Busy(err) {
			return err
		}
		if err := s.clock.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
	}
	return ErrBusy
}
