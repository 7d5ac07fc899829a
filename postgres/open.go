package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/transit"
)

// DB is one schema of a PostgreSQL database, which holds the stores of a deployment. It is safe for
// concurrent use, and any number of processes can use the same schema.
type DB struct {
	settings
	config *pgx.ConnConfig
	pool   *sql.DB
	time   *serverClock
	locks  sessionLocks
	alive  presence
}

// oldest is the oldest server that is accepted, as server_version_num has it.
const oldest = 140000

// Open connects to the server of a URL such as
// postgres://imednet@db.example.com/imednet?sslmode=verify-full&search_path=imednet. What the URL leaves
// open comes from where every program of PostgreSQL takes it: the variables PGHOST, PGPASSWORD and so
// on, and the file ~/.pgpass, which is the place for a password. It makes no table: a store makes its
// own when it is opened. Errors: [ErrInsecure], [ErrUnreachable] and [ErrOldServer]; none repeats the
// URL.
func Open(ctx context.Context, url string, opts ...Option) (*DB, error) {
	db := &DB{settings: settings{wait: DefaultWait, statement: DefaultStatementTimeout, connections: DefaultConnections, clock: imednet.SystemClock()}}
	if err := argument.Options("postgres.Open", &db.settings, opts); err != nil {
		return nil, wrap("open", "", err)
	}
	config, err := db.configure(url)
	if err != nil {
		return nil, wrap("open", "", err)
	}
	db.time = &serverClock{clock: db.clock}
	if db.dates == nil {
		db.dates = db.time
	}
	config.ConnectTimeout = transit.Patience(config, db.wait)
	db.config = config
	db.pool = sql.OpenDB(connector{*config})
	db.pool.SetMaxOpenConns(db.connections)
	db.pool.SetMaxIdleConns(db.connections)
	db.locks.pool = sql.OpenDB(connector{*config})
	db.locks.pool.SetMaxOpenConns(1)
	db.alive.locks = &db.locks
	if err := wrap("open", "", db.reach(ctx)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// reach makes sure that the server can be used. It waits for one that is away if [WithWaitToOpen] says so.
func (db *DB) reach(ctx context.Context) error {
	told := db.toOpen
	if told == nil {
		err := db.checkServer(ctx)
		if passing(err) {
			err = advised(fmt.Errorf("%w: %w", ErrUnreachable, err), "")
		}
		return err
	}
	return db.persistently(ctx, func() error {
		err := db.checkServer(ctx)
		if passing(err) && told != nil {
			told(err)
			told = nil
		}
		return err
	})
}

func (db *DB) checkServer(ctx context.Context) error {
	var version int
	var encoding string
	var now time.Time
	err := db.pool.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), clock_timestamp()`).Scan(&version, &encoding, &now)
	db.time.set(now)
	switch {
	case passing(err):
		return err
	case err != nil:
		return advised(err, "")
	case version < oldest:
		return refuse(fmt.Errorf("%w: the server is older than PostgreSQL 14", ErrOldServer), "")
	case encoding != "UTF8":
		return refuse(fmt.Errorf("%w: its texts are not in UTF-8", ErrOldServer), "make the database with ENCODING 'UTF8'")
	}
	return nil
}

// Close closes all connections. Calls in progress return an error; locks that were not given up end.
func (db *DB) Close() error { return errors.Join(db.locks.close(), db.pool.Close()) }

// Schema returns the name of the schema.
func (db *DB) Schema() string { return db.schema }
