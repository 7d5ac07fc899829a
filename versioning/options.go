package versioning

import (
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// Option configures a ConfigVersionStore.
type Option func(*settings) error

type settings struct {
	clock     imednet.Clock
	newID     func() (string, error)
	wait      time.Duration
	tolerance time.Duration
	importer  string
	gate      audit.Gate
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

// WithClockTolerance sets how far the clock may be behind a study's newest entry; default 10 s. The
// new entry then has the time of the one before, and Details.ClockAt the clock's own reading. A
// clock that is further behind is ErrClockBack.
func WithClockTolerance(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 {
			return argument.Invalid("versioning.WithClockTolerance", "duration", "must be positive")
		}
		s.tolerance = d
		return nil
	}
}

// WithImport takes over, whenever the store is opened, what the Python package has committed to the
// file meanwhile, as ImportCommits does. The author stands in the entries as the one who did so. It
// is for teams in which a Python program goes on writing the file.
func WithImport(author string) Option {
	return func(s *settings) error {
		c := &audit.Checker{}
		s.importer = c.User("author", author)
		return c.Err("argument of versioning.WithImport")
	}
}

// WithIdentity lets the identifier say who acts, instead of the calls. A call may leave its author
// out; one that names another user than the identifier is imednet.ErrNotIdentified. Entries record
// how the identity was proven.
func WithIdentity(i imednet.Identifier) Option {
	return func(s *settings) error {
		s.gate.Identifier = i
		return argument.Required("versioning.WithIdentity", "identifier", i)
	}
}

// WithAuthorizer asks before anything is written whether the acting identity may: "config.commit",
// "config.import", "config.review", "config.approve" or "config.sign" on a study. By default everybody
// may do everything.
func WithAuthorizer(a imednet.Authorizer) Option {
	return func(s *settings) error {
		s.gate.Authorizer = a
		return argument.Required("versioning.WithAuthorizer", "authorizer", a)
	}
}
