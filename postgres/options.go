package postgres

import (
	"regexp"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Defaults of the options.
const (
	DefaultSchema           = "imednet"
	DefaultWait             = 30 * time.Second
	DefaultStatementTimeout = 5 * time.Minute
	DefaultConnections      = 8
)

// Option configures [Open].
type Option func(*settings) error

type settings struct {
	schema      string // "": as the URL has it, or DefaultSchema
	wait        time.Duration
	statement   time.Duration
	connections int
	toOpen      func(problem error) // not nil: Open waits too
	clock       imednet.Clock       // by which this process waits
	dates       imednet.Clock       // by which the stores date; nil: the server's
}

// schemaName is what needs no quotes in SQL, and is not the server's own.
var schemaName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,54}$`)

func validSchema(function, name string) error {
	if !schemaName.MatchString(name) || strings.HasPrefix(name, "pg_") {
		return argument.Invalid(function, "schema", "must be 1 to 55 of the characters a-z 0-9 _, and begin with neither a digit nor pg_")
	}
	return nil
}

// WithSchema sets the schema of the deployment, which holds all of its tables; the default is the
// search_path of the URL, or [DefaultSchema].
func WithSchema(name string) Option {
	return func(s *settings) error {
		s.schema = name
		return validSchema("postgres.WithSchema", name)
	}
}

// WithWait sets how long a call waits for other writers, and for a server that went away; the default
// is [DefaultWait].
func WithWait(d time.Duration) Option {
	return func(s *settings) error {
		s.wait = d
		if d < time.Millisecond {
			return argument.Invalid("postgres.WithWait", "duration", "must be at least a millisecond")
		}
		return nil
	}
}

// WithWaitToOpen makes [Open] wait too, for the time of [WithWait], for a server that cannot be reached, where it fails
// at once otherwise. told is called with what is wrong before the waiting begins.
func WithWaitToOpen(told func(problem error)) Option {
	return func(s *settings) error {
		s.toOpen = told
		return argument.Required("postgres.WithWaitToOpen", "told", told)
	}
}

// WithStatementTimeout limits how long the server works on one statement; the default is
// [DefaultStatementTimeout].
func WithStatementTimeout(d time.Duration) Option {
	return func(s *settings) error {
		s.statement = d
		if d < time.Millisecond {
			return argument.Invalid("postgres.WithStatementTimeout", "duration", "must be at least a millisecond")
		}
		return nil
	}
}

// WithConnections limits the number of connections at a time, besides one for locks and one that
// listens; the default is [DefaultConnections].
func WithConnections(n int) Option {
	return func(s *settings) error {
		s.connections = n
		if n < 1 {
			return argument.Invalid("postgres.WithConnections", "connections", "must be at least 1")
		}
		return nil
	}
}

// WithClock sets the clock by which entries and the journal's leases are dated and by which this process
// waits. By default the server dates them, so that the clocks of machines need not agree: set another in
// tests only.
func WithClock(c imednet.Clock) Option {
	return func(s *settings) error {
		s.clock, s.dates = c, c
		return argument.Required("postgres.WithClock", "clock", c)
	}
}
