package extraction

import (
	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// DefaultFindingLimit is the number of findings kept per rule without [WithFindingLimit].
const DefaultFindingLimit = 1000

// ConformanceOption configures [NewConformance].
type ConformanceOption func(*Conformance) error

// WithFindingLimit sets the number of findings that are kept per rule, at least 1. All findings are
// counted.
func WithFindingLimit(limit int) ConformanceOption {
	return func(c *Conformance) error {
		if limit < 1 {
			return argument.Invalid("extraction.WithFindingLimit", "limit", "must be at least 1")
		}
		c.limit = limit
		return nil
	}
}

// WithClock sets the clock that gives the time of reports; the default is [imednet.SystemClock].
func WithClock(clock imednet.Clock) ConformanceOption {
	return func(c *Conformance) error {
		if err := argument.Required("extraction.WithClock", "clock", clock); err != nil {
			return err
		}
		c.clock = clock
		return nil
	}
}
