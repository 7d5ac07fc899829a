package warehouse

import (
	"context"
	"database/sql"
)

// OpenReadOnly opens the file at path for queries: no statement can change it, and several
// processes can open it this way at the same time. If a process has it open for writing, the error
// is [ErrBusy]. Statements can still read and write other files, with the permissions of the user
// who runs them. Options for memory, spilling and threads apply. The caller must close the
// database.
func OpenReadOnly(ctx context.Context, path string, opts ...Option) (*sql.DB, error) {
	s, err := newSettings("warehouse.OpenReadOnly", opts)
	if err == nil {
		err = checkPath("warehouse.OpenReadOnly", path)
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
