//go:build cgo

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/imednetgo/imednet/internal/fsync"
)

// createWhole makes a new file beside its place and gives it its name once its tables are there. Of
// two processes that do so at once, the second finds the first one's file.
func createWhole(ctx context.Context, cfg Config) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(cfg.Path), "."+filepath.Base(cfg.Path)+".new-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeAll(temp.Name(), temp.Name()+"-wal", temp.Name()+"-shm")) }()
	if err := temp.Close(); err != nil {
		return err
	}
	made := cfg
	made.Path, made.Whole = temp.Name(), false
	db := &DB{w: sql.OpenDB(&connector{cfg: made})}
	db.w.SetMaxOpenConns(1)
	err = db.migrate(ctx, made)
	if err == nil {
		err = db.intoTheFile(ctx)
	}
	if err = errors.Join(err, db.w.Close()); err != nil {
		return err
	}
	if err := fsync.File(temp.Name()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), cfg.Path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return fsync.Dir(filepath.Dir(cfg.Path))
}

// intoTheFile writes everything from the log into the file. Closing does so too, but says nothing if it fails, as on a
// full disk, and the log is thrown away.
func (db *DB) intoTheFile(ctx context.Context) error {
	done, err := db.TruncateLog(ctx)
	if err == nil && !done {
		err = errLogInUse
	}
	return err
}

var errLogInUse = errors.New("another program reads a file that is being made")

func removeAll(names ...string) (err error) {
	for _, name := range names {
		if e := os.Remove(name); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}
