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

// tablesQuery counts the tables, those of a name, and whether ours are among them.
const tablesQuery = `SELECT count(*), coalesce(sum(name = ?), 0), coalesce(sum(name = 'imednet_schema'), 0) FROM sqlite_schema WHERE type = 'table'`

// claim demands our application id, or writes it into a file that is empty or the Python package's;
// the latter is adopted.
func claim(ctx context.Context, tx *sql.Tx, cfg Config) (adopted bool, err error) {
	var f whose
	if err := tx.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&f.id); err != nil {
		return false, err
	}
	if err := tx.QueryRowContext(ctx, tablesQuery, cfg.Foreign).Scan(&f.tables, &f.foreign, &f.ours); err != nil {
		return false, err
	}
	if err := f.refuse(cfg); err != nil || f.id == int64(cfg.ApplicationID) {
		return false, err
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, cfg.ApplicationID))
	return f.foreign > 0, err
}

// whose is by what a file tells whose it is: its application id, and how many tables it has, of the Python package, and of
// those that only we make.
type whose struct{ id, tables, foreign, ours int64 }

// refuse says why a file is not opened. Our application id comes with our tables, in one transaction: a file that has it and
// lacks them has lost them, as has one without any table that never exists so.
func (f whose) refuse(cfg Config) error {
	own := f.id == int64(cfg.ApplicationID)
	switch {
	case own && f.ours == 0, f.id == 0 && f.tables == 0 && cfg.Whole:
		return ErrEmpty
	case own:
		return nil
	case f.id != 0 || f.tables > 0 && f.foreign == 0:
		return fmt.Errorf("application id %d: %w", f.id, ErrForeignFile)
	case f.foreign > 0:
		return cfg.Unadopted
	}
	return nil
}
