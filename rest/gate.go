package rest

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/imednetgo/imednet"
)

// gate lets attempts of all requests of a client through: not faster than the rate limit, not at all
// while the server has asked for a pause, and once it has refused one for their number, not more at once than
// it seems to bear.
type gate struct {
	clock   imednet.Clock
	limiter *rate.Limiter // nil: no limit

	mu    sync.Mutex
	until time.Time // end of the pause
	crowd crowd
	freed chan struct{} // is closed when an attempt ends; nil while nobody waits for that
}

// hold keeps all attempts back for d from now.
func (g *gate) hold(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := g.clock.Now().Add(d); until.After(g.until) {
		g.until = until
	}
}

// pass waits for the next turn, by the injected clock. The attempt ends with leave, which takes the ticket.
func (g *gate) pass(ctx context.Context) (ticket int, err error) {
	for {
		ticket, pause, full := g.enter()
		switch {
		case pause > 0:
			err = g.clock.Sleep(ctx, pause)
		case full != nil:
			err = waitFor(ctx, full)
		default:
			if err = g.limit(ctx); err != nil {
				g.leave(ticket, 0)
			}
			return ticket, err
		}
		if err != nil {
			return 0, err
		}
	}
}

// enter lets an attempt in, unless there is a pause or there are enough of them; then a closed channel
// tells when to try again.
func (g *gate) enter() (ticket int, pause time.Duration, full <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if pause = g.until.Sub(g.clock.Now()); pause > 0 {
		return 0, pause, nil
	}
	if ticket, entered := g.crowd.enter(); entered {
		return ticket, 0, nil
	}
	if g.freed == nil {
		g.freed = make(chan struct{})
	}
	return 0, 0, g.freed
}

// leave ends an attempt that was answered with a status, or with 0 if it was not.
func (g *gate) leave(ticket, status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.crowd.leave(ticket, status)
	if g.freed != nil {
		close(g.freed)
		g.freed = nil
	}
}

// limit waits for the rate limit.
func (g *gate) limit(ctx context.Context) error {
	if g.limiter == nil {
		return context.Cause(ctx)
	}
	now := g.clock.Now()
	turn := g.limiter.ReserveN(now, 1)
	delay := turn.DelayFrom(now)
	if delay <= 0 {
		return context.Cause(ctx)
	}
	err := g.clock.Sleep(ctx, delay)
	if err != nil {
		turn.CancelAt(g.clock.Now())
	}
	return err
}

func waitFor(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
