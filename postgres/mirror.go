package postgres

import (
	"context"
	"database/sql"

	"github.com/imednetgo/imednet/cache"
)

// Mirror opens the deployment's mirror of studies, whose tables it makes if they are missing. A nil client
// opens it for reading. Any number of processes read it, each iteration at the moment when it began; runs of
// one study exclude each other in all processes, and those of different studies write at the same time. Work
// under [Lease.Context] commits nothing once the lease is lost. Runs, cuts and purges are dated by the server's clock, unless
// the options set another. Closing the mirror leaves the database open.
func (db *DB) Mirror(ctx context.Context, client cache.Client, opts ...cache.Option) (*cache.CachedRecordsLoader, error) {
	return cache.NewDatabaseLoader(ctx, client, mirror{&store{db: db, name: "mirror"}}, append([]cache.Option{cache.WithClock(db.dates)}, opts...)...)
}

// mirror is the part of the schema that the mirror has. Writers of one study take turns.
type mirror struct{ *store }

// WriteStudy is part of cache.Database.
func (m mirror) WriteStudy(ctx context.Context, studyKey string, fn func(*sql.Tx) error) error {
	return (&store{db: m.db, name: m.name, part: studyKey, also: askOfMirror}).Write(ctx, fn)
}

// askOfMirror says who writes, and asks whether rows may be copied.
func askOfMirror(o *opening) {
	var writer string
	o.ask(`SELECT set_config('imednet.writer', 'mirror', true), row_security_active('record_cache') OR row_security_active('imednet_record')`,
		nil, ErrNotMigrated, &writer, &o.secured)
}

// TryLockRun is part of cache.Database. A run under the study's lease does not wait for one under an earlier
// lease, whose process may stand still with its connection open: the token keeps that one from writing.
func (m mirror) TryLockRun(ctx context.Context, studyKey string) (unlock func() error, ok bool, err error) {
	return m.tryLock(ctx, "run of "+studyKey, hold{shared: carries(ctx, m.db, StudyLease(studyKey))})
}
