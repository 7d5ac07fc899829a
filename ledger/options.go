package ledger

import (
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// Defaults of [WithHistoryLimit] and [WithCommitTimeout].
const (
	DefaultHistoryLimit  = 10_000
	DefaultCommitTimeout = 30 * time.Second
)

// Option configures [NewExtractionStateLedger].
type Option interface {
	applyToLedger(*ExtractionStateLedger) error
}

type option func(*ExtractionStateLedger) error

func (o option) applyToLedger(l *ExtractionStateLedger) error { return o(l) }

// StoreOption configures a store of this package.
type StoreOption interface {
	applyToStore(*storeConfig) error
}

type storeOption func(*storeConfig) error

func (o storeOption) applyToStore(c *storeConfig) error { return o(c) }

type storeConfig struct {
	historyLimit  int // 0: none
	wholeHistory  bool
	commitTimeout time.Duration
	clock         imednet.Clock
	author        *Author
	pythonLock    bool
}

// WithHistoryLimit limits the number of runs that are kept; the default is [DefaultHistoryLimit].
// The oldest are removed first.
func WithHistoryLimit(n int) StoreOption {
	return storeOption(func(c *storeConfig) error {
		if n < 1 {
			return argument.Invalid("ledger.WithHistoryLimit", "limit", "must be at least 1")
		}
		c.historyLimit = n
		return nil
	})
}

// WithWholeHistory keeps every run, as rules of retention may demand. It counts instead of
// [WithHistoryLimit], for what this store writes: every program that writes to the ledger needs it.
func WithWholeHistory() StoreOption {
	return storeOption(func(c *storeConfig) error {
		c.wholeHistory = true
		return nil
	})
}

// surplus is how many of so many runs are beyond a limit of the history; 0 is no limit.
func surplus(runs, limit int) int {
	if limit == 0 {
		return 0
	}
	return max(0, runs-limit)
}

// WithCommitTimeout limits how long one write waits for other writers; the default is
// [DefaultCommitTimeout].
func WithCommitTimeout(d time.Duration) StoreOption {
	return storeOption(func(c *storeConfig) error {
		if d <= 0 {
			return argument.Invalid("ledger.WithCommitTimeout", "timeout", "must be positive")
		}
		c.commitTimeout = d
		return nil
	})
}

// WithPythonLock holds the Python package's lock of a JSON file for as long as a stream is locked,
// from before the work until the mark is written, as the Python package does. Neither program can
// then start work while the other's transaction would prevent it from writing its mark. Meanwhile
// the streams of the file exclude one another. By default the lock is held only to write, and a
// write waits for the other program's transaction for up to [WithCommitTimeout].
func WithPythonLock() StoreOption {
	return storeOption(func(c *storeConfig) error {
		c.pythonLock = true
		return nil
	})
}

// ClockOption is an option of a ledger and of a store. See [WithClock].
type ClockOption struct{ clock imednet.Clock }

// WithClock sets the clock that dates runs; the default is that of a store with a method Clock, as a database has
// the server's ([DatabaseStore.Clock]), and otherwise [imednet.SystemClock].
func WithClock(clock imednet.Clock) ClockOption { return ClockOption{clock} }

func (o ClockOption) applyToLedger(l *ExtractionStateLedger) error {
	l.clock = o.clock
	return argument.Required("ledger.WithClock", "clock", o.clock)
}

func (o ClockOption) applyToStore(c *storeConfig) error {
	c.clock = o.clock
	return argument.Required("ledger.WithClock", "clock", o.clock)
}

func newStoreConfig(opts []StoreOption) (storeConfig, error) {
	c := storeConfig{historyLimit: DefaultHistoryLimit, commitTimeout: DefaultCommitTimeout, clock: imednet.SystemClock()}
	for _, opt := range opts {
		if err := argument.Required("ledger stores", "opts", opt); err != nil {
			return c, err
		}
		if err := opt.applyToStore(&c); err != nil {
			return c, err
		}
	}
	if c.wholeHistory {
		c.historyLimit = 0
	}
	return c, nil
}
