package cache

import (
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet"
)

// Option changes how a mirror works.
type Option func(*config) error

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

// WithClock replaces the computer's clock. It only times the wait for locks and the age of a
// purge: marks come from the server's clock alone.
func WithClock(clock imednet.Clock) Option {
	return func(c *config) error {
		if clock == nil {
			return errors.New("the clock is nil")
		}
		c.clock = clock
		return nil
	}
}

// WithProgress hands every step of long work to report, from one goroutine of each run.
func WithProgress(report func(imednet.Progress)) Option {
	return func(c *config) error {
		if report == nil {
			return errors.New("the progress function is nil")
		}
		c.progress = report
		return nil
	}
}

// WithLockTimeout sets how long a run waits for another run of the same study before it returns
// ErrSyncRunning. 0 does not wait. Default 30 s.
func WithLockTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return fmt.Errorf("the lock timeout is negative: %v", d)
		}
		c.lockTimeout = d
		return nil
	}
}

// WithOverlap sets how far before the mark a run reads again, for rows whose dateModified was set
// before, and which were committed after, the server answered. It is an assumption about the
// server's slowest commit. Default 10 minutes.
func WithOverlap(d time.Duration) Option {
	return func(c *config) error {
		if d < 0 {
			return fmt.Errorf("the overlap is negative: %v", d)
		}
		c.overlap = d
		return nil
	}
}

// WithPageSize sets the rows asked for in one request of a long listing, 1 to 500. Default: the
// client's.
func WithPageSize(n int) Option {
	return func(c *config) error {
		if n < 1 || n > imednet.MaxPageSize {
			return fmt.Errorf("the page size is %d; give 1 to %d", n, imednet.MaxPageSize)
		}
		c.pageSize = n
		return nil
	}
}
