package cache

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/imednetgo/imednet"
)

// MarkLedger is told how far a study is in the mirror. ledger.ExtractionStateLedger is one.
type MarkLedger interface {
	LastTimestamp(ctx context.Context, study, stream string) (time.Time, bool, error)
	Advance(ctx context.Context, study, stream string, m imednet.Watermark) error
}

// WorkerOption changes how a SyncWorker works.
type WorkerOption func(*workerConfig) error

type workerConfig struct {
	interval       time.Duration
	jitter         float64
	sweepEvery     time.Duration
	structureEvery time.Duration
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
	return positiveTime("the interval", d, func(c *workerConfig) { c.interval = d })
}

// WithJitter spreads runs: an interval is drawn between interval·(1−share) and interval·(1+share).
// Default 0.1; 0 is none, and 1 or more is refused.
func WithJitter(share float64) WorkerOption {
	return func(c *workerConfig) error {
		if !(share >= 0 && share < 1) {
			return fmt.Errorf("the jitter is %v; give 0 or more and less than 1", share)
		}
		c.jitter = share
		return nil
	}
}

// WithSweepEvery sets how often a run is a sweep; default 24 h. 0 never sweeps. With a ledger the
// last sweep is remembered there; without one a new worker's first sweep comes after this time.
func WithSweepEvery(d time.Duration) WorkerOption {
	return func(c *workerConfig) error {
		if d < 0 {
			return fmt.Errorf("the time between sweeps is negative: %v", d)
		}
		c.sweepEvery = d
		return nil
	}
}

// WithStructureEvery has the worker also take over forms, variables, sites, subjects and what else
// SyncStructure keeps: behind a study's first run and then behind the first one after each such
// time. Without it, or with 0, the worker keeps records only, and what is read from the mirror knows
// the structure of the last SyncStructure. A structure that cannot be read makes the run a failed
// one, which is made again; its records are stored.
func WithStructureEvery(d time.Duration) WorkerOption {
	return func(c *workerConfig) error {
		if d < 0 {
			return fmt.Errorf("the time between structures is negative: %v", d)
		}
		c.structureEvery = d
		return nil
	}
}

// WithBackoff sets the delay after a first failure and the longest one: each failure in a row
// doubles it. Defaults 30 s and 15 min. A server that asks for more patience gets it.
func WithBackoff(first, longest time.Duration) WorkerOption {
	return func(c *workerConfig) error {
		if first <= 0 || longest < first {
			return fmt.Errorf("the back-off goes from %v to %v; give a positive delay and one that is not shorter", first, longest)
		}
		c.firstBackoff, c.maxBackoff = first, longest
		return nil
	}
}

// WithBreaker sets after how many failures in a row a study's circuit opens, and for how long.
// Defaults 5 and 1 h.
func WithBreaker(failures int, pause time.Duration) WorkerOption {
	return func(c *workerConfig) error {
		if failures < 1 || pause <= 0 {
			return fmt.Errorf("the circuit opens after %d failures for %v; give positive values", failures, pause)
		}
		c.breakAfter, c.breakFor = failures, pause
		return nil
	}
}

// WithConcurrency sets how many studies may run at the same time; default 2.
func WithConcurrency(n int) WorkerOption {
	return func(c *workerConfig) error {
		if n < 1 {
			return fmt.Errorf("the concurrency is %d; give at least 1", n)
		}
		c.concurrency = n
		return nil
	}
}

// WithMarkLedger tells a ledger, after every whole run, how far the study is in the mirror and how
// many records changed, under the given stream, and of every sweep under stream + ".sweep". The
// data are durable first, the ledger is told second: its mark is never past the mirror.
func WithMarkLedger(ledger MarkLedger, stream string) WorkerOption {
	return func(c *workerConfig) error {
		if ledger == nil || stream == "" {
			return errors.New("the ledger needs to be given, and a stream's name")
		}
		c.ledger, c.stream = ledger, stream
		return nil
	}
}

// WithEvents hands every event to fn, never two at the same time. fn must not call Stop.
func WithEvents(fn func(Event)) WorkerOption {
	return func(c *workerConfig) error {
		if fn == nil {
			return errors.New("the function for events is nil")
		}
		c.events = fn
		return nil
	}
}

// WithWorkerClock replaces the computer's clock.
func WithWorkerClock(clock imednet.Clock) WorkerOption {
	return func(c *workerConfig) error {
		if clock == nil {
			return errors.New("the clock is nil")
		}
		c.clock = clock
		return nil
	}
}

// WithWorkerRandom replaces the source of jitter: a function that returns numbers from 0 up to,
// and not including, 1. It must be safe for several goroutines.
func WithWorkerRandom(random func() float64) WorkerOption {
	return func(c *workerConfig) error {
		if random == nil {
			return errors.New("the source of randomness is nil")
		}
		c.random = random
		return nil
	}
}

func positiveTime(what string, d time.Duration, set func(*workerConfig)) WorkerOption {
	return func(c *workerConfig) error {
		if d <= 0 {
			return fmt.Errorf("%s is %v; give a positive time", what, d)
		}
		set(c)
		return nil
	}
}
