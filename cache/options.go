package cache

import (
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Option changes how a mirror works.
type Option interface {
	applyToMirror(*config) error
}

type option func(*config) error

func (o option) applyToMirror(c *config) error { return o(c) }

type config struct {
	clock       imednet.Clock
	progress    func(imednet.Progress)
	lockTimeout time.Duration
	overlap     time.Duration
	pageSize    int
	batchRows   int
}

func defaults() config {
	return config{
		clock:       imednet.SystemClock(),
		progress:    func(imednet.Progress) {},
		lockTimeout: 30 * time.Second,
		overlap:     10 * time.Minute,
		batchRows:   2000,
	}
}

// ClockOption is an option of a mirror and of a worker. See WithClock.
type ClockOption struct{ clock imednet.Clock }

// WithClock replaces the computer's clock. A mirror uses it only to time its waiting for locks and to
// date its log: marks come from the server's clock alone. A worker uses it for everything.
func WithClock(clock imednet.Clock) ClockOption { return ClockOption{clock} }

func (o ClockOption) applyToMirror(c *config) error {
	c.clock = o.clock
	return argument.Required("cache.WithClock", "clock", o.clock)
}

func (o ClockOption) applyToWorker(c *workerConfig) error {
	c.clock = o.clock
	return argument.Required("cache.WithClock", "clock", o.clock)
}

// WithProgress hands every step of long work to report, from one goroutine of each run.
func WithProgress(report func(imednet.Progress)) Option {
	return option(func(c *config) error {
		c.progress = report
		return argument.Required("cache.WithProgress", "report", report)
	})
}

// WithLockTimeout sets how long a run waits for another run of the same study before it returns
// ErrSyncRunning. 0 does not wait. Default 30 s.
func WithLockTimeout(d time.Duration) Option {
	return option(func(c *config) error {
		if d < 0 {
			return argument.Invalid("cache.WithLockTimeout", "d", "must not be negative")
		}
		c.lockTimeout = d
		return nil
	})
}

// WithOverlap sets how far before the mark a run reads again, for rows whose dateModified was set
// before, and which were committed after, the server answered. It is an assumption about the
// server's slowest commit. Default 10 minutes.
func WithOverlap(d time.Duration) Option {
	return option(func(c *config) error {
		if d < 0 {
			return argument.Invalid("cache.WithOverlap", "d", "must not be negative")
		}
		c.overlap = d
		return nil
	})
}

// WithPageSize sets the rows asked for in one request of a long listing, 1 to 500. Default: the
// client's.
func WithPageSize(n int) Option {
	return option(func(c *config) error {
		if n < 1 || n > imednet.MaxPageSize {
			return argument.Invalid("cache.WithPageSize", "n", fmt.Sprintf("must be 1 to %d", imednet.MaxPageSize))
		}
		c.pageSize = n
		return nil
	})
}
