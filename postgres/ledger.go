package postgres

import (
	"context"

	"github.com/imednetgo/imednet/ledger"
)

// Ledger opens the deployment's ledger, whose tables it makes if they are missing. Unless the options set a clock, runs
// are dated by the server's. Of the other options it uses [ledger.WithHistoryLimit].
func (db *DB) Ledger(ctx context.Context, opts ...ledger.StoreOption) (*ledger.DatabaseStore, error) {
	return ledger.NewDatabaseStore(ctx, &store{db: db, name: "ledger"}, append([]ledger.StoreOption{ledger.WithClock(db.dates)}, opts...)...)
}
