package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Between two attempts a process waits from shortest to longest.
const (
	shortestPause = 10 * time.Millisecond
	longestPause  = time.Second
)

// persistently repeats what failed because the server or the connection went away, until WithWait's time
// is over.
func (db *DB) persistently(ctx context.Context, fn func() error) error {
	pause := shortestPause
	for left := db.wait; ; left -= pause {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		began := db.clock.Now()
		err := fn()
		if errors.Is(err, errSilent) {
			left -= db.clock.Now().Sub(began)
		}
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil && !errors.Is(err, ErrUnknownOutcome):
			return context.Cause(ctx)
		case code(err) == "55P03":
			return refuse(fmt.Errorf("%w: %w", ErrBusy, err), "try again; postgres.WithWait sets how long a call waits")
		case !passing(err):
			return advised(err, "")
		case left <= 0:
			return advised(fmt.Errorf("%w: %w", ErrUnreachable, err), "try again when the server answers; nothing was written")
		}
		pause = min(2*pause, longestPause)
		if err := db.clock.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}
