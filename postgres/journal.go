package postgres

import (
	"context"

	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/sqljournal"
	"github.com/imednetgo/imednet/workflows/submissions"
)

// Journal opens the deployment's journal of submissions, whose tables it makes if they are missing.
// Events are dated, and leases end, by the server's clock, unless [WithClock] set another. A process that
// ends loses its leases at once, on whatever machine it was, as soon as the server notices.
func (db *DB) Journal(ctx context.Context) (submissions.Journal, error) {
	s := &store{db: db, name: "journal"}
	if err := s.Migrate(ctx, sqljournal.Migrations(audit.PostgreSQL)); err != nil {
		return nil, wrap("open the journal", "", err)
	}
	return sqljournal.New(audit.NewStore(s, audit.Timing{Clock: db.dates}), packageName, &db.alive), nil
}
