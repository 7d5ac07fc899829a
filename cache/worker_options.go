package cache

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
)

// MarkLedger records how far a study has been synced into the mirror. The type
// ledger.ExtractionStateLedger implements it.
type MarkLedger interface {
	LastTimestamp(ctx context.Context, study, stream string) (time.Time, bool, error)
	Advance(ctx context.Context, study, stream string, m imednet.Watermark) error
}

// WorkerOption configures [NewSyncWorker].
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

// WithInterval sets the time from the end of a run to the start of the next; the default is 900 s.
func WithInterval(d time.Duration) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if d <= 0 {
			return argument.Invalid("cache.WithInterval", "d", "must be positive")
		}
		c.interval = d
		return nil
	})
}

// WithJitter randomises intervals between interval·(1−share) and interval·(1+share); the default is
// 0.1. 0 means no jitter; 1 or more is an error.
func WithJitter(share float64) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if !(share >= 0 && share < 1) {
			return argument.Invalid("cache.WithJitter", "share", "must be 0 or more and less than 1")
		}
		c.jitter = share
		return nil
	})
}

// WithSweepEvery sets the time between sweeps; the default is 24 h, and 0 means never. With a
// ledger, the time of the last sweep is stored there; without one, a new worker makes its first
// sweep after this time.
func WithSweepEvery(d time.Duration) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if d < 0 {
			return argument.Invalid("cache.WithSweepEvery", "d", "must not be negative")
		}
		c.sweepEvery = d
		return nil
	})
}

// WithResourcesEvery makes the worker also sync resources other than records, by default all of
// [MirroredResources]: after a study's first run, after the first run once each period d has
// passed, and, read in full, with every sweep. Without this option, or with 0, the worker syncs
// only records. If resources cannot be read, the run fails and is retried, but its records are
// stored. A resource that the API keys are not permitted to read is left out: see
// [StudyStatus.LastResources].
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

// WithBackoff sets the delay after a first failure and the longest delay; the defaults are 30 s and
// 15 min. Each consecutive failure doubles the delay. If the server asks for a longer one, it is
// respected.
func WithBackoff(first, longest time.Duration) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if first <= 0 || longest < first {
			return argument.Invalid("cache.WithBackoff", "first, longest", "must be a positive delay and one that is not shorter")
		}
		c.firstBackoff, c.maxBackoff = first, longest
		return nil
	})
}

// WithBreaker sets the number of consecutive failures after which a study's circuit opens, and for
// how long; the defaults are 5 and 1 h.
func WithBreaker(failures int, pause time.Duration) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if failures < 1 || pause <= 0 {
			return argument.Invalid("cache.WithBreaker", "failures, pause", "must be positive")
		}
		c.breakAfter, c.breakFor = failures, pause
		return nil
	})
}

// WithConcurrency sets the number of studies that may run at the same time; the default is 2.
func WithConcurrency(n int) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if n < 1 {
			return argument.Invalid("cache.WithConcurrency", "n", "must be at least 1")
		}
		c.concurrency = n
		return nil
	})
}

// WithMarkLedger sets a ledger that is updated after every complete run with how far the study has
// been synced and how many records changed, under the given stream, and with every sweep under
// stream + ".sweep". It is updated only after the data are durable, so that its mark is never ahead
// of the mirror.
func WithMarkLedger(ledger MarkLedger, stream string) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		if err := argument.Named("cache.WithMarkLedger", "stream", stream); err != nil {
			return err
		}
		c.ledger, c.stream = ledger, stream
		return argument.Required("cache.WithMarkLedger", "ledger", ledger)
	})
}

// WithEvents sets a function that receives every event, never two at the same time. fn must not
// call [SyncWorker.Stop].
func WithEvents(fn func(Event)) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		c.events = fn
		return argument.Required("cache.WithEvents", "fn", fn)
	})
}

// WithRandom sets the source of jitter: a function that returns 0 ≤ x < 1. It must be safe for
// concurrent use.
func WithRandom(random func() float64) WorkerOption {
	return workerOption(func(c *workerConfig) error {
		c.random = random
		return argument.Required("cache.WithRandom", "random", random)
	})
}
