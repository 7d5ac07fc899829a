// Package audit holds what the audited stores share: a database that several processes write, the
// hashing of chained entries, the written form of heads and times, and the list of what a verification
// found.
package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/sentinel"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// ErrBusy means that other processes held the store's lock for the whole time that a call may wait.
var ErrBusy = sentinel.Retryable("the store is locked by another process")

// Database keeps a store. Its SQL has SQLite's placeholders, ? and ?1.
type Database interface {
	// Read runs fn over one unchanging state. fn may run again.
	Read(ctx context.Context, fn func(*sql.Tx) error) error
	// Write runs fn in one transaction, with no other writer beside it, and commits what it did unless
	// it fails. fn may run again.
	Write(ctx context.Context, fn func(*sql.Tx) error) error
}

// Dialect is the SQL of a database, where databases differ.
type Dialect int

// The databases.
const (
	SQLite Dialect = iota
	PostgreSQL
)

// Timing is how a store dates and names what it writes. Zero values mean the documented default.
type Timing struct {
	Clock imednet.Clock          // default imednet.SystemClock()
	NewID func() (string, error) // default: random UUIDs
	// Tolerance is how far the clock may be behind the newest entry; default DefaultClockTolerance.
	Tolerance time.Duration
}

// Store is an open store with its clock and its source of ids.
type Store struct {
	Database
	dialect Dialect
	timing  Timing
	file    keeper // nil where there is none
}

// keeper is the file of a store.
type keeper interface {
	Close() error
	Backup(ctx context.Context, path string) error
	// Declared returns what a new file of this version declares.
	Declared(ctx context.Context) (sqlite.Declared, error)
}

// ErrNoFile means that a store has no file that could be copied.
var ErrNoFile = errors.New("the store is in a database server, whose own tools copy it")

// NewStore returns a store in a PostgreSQL database that has its tables.
func NewStore(db Database, timing Timing) *Store {
	return &Store{Database: db, dialect: PostgreSQL, timing: timing.withDefaults()}
}

func (t Timing) withDefaults() Timing {
	if t.Clock == nil {
		t.Clock = imednet.SystemClock()
	}
	if t.NewID == nil {
		t.NewID = randomID
	}
	if t.Tolerance == 0 {
		t.Tolerance = DefaultClockTolerance
	}
	return t
}

func randomID() (string, error) {
	id, err := uuid.NewRandom()
	return id.String(), err
}

// Close closes the store's file. A database is closed by whoever opened it.
func (s *Store) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// Backup writes a copy of the store's file to a new one.
func (s *Store) Backup(ctx context.Context, path string) error {
	if s.file == nil {
		return ErrNoFile
	}
	return s.file.Backup(ctx, path)
}

// Dialect returns which database the store is in.
func (s *Store) Dialect() Dialect { return s.dialect }

// Clock returns the clock by which entries are dated.
func (s *Store) Clock() imednet.Clock { return s.timing.Clock }

// Now returns the clock's time, cut to the microseconds that are stored.
func (s *Store) Now() time.Time { return s.timing.Clock.Now().UTC().Truncate(time.Microsecond) }

// NewID returns an id that nothing in the store has yet.
func (s *Store) NewID() (string, error) {
	id, err := s.timing.NewID()
	if err != nil {
		return "", fmt.Errorf("id source: %w", err)
	}
	if !argument.ValidID(id) {
		return "", errors.New("the id source returned an id that is empty, longer than 200 characters, or has others than A-Z a-z 0-9 . _ : -")
	}
	return id, nil
}
