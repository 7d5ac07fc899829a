package cache

import (
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// Option configures [NewCachedRecordsLoader].
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
	rules       imednet.RetentionRules
	tolerance   time.Duration
}

func defaults() config {
	return config{
		clock:       imednet.SystemClock(),
		progress:    func(imednet.Progress) {},
		lockTimeout: 30 * time.Second,
		overlap:     10 * time.Minute,
		batchRows:   2000,
		tolerance:   audit.DefaultClockTolerance,
	}
}

// ClockOption is an option of both a mirror and a worker; see [WithClock].
type ClockOption struct{ clock imednet.Clock }

// WithClock sets the clock; the default is [imednet.SystemClock], or the database server's for a mirror in one. A mirror
// uses it only to limit waits for locks and to date runs, cuts and purges: marks come only from iMednet's clock. A worker uses it
// for everything.
func WithClock(clock imednet.Clock) ClockOption { return ClockOption{clock} }

func (o ClockOption) applyToMirror(c *config) error {
	c.clock = o.clock
	return argument.Required("cache.WithClock", "clock", o.clock)
}

func (o ClockOption) applyToWorker(c *workerConfig) error {
	c.clock = o.clock
	return argument.Required("cache.WithClock", "clock", o.clock)
}

// WithProgress sets a function to which long operations report their progress, from one goroutine
// per run.
func WithProgress(report func(imednet.Progress)) Option {
	return option(func(c *config) error {
		c.progress = report
		return argument.Required("cache.WithProgress", "report", report)
	})
}

// WithLockTimeout sets how long a run waits for another run of the same study before it returns
// [ErrSyncRunning]; the default is 30 s. 0 means not to wait.
func WithLockTimeout(d time.Duration) Option {
	return option(func(c *config) error {
		if d < 0 {
			return argument.Invalid("cache.WithLockTimeout", "d", "must not be negative")
		}
		c.lockTimeout = d
		return nil
	})
}

// WithOverlap sets how far before the mark a run reads again; the default is 10 minutes. The
// overlap covers rows whose dateModified was set before the server responded but that were
// committed afterwards. It is an assumption about the server's slowest commit.
func WithOverlap(d time.Duration) Option {
	return option(func(c *config) error {
		if d < 0 {
			return argument.Invalid("cache.WithOverlap", "d", "must not be negative")
		}
		c.overlap = d
		return nil
	})
}

// WithPageSize sets the number of rows per request in long listings, 1 to 500; the default is the
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

// WithClockTolerance sets how far the clock may be behind the newest tombstone for a purge to be recorded; the default is
// 10 s. The tombstone records what the clock said.
func WithClockTolerance(d time.Duration) Option {
	return option(func(c *config) error {
		if d <= 0 {
			return argument.Invalid("cache.WithClockTolerance", "d", "must be positive")
		}
		c.tolerance = d
		return nil
	})
}
