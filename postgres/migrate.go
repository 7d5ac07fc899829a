package postgres

import (
	"context"
	"database/sql"
	"fmt"
)

// own are the tables that the stores share. imednet_store has a row a store, which its writers lock;
// imednet_write has a token for each transaction of the last days, by which a process learns whether one
// whose connection it lost was committed; imednet_lease has a row for whatever was ever leased, so that
// its token never falls.
var own = []string{`
CREATE TABLE imednet_store (
	store   text PRIMARY KEY,
	version integer NOT NULL,
	turn    integer NOT NULL DEFAULT 0 -- never written; the right to update it is the right to lock the row
);
CREATE TABLE imednet_write (
	token uuid PRIMARY KEY,
	store text NOT NULL,
	at    timestamptz NOT NULL
);
CREATE INDEX imednet_write_at ON imednet_write (at);
`, `
CREATE TABLE imednet_lease (
	name       text COLLATE "C" PRIMARY KEY,
	token      bigint NOT NULL,
	holder     text NOT NULL, -- empty: free
	expires_at timestamptz NOT NULL
);
`}

// ownName is the row of imednet_store for the tables that the stores share.
const ownName = "shared"

// Migrate brings the store's tables up to date: whatever is missing is made in one transaction, while no
// other process does so. Tables that are up to date are only looked at, which every role may do.
func (s *store) Migrate(ctx context.Context, migrations []string) error {
	return s.db.persistently(ctx, func() error {
		if s.db.upToDate(ctx, ownName, own) && s.db.upToDate(ctx, s.name, migrations) {
			return nil
		}
		err := s.db.migrate(ctx, s.name, migrations)
		if code(err) == "42501" { // insufficient_privilege
			return refuse(fmt.Errorf("%w: %w", ErrNotMigrated, err), "open the store once as the schema's owner, as `imednet migrate --tables` does")
		}
		return err
	})
}

// upToDate reports whether there is nothing to do. Any doubt is left to the transaction.
func (db *DB) upToDate(ctx context.Context, name string, migrations []string) bool {
	var version int
	err := db.pool.QueryRowContext(ctx, `SELECT version FROM imednet_store WHERE store = ?`, name).Scan(&version)
	return err == nil && version == len(migrations)
}

func (db *DB) migrate(ctx context.Context, name string, migrations []string) error {
	tx, err := db.pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // undone, or over already
	// Every schema of a database waits for the others, for a moment, once a version.
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(?)`, lockKey("migrate")); err != nil {
		return err
	}
	if err := db.makeSchema(ctx, tx); err != nil {
		return err
	}
	if err := runMigrations(ctx, tx, ownName, own); err != nil {
		return err
	}
	if err := runMigrations(ctx, tx, name, migrations); err != nil {
		return err
	}
	return tx.Commit()
}

// makeSchema makes what is missing before the first migration: CREATE … IF NOT EXISTS would ask for the
// right to make it even where it is there.
func (db *DB) makeSchema(ctx context.Context, tx *sql.Tx) error {
	var schema, table bool
	err := tx.QueryRowContext(ctx, `SELECT to_regnamespace(?) IS NOT NULL, to_regclass(?) IS NOT NULL`, db.schema, db.schema+".imednet_store").Scan(&schema, &table)
	if err == nil && !schema {
		_, err = tx.ExecContext(ctx, `CREATE SCHEMA `+db.schema)
	}
	if err == nil && !table {
		_, err = tx.ExecContext(ctx, own[0])
	}
	return err
}

func runMigrations(ctx context.Context, tx *sql.Tx, name string, migrations []string) error {
	version := 0
	if name == ownName {
		version = 1 // the table that says so
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO imednet_store (store, version) VALUES (?, ?) ON CONFLICT (store) DO NOTHING`, name, version)
	if err == nil {
		err = tx.QueryRowContext(ctx, `SELECT version FROM imednet_store WHERE store = ? FOR UPDATE`, name).Scan(&version)
	}
	if err != nil {
		return err
	}
	if version > len(migrations) {
		return fmt.Errorf("%w: %s %d, this one knows %d", ErrNewerSchema, name, version, len(migrations))
	}
	for i := version; i < len(migrations); i++ {
		if _, err := tx.ExecContext(ctx, migrations[i]); err != nil {
			return fmt.Errorf("migration %d of %s: %w", i+1, name, err)
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE imednet_store SET version = ? WHERE store = ?`, len(migrations), name)
	return err
}
