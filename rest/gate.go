package rest

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/imednetgo/imednet"
)

// gate lets attempts of all requests of a client through: not faster than the rate limit, and not
// at all while the server has asked for a pause.
type gate struct {
	clock   imednet.Clock
	limiter *rate.Limiter // nil: no limit

	mu    sync.Mutex
	until time.Time // end of the pause
}

// hold keeps all attempts back for d from now.
func (g *gate) hold(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := g.clock.Now().Add(d); until.After(g.until) {
		g.until = until
	}
}

// pass waits for the next turn. Both waits are by the injected clock.
func (g *gate) pass(ctx context.Context) error {
	for {
		g.mu.Lock()
		pause := g.until.Sub(g.clock.Now())
		g.mu.Unlock()
		if pause <= 0 {
			break
		}
		if err := g.clock.Sleep(ctx, pause); err != nil {
			return err
		}
	}
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
