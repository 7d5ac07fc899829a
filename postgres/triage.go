package postgres

import (
	"context"

	"github.com/imednetgo/imednet/triage"
	"github.com/imednetgo/imednet/versioning"
)

// Triage opens the deployment's review queue, whose tables it makes if they are missing. Unless the
// options set a clock, entries are dated by the server's. [triage.WithImport] is refused, and
// [triage.WithWait] has no effect: [WithWait] has.
func (db *DB) Triage(ctx context.Context, opts ...triage.Option) (*triage.TriageStore, error) {
	return triage.NewDatabaseStore(ctx, &store{db: db, name: "triage"}, append([]triage.Option{triage.WithClock(db.dates)}, opts...)...)
}

// Versions opens the deployment's history of configurations, whose tables it makes if they are missing.
// Unless the options set a clock, entries are dated by the server's. [versioning.WithImport] is refused,
// and [versioning.WithWait] has no effect: [WithWait] has.
func (db *DB) Versions(ctx context.Context, opts ...versioning.Option) (*versioning.ConfigVersionStore, error) {
	return versioning.NewDatabaseStore(ctx, &store{db: db, name: "versioning"}, append([]versioning.Option{versioning.WithClock(db.dates)}, opts...)...)
}
