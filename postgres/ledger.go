package postgres

import (
	"context"

	"github.com/imednetgo/imednet/ledger"
)

// Ledger opens the deployment's ledger, whose tables it makes if they are missing. Of the options it
// uses [ledger.WithHistoryLimit].
func (db *DB) Ledger(ctx context.Context, opts ...ledger.StoreOption) (*ledger.DatabaseStore, error) {
	return ledger.NewDatabaseStore(ctx, &store{db: db, name: "ledger"}, opts...)
}
