//go:build cgo

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// migrate checks whose file it is and runs the migrations that it has not seen, in one
// transaction, so that two processes opening a new file agree. A file that is up to date is only
// read.
func (db *DB) migrate(ctx context.Context, cfg Config) error {
	if db.upToDate(ctx, cfg) {
		return nil
	}
	return db.Write(ctx, func(tx *sql.Tx) error {
		adopted, err := claim(ctx, tx, cfg)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS imednet_schema (version INTEGER NOT NULL)`); err != nil {
			return err
		}
		var version int
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM imednet_schema`).Scan(&version); err != nil {
			return err
		}
		if version > len(cfg.Migrations) {
			return fmt.Errorf("schema %d, this one knows %d: %w", version, len(cfg.Migrations), ErrNewerSchema)
		}
		if version == 0 && cfg.Adopt != nil {
			if err := cfg.Adopt(ctx, tx); err != nil {
				return fmt.Errorf("adopt: %w", err)
			}
		}
		for i := version; i < len(cfg.Migrations); i++ {
			if _, err := tx.ExecContext(ctx, cfg.Migrations[i]); err != nil {
				return fmt.Errorf("migration %d: %w", i+1, err)
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO imednet_schema (version) VALUES (?)`, i+1); err != nil {
				return err
			}
		}
		if adopted && cfg.Adopted != nil {
			return cfg.Adopted(ctx, tx)
		}
		return nil
	})
}

// upToDate reports whether there is nothing to do. Any doubt is left to the transaction.
func (db *DB) upToDate(ctx context.Context, cfg Config) bool {
	var id int32
	var version int
	return db.w.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id) == nil && id == cfg.ApplicationID &&
		db.w.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM imednet_schema`).Scan(&version) == nil && version == len(cfg.Migrations)
}

// tablesQuery counts the tables, and those of a name.
const tablesQuery = `SELECT count(*), coalesce(sum(name = ?), 0) FROM sqlite_schema WHERE type = 'table'`

// claim demands our application id, or writes it into a file that is empty or the Python package's;
// the latter is adopted.
func claim(ctx context.Context, tx *sql.Tx, cfg Config) (adopted bool, err error) {
	var id int32
	if err := tx.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return false, err
	}
	if id == cfg.ApplicationID {
		return false, nil
	}
	var tables, foreign int
	if err := tx.QueryRowContext(ctx, tablesQuery, cfg.Foreign).Scan(&tables, &foreign); err != nil {
		return false, err
	}
	if id != 0 || tables > 0 && foreign == 0 {
		return false, fmt.Errorf("application id %d: %w", id, ErrForeignFile)
	}
	if foreign > 0 && cfg.Unadopted != nil {
		return false, cfg.Unadopted
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, cfg.ApplicationID))
	return foreign > 0, err
}
