// Package storetest holds what the tests of the audited stores share: a clock and ids that repeat,
// tampering with every column of a file, and writers in other processes that get killed.
package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Clock is a clock that moves by a second whenever it is read.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts on 1 March 2026, 08:00 UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)} }

// Now returns the time, a second later at each call.
func (c *Clock) Now() time.Time {
	c.Advance(time.Second)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep moves the clock on and returns at once.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	c.Advance(d)
	return context.Cause(ctx)
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Counter yields prefix-1, prefix-2 …
func Counter(prefix string) func() (string, error) {
	var mu sync.Mutex
	n := 0
	return func() (string, error) {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("%s-%d", prefix, n), nil
	}
}
