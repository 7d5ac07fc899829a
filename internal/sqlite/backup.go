//go:build cgo

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/fsync"
)

// Backup writes a copy of the database, as it stands at one moment, to a new file that only its
// owner can read, and makes it durable. Others may read and write meanwhile. An existing file is
// an error; a copy that fails is removed.
func (db *DB) Backup(ctx context.Context, path string) error {
	if err := argument.File("backup", "path", path); err != nil {
		return err
	}
	if err := create(path); err != nil {
		return err
	}
	// A connection of its own: readers must not write, not even elsewhere, and the writer is busy.
	source := sql.OpenDB(&connector{cfg: db.cfg})
	_, err := source.ExecContext(ctx, `VACUUM INTO ?`, path)
	if err = errors.Join(err, source.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return fsync.File(path)
}

// create makes an empty file, which VACUUM INTO fills, so that it is private from the start.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}
