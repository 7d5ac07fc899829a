package main

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/transit"
	"github.com/imednetgo/imednet/postgres"
)

// inDatabase reports whether a store is in the deployment's database: unless the command line names its
// file.
func (a *app) inDatabase(path string) bool { return path == "" && a.settings.Database != "" }

// database opens the deployment's database, which is closed when the program ends.
func (a *app) database(ctx context.Context) (*postgres.DB, error) {
	if a.shared != nil {
		return a.shared, nil
	}
	var opts []postgres.Option
	if wait := a.settings.DatabaseWait; wait > 0 {
		opts = []postgres.Option{postgres.WithWait(wait), postgres.WithWaitToOpen(func(error) {
			fmt.Fprintf(a.errOut, "The database server cannot be reached; waiting for it for %v at most.\n", wait)
		})}
	}
	db, err := postgres.Open(ctx, a.settings.Database, opts...)
	if err != nil {
		return nil, err
	}
	a.shared = db
	return db, nil
}

// has opens the deployment's database, and reports whether it has a store.
func (a *app) has(ctx context.Context, store string) (db *postgres.DB, there bool, err error) {
	if db, err = a.database(ctx); err == nil {
		there, err = db.Has(ctx, store)
	}
	return db, there, err
}

// storeWords are what people call the stores.
var storeWords = map[string]string{"mirror": "mirror", "ledger": "ledger", "triage": "review queue", "versioning": "configurations", "journal": "journal of submissions"}

// databaseWith opens the deployment's database, which must have a store: who looks at nothing in a mistyped schema would
// take it for empty. The hint says what creates the store.
func (a *app) databaseWith(ctx context.Context, store, hint string) (*postgres.DB, error) {
	db, there, err := a.has(ctx, store)
	if err == nil && !there {
		err = &imednet.Error{Package: "imednet", Op: "open", Err: fmt.Errorf("the database has no %s in schema %s: %w", storeWords[store], db.Schema(), fs.ErrNotExist),
			Hint: "is the URL's search_path right? " + hint}
	}
	return db, err
}

// refusePassword refuses a password on the command line, which every user of the computer can read.
func refusePassword(databaseURL string) error {
	if transit.HasPassword(databaseURL) {
		return usagef("--database has a password, which others on this computer can read: put it into ~/.pgpass or PGPASSWORD")
	}
	return nil
}

// close closes what commands share.
func (a *app) close() error {
	if a.shared == nil {
		return nil
	}
	return a.shared.Close()
}

// onlyFile refuses what is done to a file alone.
func (a *app) onlyFile(path, flag string) error {
	if a.inDatabase(path) {
		return usagef("this is done to a file: name it with --%s; the others are in the database", flag)
	}
	return nil
}
