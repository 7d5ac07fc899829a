package postgres

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/imednetgo/imednet/internal/argument"
)

// Change is a reason to look at a store again.
type Change struct {
	// Store was written to: "ledger", "triage", "versioning", "journal", or "shared" for leases. It is
	// empty when the time was up, or when notices may have been missed: then anything can have changed.
	Store string
}

// Changes yields a change whenever any process has written to the schema, and whenever a time has passed
// without one. The first comes at once. The server's notices arrive on a connection of their own; if it
// is lost, a change without a store is yielded, and until it stands again one whenever the time has
// passed. It ends with ctx, whose cause is the last error.
func (db *DB) Changes(ctx context.Context, every time.Duration) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		if every < time.Millisecond {
			yield(Change{}, wrap("changes", "", argument.Invalid("postgres.DB.Changes", "every", "must be at least a millisecond")))
			return
		}
		for ctx.Err() == nil {
			stop, err := db.listen(ctx, every, func(c Change) bool { return yield(c, nil) })
			if stop {
				return
			}
			if err != nil && !yield(Change{}, nil) {
				return
			}
			if db.clock.Sleep(ctx, every) != nil {
				break
			}
		}
		yield(Change{}, context.Cause(ctx))
	}
}

// listen passes on what the server says until the connection is lost, or until told to stop. Whatever was
// written before it listened is covered by its first change.
func (db *DB) listen(ctx context.Context, every time.Duration, tell func(Change) bool) (stop bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, db.config.Copy())
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it holds nothing
	if _, err := conn.Exec(ctx, `LISTEN "`+db.schema+`.imednet"`); err != nil {
		return false, err
	}
	for c := (Change{}); ; {
		if !tell(c) {
			return true, nil
		}
		if c, err = db.notice(ctx, conn, every); err != nil {
			return false, err
		}
	}
}

// notice waits for the next notice, or until the time is up.
func (db *DB) notice(ctx context.Context, conn *pgx.Conn, every time.Duration) (Change, error) {
	wait, cancel := context.WithTimeout(ctx, every)
	defer cancel()
	n, err := conn.WaitForNotification(wait)
	switch {
	case err == nil:
		return Change{n.Payload}, nil
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) && !conn.IsClosed():
		return Change{}, nil
	}
	return Change{}, err
}
