package journaltest

import (
	"context"
	"sync"
	"time"
)

// testClock moves only when it is told to.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the clock's time.
func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep moves the clock on and returns at once.
func (c *testClock) Sleep(ctx context.Context, d time.Duration) error {
	c.Advance(max(d, 0))
	return context.Cause(ctx)
}

// Advance moves the clock on.
func (c *testClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
