//go:build cgo

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/mattn/go-sqlite3"
)

// StillThere returns ErrReplaced when the path no longer leads to the open file, or the file is empty.
func (db *DB) StillThere() error {
	now, err := os.Stat(db.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err != nil || !os.SameFile(now, db.opened) || now.Size() == 0 && db.opened.Size() > 0 {
		return ErrReplaced
	}
	if db.frozen && (now.Size() != db.opened.Size() || !now.ModTime().Equal(db.opened.ModTime())) {
		return fmt.Errorf("%w: it changed, and this user may only read it while nobody writes", ErrReplaced)
	}
	return nil
}

// OpenCurrent opens a file that is ours and needs no migration, without a lock and without writing;
// the connection that writes is opened when it is first used. It returns nil when the file is not
// such a one: Open decides then. Of one that is no database, or that Open would refuse, it is the error.
func OpenCurrent(ctx context.Context, cfg Config) (*DB, error) {
	cfg = cfg.withDefaults()
	info, err := os.Stat(cfg.Path)
	if err != nil || info.Size() == 0 {
		return nil, nil //nolint:nilerr // Open makes the file, or says what is wrong
	}
	db := &DB{path: cfg.Path, cfg: cfg, opened: info}
	db.w = sql.OpenDB(&connector{cfg: cfg})
	db.w.SetMaxOpenConns(1)
	db.w.SetMaxIdleConns(1)
	db.openReaders(false)
	current, err := db.isCurrent(ctx)
	if mayNotLock(err) && logIsEmpty(cfg.Path) {
		err = db.r.Close()
		db.openReaders(true)
		if err == nil {
			current, err = db.isCurrent(ctx)
		}
	}
	if mayNotLock(err) && readable(cfg.Path) && readable(logOf(cfg.Path)) {
		err = ErrLogLeft
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", cfg.Path, err), db.Close())
	}
	if !current {
		return nil, db.Close()
	}
	return db, nil
}

// isCurrent reports whether the file is ours and at the newest schema. A file that is none, or another program's, is an
// error already here: nothing is to be locked or made beside it.
func (db *DB) isCurrent(ctx context.Context) (current bool, err error) {
	var f whose
	if err := db.r.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&f.id); err != nil {
		return false, err
	}
	if err := db.r.QueryRowContext(ctx, tablesQuery, db.cfg.Foreign).Scan(&f.tables, &f.foreign, &f.ours); err != nil {
		return false, err
	}
	if err := f.refuse(db.cfg); err != nil || f.id != int64(db.cfg.ApplicationID) {
		return false, err
	}
	var version int
	err = db.r.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM imednet_schema`).Scan(&version)
	return version == len(db.cfg.Migrations), err
}

// mayNotLock reports whether SQLite failed because it could not make or open the file's -shm.
func mayNotLock(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrCantOpen || e.Code == sqlite3.ErrReadonly || e.Code == sqlite3.ErrPerm)
}

// logIsEmpty reports whether everything is in the file itself.
func logIsEmpty(path string) bool {
	info, err := os.Stat(logOf(path))
	return errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0
}

func logOf(path string) string { return path + "-wal" }

func readable(path string) bool {
	f, err := os.Open(path)
	return err == nil && f.Close() == nil
}
