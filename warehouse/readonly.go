package warehouse

import (
	"context"
	"database/sql"

	"github.com/imednetgo/imednet/internal/argument"
)

// OpenReadOnly opens the file at path for questions: no statement can change it, and several
// processes may have it open so at the same time. A process that has it open for writing makes it
// ErrBusy. Statements can still read and write other files, as the user who runs them can. Options
// about memory, spilling and threads apply. The caller closes the database.
func OpenReadOnly(ctx context.Context, path string, opts ...Option) (*sql.DB, error) {
	s, err := newSettings(opts)
	if err == nil && (path == "" || path == memory) {
		err = argument.Invalid("warehouse.OpenReadOnly", "path", "must be a file")
	}
	if err != nil {
		return nil, err
	}
	if err := refuseOther(ctx, path); err != nil {
		return nil, err
	}
	connector, err := connect(ctx, dsn(path, s)+"&access_mode=READ_ONLY")
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
