package triage

import (
	"fmt"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// Severity is one step of the severity scale.
type Severity struct {
	Name string        // compared without regard to case
	Due  time.Duration // how long a review may take; 0 sets no due date
}

// Option configures a TriageStore.
type Option func(*settings) error

type settings struct {
	clock      imednet.Clock
	newID      func() (string, error)
	wait       time.Duration
	severities []Severity
	tolerance  time.Duration
	importer   string
	unchecked  bool
	gate       audit.Gate
}

func defaultSettings() settings {
	return settings{
		clock:      imednet.SystemClock(),
		severities: []Severity{{Name: "CRITICAL"}, {Name: "HIGH"}, {Name: "MEDIUM"}, {Name: "LOW"}},
	}
}

// WithClock sets the clock; default imednet.SystemClock().
func WithClock(c imednet.Clock) Option {
	return func(s *settings) error {
		s.clock = c
		return argument.Required("triage.WithClock", "clock", c)
	}
}

// WithIDs sets the source of item and event ids; default random UUIDs. Ids are 1 to 200 of the
// characters A-Z a-z 0-9 . _ : - and must never repeat. It may be called by several goroutines.
func WithIDs(next func() (string, error)) Option {
	return func(s *settings) error {
		s.newID = next
		return argument.Required("triage.WithIDs", "source", next)
	}
}

// WithWait sets about how long a call waits for other processes that write the file before it
// fails with ErrBusy; default 30 s.
func WithWait(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 {
			return argument.Invalid("triage.WithWait", "duration", "must be positive")
		}
		s.wait = d
		return nil
	}
}

// WithClockTolerance sets how far the clock may be behind the newest entry; default 10 s. The new
// entry then has the time of the one before, and Change.ClockAt the clock's own reading. A clock that is
// further behind is ErrClockBack.
func WithClockTolerance(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 {
			return argument.Invalid("triage.WithClockTolerance", "duration", "must be positive")
		}
		s.tolerance = d
		return nil
	}
}

// WithImport takes over a file that the Python package wrote, once: its items, annotations and
// transitions stay where they are and become the first entries of the log, by the user. It changes
// nothing of a file that is ours already.
func WithImport(userID string) Option {
	return func(s *settings) error {
		c := &audit.Checker{}
		s.importer = c.User("userID", userID)
		return c.Err("argument of triage.WithImport")
	}
}

// WithoutCheck opens a store without comparing a sample of its items with the log, so that Verify
// can say all that is wrong with it.
func WithoutCheck() Option {
	return func(s *settings) error {
		s.unchecked = true
		return nil
	}
}

// WithIdentity lets the identifier say who acts, instead of the calls. A call may leave its user out;
// one that names another than the identifier is imednet.ErrNotIdentified. Entries record how the
// identity was proven.
func WithIdentity(i imednet.Identifier) Option {
	return func(s *settings) error {
		s.gate.Identifier = i
		return argument.Required("triage.WithIdentity", "identifier", i)
	}
}

// WithAuthorizer asks before anything is written whether the acting identity may: "triage.report",
// "triage.upsert", "triage.assign", "triage.claim", "triage.release", "triage.annotate",
// "triage.review", "triage.resolve", "triage.reopen", "triage.confirm" or "triage.sign" on an item.
// By default everybody may do everything.
func WithAuthorizer(a imednet.Authorizer) Option {
	return func(s *settings) error {
		s.gate.Authorizer = a
		return argument.Required("triage.WithAuthorizer", "authorizer", a)
	}
}

// WithSeverities sets the scale, the most severe first; default CRITICAL, HIGH, MEDIUM, LOW
// without due dates. Items may have any severity: those not on the scale come last, by name, and
// have no due date. A due date is fixed when an item is opened or its severity changes, so a new
// scale does not move the dates that are there.
func WithSeverities(scale ...Severity) Option {
	return func(s *settings) error {
		for i, v := range scale {
			if strings.TrimSpace(v.Name) == "" || v.Due < 0 {
				return argument.Invalid("triage.WithSeverities", fmt.Sprintf("severity %d", i+1), "needs a name and a due time that is not negative")
			}
			for _, earlier := range scale[:i] {
				if strings.EqualFold(v.Name, earlier.Name) {
					return argument.Invalid("triage.WithSeverities", fmt.Sprintf("severity %d", i+1), "is listed twice")
				}
			}
		}
		s.severities = scale
		return nil
	}
}

// rank is the place of a severity on the scale.
func (s *settings) rank(severity string) int {
	for i, v := range s.severities {
		if strings.EqualFold(v.Name, severity) {
			return i
		}
	}
	return len(s.severities)
}

// due returns when an item opened at a time is due; zero when it never is.
func (s *settings) due(severity string, opened time.Time) time.Time {
	if i := s.rank(severity); i < len(s.severities) && s.severities[i].Due > 0 {
		return opened.Add(s.severities[i].Due).Truncate(time.Microsecond)
	}
	return time.Time{}
}
