package rest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/imednetgo/imednet"
)

// RetryPolicy says when a failed request is sent again. What may be sent again at all is decided
// by imednet.Retryable: a GET after 429, 5xx or a broken connection. A POST is sent once, or again after
// a 429 of the API itself if imednet.SubmitOptions.RepeatRateLimited allows it.
// Zero fields stand for their defaults.
type RetryPolicy struct {
	// MaxAttempts is the number of times that one request is sent, the first included; 1 never
	// retries. Default 4.
	MaxAttempts int
	// MinWait is the wait before the second attempt; it doubles with every further one. Default 500 ms.
	MinWait time.Duration
	// MaxWait is where the doubling ends. Default 30 s.
	MaxWait time.Duration
	// MaxRetryAfter is the longest wait that a server may ask for with Retry-After. If it asks for
	// more, the error is returned at once, and APIError.RetryAfter has the wait. Default 5 min.
	MaxRetryAfter time.Duration
	// Random returns numbers in [0, 1). A wait is shortened by up to half at random, so that many
	// clients do not come back together. Default: the runtime's generator.
	Random func() float64
}

func (p RetryPolicy) validate() error {
	if p.MaxAttempts < 0 || p.MinWait < 0 || p.MaxWait < 0 || p.MaxRetryAfter < 0 {
		return errors.New("no field may be negative")
	}
	if full := p.withDefaults(); full.MinWait > full.MaxWait {
		return errors.New("MinWait must not exceed MaxWait")
	}
	return nil
}

func (p RetryPolicy) withDefaults() RetryPolicy {
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 4
	}
	if p.MinWait == 0 {
		p.MinWait = 500 * time.Millisecond
	}
	if p.MaxWait == 0 {
		p.MaxWait = 30 * time.Second
	}
	if p.MaxRetryAfter == 0 {
		p.MaxRetryAfter = 5 * time.Minute
	}
	if p.Random == nil {
		p.Random = rand.Float64
	}
	return p
}

// wait is the pause after a failed attempt (counted from 1). The schedule is a few lines of our
// own because the usual library draws its jitter from a global generator.
func (p RetryPolicy) wait(attempt int, err error) time.Duration {
	var api *imednet.APIError
	if errors.As(err, &api) && api.RetryAfter > 0 {
		return api.RetryAfter
	}
	wait := p.MinWait
	for range attempt - 1 {
		if wait >= p.MaxWait/2 {
			wait = p.MaxWait
			break
		}
		wait *= 2
	}
	return wait - time.Duration(p.Random()*float64(wait/2))
}

// retry calls attempt until it succeeds or must not be tried again. adjust, if given, may change
// what the next attempt sends, such as its page size, and reports whether it did.
func (c *Client) retry(ctx context.Context, attempt func(n int) error, adjust func(error) bool) error {
	for n := 1; ; n++ {
		err := attempt(n)
		if err == nil {
			return nil
		}
		adjusted := adjust != nil && adjust(err)
		if adjusted && isTooLarge(err) {
			n-- // a smaller page is another question; sizes end at 1, so this ends too
			continue
		}
		if adjusted {
			n = max(n-2, 0) // likewise, but the server may need a pause
		}
		if !imednet.Retryable(err) || n >= c.policy.MaxAttempts {
			return err
		}
		wait := c.policy.wait(n, err)
		if wait > c.policy.MaxRetryAfter {
			return err
		}
		if errors.Is(err, imednet.ErrRateLimited) {
			c.gate.hold(wait)
		}
		c.logger.WarnContext(ctx, "imednet: request failed, trying again", "attempt", n, "wait", wait, "error", err)
		if err := c.clock.Sleep(ctx, wait); err != nil {
			return fmt.Errorf("imednet: waiting to try again: %w", err)
		}
	}
}
