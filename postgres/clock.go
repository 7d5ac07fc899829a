package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/imednetgo/imednet"
)

// serverClock tells the server's time: what the server said last, and what has passed here since. Every
// transaction that writes asks the server anew, so that all processes date and end leases by one clock.
type serverClock struct {
	clock imednet.Clock
	mu    sync.Mutex
	said  time.Time
	at    time.Time // here, when it was said
}

// set notes what the server said.
func (c *serverClock) set(said time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said, c.at = said, c.clock.Now()
}

// Now is part of imednet.Clock.
func (c *serverClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.Add(c.clock.Now().Sub(c.at))
}

// Sleep is part of imednet.Clock.
func (c *serverClock) Sleep(ctx context.Context, d time.Duration) error { return c.clock.Sleep(ctx, d) }
