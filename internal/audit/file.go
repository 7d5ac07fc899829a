//go:build cgo

package audit

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// Emptied reports whether opening found a file that had lost its content.
func Emptied(err error) bool { return errors.Is(err, sqlite.ErrEmpty) }

// DefaultWait is how long a call waits for other processes unless told otherwise.
const DefaultWait = 30 * time.Second

// poll is how long SQLite itself waits for a lock. It is short: a lock is free for an instant only
// when another process writes without pause, and the caller's context is looked at between polls.
const poll = 4 * time.Millisecond

// Config says how a file is opened. Zero values mean the documented default.
type Config struct {
	Timing
	SQLite sqlite.Config
	Wait   time.Duration // how long to wait for other processes; default DefaultWait
	Access Access        // what may be done to the file; default: everything
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
)

// file is a SQLite file as a Database.
type file struct {
	*sqlite.DB
	config   sqlite.Config
	clock    imednet.Clock
	attempts int
}

// Open opens or creates the file, waiting for other processes that do the same. A file of this version is opened
// without a lock and without writing, so that whoever may only read it can read and verify it.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg.Timing = cfg.Timing.withDefaults()
	if cfg.Wait == 0 {
		cfg.Wait = DefaultWait
	}
	cfg.SQLite.BusyTimeout = poll
	cfg.SQLite.Whole = true
	f := &file{config: cfg.SQLite, clock: cfg.Clock, attempts: int(cfg.Wait/poll) + 1}
	s := &Store{Database: f, timing: cfg.Timing, file: f}
	if adopted := cfg.Adopted; adopted != nil {
		cfg.SQLite.Adopted = func(ctx context.Context, tx *sql.Tx) error { return adopted(ctx, s, tx) }
	}
	err := f.patiently(ctx, func() (err error) {
		f.DB, err = openFile(ctx, cfg)
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
	info, err := os.Stat(cfg.SQLite.Path)
	if err != nil && (cfg.Access != Create || !errors.Is(err, fs.ErrNotExist)) {
		return nil, err
	}
	if err == nil && info.Mode().IsRegular() { // Open says what else it is
		if db, err := sqlite.OpenCurrent(ctx, cfg.SQLite); db != nil || err != nil {
			return db, err
		}
	}
	return sqlite.Open(ctx, cfg.SQLite)
}

// Write runs fn in one transaction that holds the file's lock from its first statement. fn may
// run again, so it must not keep what it did. What is written to a file that was removed or replaced meanwhile would be
// lost: it fails.
func (f *file) Write(ctx context.Context, fn func(*sql.Tx) error) error {
	return f.patiently(ctx, func() error {
		if err := f.DB.StillThere(); err != nil {
			return err
		}
		if err := f.DB.Write(ctx, fn); err != nil {
			return err
		}
		return f.DB.StillThere()
	})
}

// Read runs fn over one unchanging state of the file. fn may run again.
func (f *file) Read(ctx context.Context, fn func(*sql.Tx) error) error {
	return f.patiently(ctx, func() error { return f.DB.Read(ctx, fn) })
}

// Declared returns what a new file of this version declares.
func (f *file) Declared(ctx context.Context) (sqlite.Declared, error) { return f.config.Declared(ctx) }

// patiently repeats what another process's lock refused.
func (f *file) patiently(ctx context.Context, fn func() error) error {
	for range f.attempts {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		err := fn()
		if !sqlite.Busy(err) {
			return err
		}
		if err := f.clock.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
	}
	return ErrBusy
}
