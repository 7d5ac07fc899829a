package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// store is the part of the schema that one of the stores has. Its writers take turns, or those of each of its
// parts where it has parts.
type store struct {
	db   *DB
	name string
	part string
	also func(*opening) // asks what its transactions need to know
}

// Read runs fn over one unchanging state of the schema. fn may run again.
func (s *store) Read(ctx context.Context, fn func(*sql.Tx) error) error {
	return s.db.persistently(ctx, func() error {
		return inTx(ctx, s.db.pool, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
	})
}

// inTx runs fn in a transaction that is always undone: for reading.
func inTx(ctx context.Context, pool *sql.DB, opts *sql.TxOptions, fn func(*sql.Tx) error) error {
	tx, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	return fn(tx)
}

// Write runs fn in one transaction while no other process writes to the store. What it wrote is durable
// when Write returns nil. fn runs again when the connection was lost before the commit. When it was lost
// during the commit, the server is asked what became of it; if it cannot be asked, that is
// ErrUnknownOutcome.
func (s *store) Write(ctx context.Context, fn func(*sql.Tx) error) error {
	return s.db.persistently(ctx, func() error {
		token, err := uuid.NewRandom()
		if err != nil {
			return err
		}
		committing, err := s.attempt(ctx, token, fn)
		if !committing || err == nil || settled(err) {
			return err
		}
		switch done, askErr := s.happened(context.WithoutCancel(ctx), token); {
		case askErr != nil:
			return refuse(fmt.Errorf("%w: %w", ErrUnknownOutcome, err), "read the state again before anything is repeated")
		case done:
			return nil
		}
		return err
	})
}

// attempt runs fn in a transaction that leaves a token, and reports whether it came to the commit.
func (s *store) attempt(ctx context.Context, token uuid.UUID, fn func(*sql.Tx) error) (committing bool, err error) {
	// The end of ctx ends statements, but not a commit under way.
	tx, err := s.enter(ctx, token)
	if err != nil {
		return false, err
	}
	defer tx.Rollback() //nolint:errcheck // undone, or over already
	if err := fn(tx); err != nil {
		return false, err
	}
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	return true, tx.Commit()
}

// enter begins a transaction: it waits until no other one writes to the store, or to its part, leaves the token,
// notes the server's time, has those who listen told of the commit, and makes sure that the leases are held.
func (s *store) enter(ctx context.Context, token uuid.UUID) (*sql.Tx, error) {
	o := &opening{ctx: ctx}
	var now time.Time
	var told string
	turn, args := s.turn()
	o.ask(turn+`
		INSERT INTO imednet_write (token, store, at) SELECT ?::uuid, store, clock_timestamp() FROM held
		RETURNING at, pg_notify(current_schema || '.imednet', store)::text`, append(args, token.String()), ErrNotMigrated, &now, &told)
	if token[0] == 0 { // one write of 256
		o.ask(`DELETE FROM imednet_write WHERE at < clock_timestamp() - interval '1 day'`, nil, nil)
	}
	askFences(ctx, o)
	if s.also != nil {
		s.also(o)
	}
	tx, err := o.transaction(s.db.pool)
	if err == nil {
		s.db.time.set(now)
	}
	return tx, err
}

// turn is the beginning of a statement that waits until nobody else writes to the store, or to its part, and
// keeps others from it to the end of the transaction.
func (s *store) turn() (statement string, args []any) {
	if s.part == "" {
		return `WITH held AS MATERIALIZED (SELECT store FROM imednet_store WHERE store = ? FOR UPDATE)`, []any{s.name}
	}
	return `WITH shared AS MATERIALIZED (SELECT store FROM imednet_store WHERE store = ? FOR SHARE),
		held AS MATERIALIZED (SELECT store, pg_advisory_xact_lock(?) FROM shared)`, []any{s.name, lockKey("turn", s.db.schema, s.name, s.part)}
}

// happened reports whether the transaction that left a token was committed. It waits until that is
// decided.
func (s *store) happened(ctx context.Context, token uuid.UUID) (done bool, err error) {
	err = s.db.persistently(ctx, func() error {
		return inTx(ctx, s.db.pool, nil, func(tx *sql.Tx) error {
			var name string
			turn, args := s.turn()
			if err := tx.QueryRowContext(ctx, turn+` SELECT store FROM held`, args...).Scan(&name); err != nil {
				return err
			}
			return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM imednet_write WHERE token = ?::uuid)`, token.String()).Scan(&done)
		})
	})
	return done, err
}
