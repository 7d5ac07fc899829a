package versioning

import (
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// Option configures [NewConfigVersionStore].
type Option func(*settings) error

type settings struct {
	clock     imednet.Clock
	newID     func() (string, error)
	wait      time.Duration
	tolerance time.Duration
	importer  string
	gate      audit.Gate

	twoPersons bool
}

func (s *settings) timing() audit.Timing {
	return audit.Timing{Clock: s.clock, NewID: s.newID, Tolerance: s.tolerance}
}

// WithClock sets the clock; the default is [imednet.SystemClock].
func WithClock(c imednet.Clock) Option {
	return func(s *settings) error {
		s.clock = c
		return argument.Required("versioning.WithClock", "clock", c)
	}
}

// WithIDs sets the source of entry ids; the default is random UUIDs. Ids consist of 1 to 200 of the
// characters A-Z a-z 0-9 . _ : - and must be unique. next must be safe for concurrent use.
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

// WithClockTolerance sets how far the clock may be behind a study's newest entry; the default is 10
// s. The new entry then gets the time of the previous one, and [Details.ClockAt] the reading of the
// clock. A clock that is further behind is [ErrClockBack].
func WithClockTolerance(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 {
			return argument.Invalid("versioning.WithClockTolerance", "duration", "must be positive")
		}
		s.tolerance = d
		return nil
	}
}

// WithImport imports, whenever the store is opened, what the Python package has committed to the
// file meanwhile, as [ConfigVersionStore.ImportCommits] does. The entries record the author as the
// one who imported them. It is for teams in which a Python program continues to write the file.
func WithImport(author string) Option {
	return func(s *settings) error {
		c := &audit.Checker{}
		s.importer = c.User("author", author)
		return c.Err("argument of versioning.WithImport")
	}
}

// WithIdentity sets the identifier that determines who acts. Calls may then omit the author; a call
// that names a different one is [imednet.ErrNotIdentified]. Entries record how the identity was
// proven.
func WithIdentity(i imednet.Identifier) Option {
	return func(s *settings) error {
		s.gate.Identifier = i
		return argument.Required("versioning.WithIdentity", "identifier", i)
	}
}

// WithAuthorizer sets an authorizer that is called before anything is written, with one of the
// actions "config.commit", "config.import", "config.review", "config.approve" and "config.sign",
// and the study. By default everything is permitted.
func WithAuthorizer(a imednet.Authorizer) Option {
	return func(s *settings) error {
		s.gate.Authorizer = a
		return argument.Required("versioning.WithAuthorizer", "authorizer", a)
	}
}

// WithTwoPersons demands that configurations are committed, imported, reviewed, approved and signed by persons
// whose identity was proven ([ErrOnlyClaimed]). A commit by somebody who was only claimed, such as
// one of the Python package, is approved if one person has reviewed it and another approves it. It
// requires [WithIdentity] to be of use.
func WithTwoPersons() Option {
	return func(s *settings) error {
		s.twoPersons = true
		return nil
	}
}
