package versioning

import (
	"context"
	"errors"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// ConfigVersionStore is the history of study configurations in a SQLite file. It may be used by
// several goroutines, and the file by several processes. See the package documentation.
type ConfigVersionStore struct {
	file *audit.Store
}

// Option configures a ConfigVersionStore.
type Option func(*settings) error

type settings struct {
	clock imednet.Clock
	newID func() (string, error)
	wait  time.Duration
}

// WithClock sets the clock; default imednet.SystemClock().
func WithClock(c imednet.Clock) Option {
	return func(s *settings) error {
		s.clock = c
		return argument.Required("versioning.WithClock", "clock", c)
	}
}

// WithIDs sets the source of entry ids; default random UUIDs. Ids are 1 to 200 of the characters
// A-Z a-z 0-9 . _ : - and must never repeat. It may be called by several goroutines.
func WithIDs(next func() (string, error)) Option {
	return func(s *settings) error {
		s.newID = next
		return argument.Required("versioning.WithIDs", "source", next)
	}
}

// WithWait sets about how long a call waits for other processes that write the file before it
// fails with ErrBusy; default 30 s.
func WithWait(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 {
			return argument.Invalid("versioning.WithWait", "duration", "must be positive")
		}
		s.wait = d
		return nil
	}
}

// NewConfigVersionStore opens or creates the file at path (mode 0600, missing directories 0700).
// Commits that the Python package wrote and that no entry names yet become entries, marked as
// imported, at the end of their study's history. Errors: ErrForeignFile, ErrNewerSchema, ErrBusy.
func NewConfigVersionStore(ctx context.Context, path string, opts ...Option) (*ConfigVersionStore, error) {
	var cfg settings
	for _, o := range opts {
		if err := o(&cfg); err != nil {
			return nil, wrap("open", "", "", err)
		}
	}
	file, err := audit.Open(ctx, audit.Config{SQLite: fileConfig(path), Clock: cfg.clock, NewID: cfg.newID, Wait: cfg.wait})
	if err != nil {
		return nil, wrap("open", "", "", err)
	}
	s := &ConfigVersionStore{file: file}
	if err := s.importCommits(ctx); err != nil {
		return nil, errors.Join(wrap("import", "", "", err), file.Close())
	}
	return s, nil
}

// Backup writes a copy of the file, as it stands at one moment, to a new file of mode 0600, while others
// read and write. An existing file is an error.
func (s *ConfigVersionStore) Backup(ctx context.Context, path string) error {
	return wrap("backup", "", "", s.file.Backup(ctx, path))
}

// Close closes the file. Calls under way end with an error.
func (s *ConfigVersionStore) Close() error { return s.file.Close() }
