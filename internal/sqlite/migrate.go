package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// migrate checks whose file it is and runs the migrations that it has not seen, in one
// transaction, so that two processes opening a new file agree.
func (db *DB) migrate(ctx context.Context, cfg Config) error {
	return db.Write(ctx, func(tx *sql.Tx) error {
		if err := claim(ctx, tx, cfg); err != nil {
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
		return nil
	})
}

// tablesQuery counts the tables, and those of a name.
const tablesQuery = `SELECT count(*), coalesce(sum(name = ?), 0) FROM sqlite_schema WHERE type = 'table'`

// claim demands our application id, or writes it into a file that is empty or the Python package's.
func claim(ctx context.Context, tx *sql.Tx, cfg Config) error {
	var id int32
	if err := tx.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&id); err != nil {
		return err
	}
	if id == cfg.ApplicationID {
		return nil
	}
	var tables, foreign int
	err := tx.QueryRowContext(ctx, tablesQuery, cfg.Foreign).Scan(&tables, &foreign)
	if err != nil {
		return err
	}
	if id != 0 || tables > 0 && foreign == 0 {
		return fmt.Errorf("application id %d: %w", id, ErrForeignFile)
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, cfg.ApplicationID))
	return err
}
