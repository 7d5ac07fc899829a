//go:build cgo

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"os"

	"github.com/mattn/go-sqlite3"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/fsync"
)

// Backup writes a copy of the database, as it stands at one moment, to a new file that only its
// owner can read, and makes it durable. Others may read and write meanwhile. Nothing is written to the database or
// beside it that stays. An existing file is an error; a copy that fails is removed.
func (db *DB) Backup(ctx context.Context, path string) error {
	if err := argument.File("backup", "path", path); err != nil {
		return err
	}
	if err := create(path); err != nil {
		return err
	}
	// A connection of its own: readers must not write, not even elsewhere, and the writer is busy.
	source := sql.OpenDB(&connector{cfg: db.cfg, readOnly: true, copies: true, frozen: db.frozen})
	_, err := source.ExecContext(ctx, `VACUUM INTO ?`, path)
	if err = db.unlessChanged(errors.Join(err, source.Close())); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return fsync.File(path)
}

// CopyUntouched is Backup for a file of another program, which is only read, and in whose format nothing is changed.
func CopyUntouched(ctx context.Context, from, to string) error {
	if err := errors.Join(argument.File("backup", "from", from), argument.File("backup", "to", to)); err != nil {
		return err
	}
	if err := create(to); err != nil {
		return err
	}
	source := sql.OpenDB(&untouched{path: from})
	_, err := source.ExecContext(ctx, `VACUUM INTO ?`, to)
	if err = errors.Join(err, source.Close()); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return fsync.File(to)
}

// untouched opens connections that may only read, with nothing set on them.
type untouched struct{ path string }

// Driver is part of driver.Connector.
func (u *untouched) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// Connect opens one connection.
func (u *untouched) Connect(context.Context) (driver.Conn, error) {
	return u.Driver().Open((&url.URL{Scheme: "file", Opaque: (&url.URL{Path: u.path}).EscapedPath(), RawQuery: "mode=ro"}).String())
}

// create makes an empty file, which VACUUM INTO fills, so that it is private from the start.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}
