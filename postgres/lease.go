package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/imednetgo/imednet/internal/argument"
)

// Lease is the right of one holder to work at something alone, such as to sync a study, until it expires.
// It is safe for concurrent use.
type Lease struct {
	Name   string
	Holder string
	// Token is greater than that of any lease of the name before. What is written under
	// [Lease.Context] carries it.
	Token int64
	db    *DB
	term  time.Duration
}

// Holding is what a database knows of a lease.
type Holding struct {
	Name    string
	Holder  string
	Token   int64
	Expires time.Time // by the server's clock, UTC
}

// LeaseError names the holder of a lease that could not be acquired. It wraps [ErrLeased].
type LeaseError struct{ Holding Holding }

// Error says who holds the lease, and until when.
func (e *LeaseError) Error() string {
	return fmt.Sprintf("%v, %q, until %s", ErrLeased, e.Holding.Holder, e.Holding.Expires.Format(time.RFC3339))
}

// Unwrap returns ErrLeased.
func (e *LeaseError) Unwrap() error { return ErrLeased }

// leases is the store that the leases are in.
func (db *DB) leases() *store { return &store{db: db, name: ownName} }

// Acquire takes a lease for a holder, whose name people will read, for a time. It does not wait: a lease
// that another one holds is [ErrLeased], unless it has expired by the server's clock.
func (db *DB) Acquire(ctx context.Context, name, holder string, term time.Duration) (*Lease, error) {
	const function = "postgres.DB.Acquire"
	err := errors.Join(argument.Named(function, "name", name), argument.Named(function, "holder", holder))
	if err == nil && term < time.Millisecond {
		err = argument.Invalid(function, "term", "must be at least a millisecond")
	}
	l := &Lease{Name: name, Holder: holder, db: db, term: term}
	if err == nil {
		err = db.leases().Migrate(ctx, own)
	}
	if err == nil {
		err = db.leases().Write(ctx, func(tx *sql.Tx) error { return l.take(ctx, tx) })
	}
	if err != nil {
		return nil, wrap("acquire a lease", name, err)
	}
	return l, nil
}

// take takes the lease if it is free; whoever takes it at the same moment, or writes under it, is waited
// for.
func (l *Lease) take(ctx context.Context, tx *sql.Tx) error {
	err := tx.QueryRowContext(ctx, `INSERT INTO imednet_lease AS l (name, token, holder, expires_at) VALUES (?1, 1, ?2, clock_timestamp() + ?3 * interval '1 microsecond')
		ON CONFLICT (name) DO UPDATE SET token = l.token + 1, holder = excluded.holder, expires_at = clock_timestamp() + ?3 * interval '1 microsecond'
		WHERE l.holder = '' OR l.expires_at <= clock_timestamp() RETURNING token`, l.Name, l.Holder, l.term.Microseconds()).Scan(&l.Token)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	held, err := holdings(ctx, tx, ` WHERE name = ?`, l.Name)
	if err == nil && len(held) == 1 {
		err = &LeaseError{held[0]}
	}
	return err
}

// Renew lets the lease last for its time from now on. It fails with [ErrLeaseLost] if it has expired or
// another holder has it.
func (l *Lease) Renew(ctx context.Context) error {
	return l.change(ctx, "renew a lease", `UPDATE imednet_lease SET expires_at = clock_timestamp() + ?3 * interval '1 microsecond'
		WHERE name = ?1 AND token = ?2 AND holder <> '' AND expires_at > clock_timestamp()`, l.Name, l.Token, l.term.Microseconds())
}

// Release gives the lease back. It fails with [ErrLeaseLost] if another holder has it.
func (l *Lease) Release(ctx context.Context) error {
	return l.change(ctx, "release a lease", `UPDATE imednet_lease SET holder = '' WHERE name = ?1 AND token = ?2 AND holder <> ''`, l.Name, l.Token)
}

// change runs a statement that changes the lease's row if the lease is still held.
func (l *Lease) change(ctx context.Context, op, statement string, args ...any) error {
	return wrap(op, l.Name, l.db.leases().Write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, statement, args...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); n == 1 || err != nil {
			return err
		}
		return ErrLeaseLost
	}))
}

// Leases lists who holds what, by name. A lease that has expired is held by nobody.
func (db *DB) Leases(ctx context.Context) (held []Holding, err error) {
	err = db.leases().Migrate(ctx, own)
	if err == nil {
		err = db.leases().Read(ctx, func(tx *sql.Tx) error {
			held, err = holdings(ctx, tx, ` WHERE holder <> '' AND expires_at > clock_timestamp() ORDER BY name`)
			return err
		})
	}
	return held, wrap("list leases", "", err)
}

func holdings(ctx context.Context, tx *sql.Tx, where string, args ...any) ([]Holding, error) {
	rows, err := tx.QueryContext(ctx, `SELECT name, holder, token, expires_at FROM imednet_lease`+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Holding
	for rows.Next() {
		var h Holding
		if err := rows.Scan(&h.Name, &h.Holder, &h.Token, &h.Expires); err != nil {
			return nil, err
		}
		h.Expires = h.Expires.UTC()
		out = append(out, h)
	}
	return out, rows.Err()
}

// StudyLease is the name of the lease under which a study is worked at.
func StudyLease(studyKey string) string { return "study " + studyKey }
