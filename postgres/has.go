package postgres

import (
	"context"
	"database/sql"
)

// Has reports whether the schema has the tables of a store: "mirror", "ledger", "triage", "versioning" or "journal". It
// makes none, nor the schema, so that who only looks can tell a mistyped schema from an empty store.
func (db *DB) Has(ctx context.Context, name string) (has bool, err error) {
	err = (&store{db: db}).Read(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT to_regclass(?) IS NOT NULL`, db.schema+".imednet_store").Scan(&has)
		if err != nil || !has {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM imednet_store WHERE store = ?)`, name).Scan(&has)
	})
	return has, wrap("look for a store", name, err)
}
