package triage

import (
	"fmt"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// Severity is one level of the severity scale.
type Severity struct {
	Name string        // compared ignoring case
	Due  time.Duration // time allowed for a review; 0 means no due date
}

// Option configures [NewTriageStore].
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
	twoPersons bool
}

func defaultSettings() settings {
	return settings{
		clock:      imednet.SystemClock(),
		severities: []Severity{{Name: "CRITICAL"}, {Name: "HIGH"}, {Name: "MEDIUM"}, {Name: "LOW"}},
	}
}

func (s *settings) timing() audit.Timing {
	return audit.Timing{Clock: s.clock, NewID: s.newID, Tolerance: s.tolerance}
}

// WithClock sets the clock; the default is [imednet.SystemClock].
func WithClock(c imednet.Clock) Option {
	return func(s *settings) error {
		s.clock = c
		return argument.Required("triage.WithClock", "clock", c)
	}
}

// WithIDs sets the source of item and event ids; the default is random UUIDs. Ids consist of 1 to
// 200 of the characters A-Z a-z 0-9 . _ : - and must be unique. next must be safe for concurrent
// use.
func WithIDs(next func() (string, error)) Option {
	return func(s *settings) error {
		s.newID = next
		return argument.Required("triage.WithIDs", "source", next)
	}
}

// WithWait sets approximately how long a call waits for other processes that write the file before
// it returns [ErrBusy]; the default is 30 s.
func WithWait(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 {
			return argument.Invalid("triage.WithWait", "duration", "must be positive")
		}
		s.wait = d
		return nil
	}
}

// WithClockTolerance sets how far the clock may be behind the newest entry; the default is 10 s.
// The new entry then gets the time of the previous one, and [Change.ClockAt] the reading of the
// clock. A clock that is further behind is [ErrClockBack].
func WithClockTolerance(d time.Duration) Option {
	return func(s *settings) error {
		if d <= 0 {
			return argument.Invalid("triage.WithClockTolerance", "duration", "must be positive")
		}
		s.tolerance = d
		return nil
	}
}

// WithImport imports a file that the Python package wrote, in the name of the user: its items,
// annotations and transitions remain in place and become the first entries of the log. It has no
// effect on a file that already has a log.
func WithImport(userID string) Option {
	return func(s *settings) error {
		c := &audit.Checker{}
		s.importer = c.User("userID", userID)
		return c.Err("argument of triage.WithImport")
	}
}

// WithoutCheck opens a store without comparing its items with the log, so that
// [TriageStore.Verify] can report all faults of a damaged one.
func WithoutCheck() Option {
	return func(s *settings) error {
		s.unchecked = true
		return nil
	}
}

// WithIdentity sets the identifier that determines who acts. Calls may then omit the user; a call
// that names a different one is [imednet.ErrNotIdentified]. Entries record how the identity was
// proven.
func WithIdentity(i imednet.Identifier) Option {
	return func(s *settings) error {
		s.gate.Identifier = i
		return argument.Required("triage.WithIdentity", "identifier", i)
	}
}

// WithAuthorizer sets an authorizer that is called before anything is written, with one of the
// actions "triage.report", "triage.upsert", "triage.assign", "triage.claim", "triage.release",
// "triage.annotate", "triage.review", "triage.resolve", "triage.reopen", "triage.confirm" and
// "triage.sign", and the item. By default everything is permitted.
func WithAuthorizer(a imednet.Authorizer) Option {
	return func(s *settings) error {
		s.gate.Authorizer = a
		return argument.Required("triage.WithAuthorizer", "authorizer", a)
	}
}

// WithTwoPersons demands that items are resolved and confirmed by two persons whose identity
// was proven: with it, who is only claimed neither resolves nor confirms, and a resolution by somebody
// who was only claimed cannot be confirmed ([ErrOnlyClaimed]). It requires [WithIdentity] to be of use.
func WithTwoPersons() Option {
	return func(s *settings) error {
		s.twoPersons = true
		return nil
	}
}

// WithSeverities sets the severity scale, beginning with the most severe; the default is CRITICAL,
// HIGH, MEDIUM, LOW without due dates. Items may have other severities, which are ordered last, by
// name, and have no due date. A due date is fixed when an item is opened or its severity changes,
// so that a new scale does not change existing dates.
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
