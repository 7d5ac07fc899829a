package cache

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// MarkLedger is told how far a study is in the mirror. ledger.ExtractionStateLedger is one.
type MarkLedger interface {
	LastTimestamp(ctx context.Context, study, stream string) (time.Time, bool, error)
	Advance(ctx context.Context, study, stream string, m imednet.Watermark) error
}

// WorkerOption changes how a SyncWorker works.
type WorkerOption interface {
	applyToWorker(*workerConfig) error
}

type workerOption func(*workerConfig) error

func (o workerOption) applyToWorker(c *workerConfig) error { return o(c) }

type workerConfig struct {
	interval       time.Duration
	jitter         float64
	sweepEvery     time.Duration
	resourcesEvery time.Duration
	resources      []imednet.Resource
	firstBackoff   time.Duration
	maxBackoff     time.Duration
	breakAfter     int
	breakFor       time.Duration
	concurrency    int
	ledger         MarkLedger
	stream         string
	events         func(Event)
	clock          imednet.Clock
	random         func() float64
}

func workerDefaults() workerConfig {
	return workerConfig{
		interval:     900 * time.Second,
		jitter:       0.1,
		sweepEvery:   24 * time.Hour,
		firstBackoff: 30 * time.Second,
		maxBackoff:   15 * time.Minute,
		breakAfter:   5,
		breakFor:     time.Hour,
		concurrency:  2,
		events:       func(Event) {},
		clock:        imednet.SystemClock(),
		random:       rand.Float64,
	}
}

// WithInterval sets the time from the end of a run to the next; default 900 s.
func WithInterval(d time.Duration) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if d <= 0 {
			return argument.Invalid("cache.WithInterval", "d", "must be positive")
		}
		c.interval = d
		return nil
	})
}

// WithJitter spreads runs: an interval is drawn between interval·(1−share) and interval·(1+share).
// Default 0.1; 0 is none, and 1 or more is refused.
func WithJitter(share float64) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if !(share >= 0 && share < 1) {
			return argument.Invalid("cache.WithJitter", "share", "must be 0 or more and less than 1")
		}
		c.jitter = share
		return nil
	})
}

// WithSweepEvery sets how often a run is a sweep; default 24 h. 0 never sweeps. With a ledger the
// last sweep is remembered there; without one a new worker's first sweep comes after this time.
func WithSweepEvery(d time.Duration) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if d < 0 {
			return argument.Invalid("cache.WithSweepEvery", "d", "must not be negative")
		}
		c.sweepEvery = d
		return nil
	})
}

// WithResourcesEvery has the worker also sync the resources beside the records, all of
// MirroredResources unless some are named: behind a study's first run, behind the first one after each
// such time, and, read as a whole, with every sweep. Without it, or with 0, the worker keeps records
// only. Resources that cannot be read make the run a failed one, which is made again; its records are
// stored. One that the keys may not read is left out: see StudyStatus.LastResources.
func WithResourcesEvery(d time.Duration, resources ...imednet.Resource) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if d < 0 {
			return argument.Invalid("cache.WithResourcesEvery", "d", "must not be negative")
		}
		for _, name := range resources {
			if _, known := kindOf(name); !known {
				return argument.Invalid("cache.WithResourcesEvery", "resources", fmt.Sprintf("holds %q, which is not among MirroredResources", name))
			}
		}
		c.resourcesEvery, c.resources = d, resources
		return nil
	})
}

// WithBackoff sets the delay after a first failure and the longest one: each failure in a row
// doubles it. Defaults 30 s and 15 min. A server that asks for more patience gets it.
func WithBackoff(first, longest time.Duration) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if first <= 0 || longest < first {
			return argument.Invalid("cache.WithBackoff", "first, longest", "must be a positive delay and one that is not shorter")
		}
		c.firstBackoff, c.maxBackoff = first, longest
		return nil
	})
}

// WithBreaker sets after how many failures in a row a study's circuit opens, and for how long.
// Defaults 5 and 1 h.
func WithBreaker(failures int, pause time.Duration) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if failures < 1 || pause <= 0 {
			return argument.Invalid("cache.WithBreaker", "failures, pause", "must be positive")
		}
		c.breakAfter, c.breakFor = failures, pause
		return nil
	})
}

// WithConcurrency sets how many studies may run at the same time; default 2.
func WithConcurrency(n int) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if n < 1 {
			return argument.Invalid("cache.WithConcurrency", "n", "must be at least 1")
		}
		c.concurrency = n
		return nil
	})
}

// WithMarkLedger tells a ledger, after every whole run, how far the study is in the mirror and how
// many records changed, under the given stream, and of every sweep under stream + ".sweep". The
// data are durable first, the ledger is told second: its mark is never past the mirror.
func WithMarkLedger(ledger MarkLedger, stream string) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if stream == "" {
			return argument.Invalid("cache.WithMarkLedger", "stream", "is empty")
		}
		c.ledger, c.stream = ledger, stream
		return argument.Required("cache.WithMarkLedger", "ledger", ledger)
	})
}

// WithEvents hands every event to fn, never two at the same time. fn must not call Stop.
func WithEvents(fn func(Event)) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		c.events = fn
		return argument.Required("cache.WithEvents", "fn", fn)
	})
}

// WithRandom replaces the source of jitter: a function that returns numbers from 0 up to,
// and not including, 1. It must be safe for several goroutines.
func WithRandom(random func() float64) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		c.random = random
		return argument.Required("cache.WithRandom", "random", random)
	})
}
