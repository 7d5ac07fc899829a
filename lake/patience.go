package lake

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/sentinel"
	"github.com/imednetgo/imednet/internal/transit"
)

// DefaultWait is the default of [CatalogOptions].Wait.
const DefaultWait = 30 * time.Second

// Sentinels of a catalog in PostgreSQL. ErrUnreachable is retryable ([imednet.Retryable]).
var (
	// ErrUnreachable means that the catalog's server was away for the whole of [CatalogOptions].Wait. What was being
	// done was not done.
	ErrUnreachable = sentinel.Retryable("the catalog's server cannot be reached")
	// ErrUnknownOutcome means that the connection was lost while a commit was made, and that the server could not be
	// asked within [CatalogOptions].Wait whether it stands. Its files are kept; the next run goes on from what stands.
	ErrUnknownOutcome = sentinel.Permanent("the connection was lost during a commit; whether it stands is not known")
)

// Between two attempts a process waits from shortest to longest.
const (
	shortestPause = 10 * time.Millisecond
	longestPause  = time.Second
)

// patience is how long a server that went away is waited for.
type patience struct {
	wait  time.Duration
	clock imednet.Clock
}

// hasty marks a context of a question that is not worth waiting for.
type hasty struct{}

// persistently repeats what failed because the server or the connection went away. told is called before the first
// wait; nil tells nobody.
func (p patience) persistently(ctx context.Context, told func(error), do func() error) error {
	pause := shortestPause
	for left := p.wait; ; left -= pause {
		began := p.clock.Now()
		err := do()
		if silent(err) {
			left -= p.clock.Now().Sub(began)
		}
		if err == nil || !passing(err) || ctx.Err() != nil {
			return err
		}
		if left <= 0 || ctx.Value(hasty{}) != nil {
			return fmt.Errorf("%w: %w", ErrUnreachable, err)
		}
		if told != nil {
			told(err)
			told = nil
		}
		pause = min(2*pause, longestPause)
		if err := p.clock.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// passing reports whether another attempt may not meet what an attempt failed for: the connection or the server went
// away or has none left, or the server undid a transaction for the sake of another.
func passing(err error) bool {
	var server *pgconn.PgError
	switch {
	case silent(err):
		return true
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.As(err, &server):
		return transit.Passing(server.Code)
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, pgconn.ErrConnClosed):
		return true
	}
	return errors.As(err, new(*lostConnection)) || errors.As(err, new(*pgconn.ConnectError))
}

// silent reports whether nothing answered within the time to connect.
func silent(err error) bool {
	return errors.As(err, new(*pgconn.ConnectError)) && errors.Is(err, context.DeadlineExceeded)
}

// lostConnection is an error of the way to the server, and of nothing else, such as of a file that ends too early.
type lostConnection struct{ error }

// Unwrap returns the network's error.
func (l *lostConnection) Unwrap() error { return l.error }

// markLost has errors of the way to a server tell what they are.
func markLost(config *pgx.ConnConfig) {
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return markedConn{conn}, nil
	}
}

type markedConn struct{ net.Conn }

// Read is part of net.Conn.
func (c markedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	return n, marked(err)
}

// Write is part of net.Conn.
func (c markedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	return n, marked(err)
}

func marked(err error) error {
	if err == nil {
		return nil
	}
	return &lostConnection{err}
}
