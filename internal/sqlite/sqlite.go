//go:build cgo

// Package sqlite opens the library's SQLite files in one way: WAL, one writer that begins
// IMMEDIATE, many readers, pragmas read back on every connection, an application id that stops us
// opening a stranger's file, private permissions, and migrations kept in a table of our own
// (user_version belongs to other programs).
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/imednetgo/imednet/internal/argument"
)

// Config says how a file is opened. Zero values mean the documented default.
type Config struct {
	// Path of the file. Its directory is created with mode 0700, the file with 0600.
	Path string
	// ApplicationID is written into a new file and demanded of an old one.
	ApplicationID int32
	// Foreign names a table whose presence makes a file with application id 0 acceptable: a
	// file that the Python package wrote. Empty accepts only new files and files of our own.
	Foreign string
	// Unadopted, unless nil, is the error for such a file instead of taking it over.
	Unadopted error
	// Adopt runs before the first migration, in its transaction, and nowhere else. It brings the
	// tables of a file that the Python package wrote into the shape that the migrations expect.
	Adopt func(ctx context.Context, tx *sql.Tx) error
	// Adopted runs behind the migrations of such a file, in the same transaction.
	Adopted func(ctx context.Context, tx *sql.Tx) error
	// Whole means that a file never exists without its tables: a new one appears complete under
	// its name, and one that is empty, or has no table, has been cut off and is ErrEmpty.
	Whole bool
	// Migrations bring the file's schema up to date, each run once, in order. Never edit one.
	Migrations []string
	// Synchronous is "NORMAL" or "FULL"; default "FULL".
	Synchronous string
	// CacheKiB is the page cache of each connection; default 16384.
	CacheKiB int
	// ReaderCacheKiB is the page cache of each reading connection; default CacheKiB.
	ReaderCacheKiB int
	// PageSize of a new file in bytes; default 4096.
	PageSize int
	// WALPages is the number of pages after which the log is checkpointed; default 1000.
	WALPages int
	// MMapBytes lets readers map the file; default 0, off.
	MMapBytes int64
	// Readers is the most reading connections at a time; default 8.
	Readers int
	// BusyTimeout is how long a writer waits for another process; default 30 s.
	BusyTimeout time.Duration
	// ForeignKeys switches their enforcement on.
	ForeignKeys bool
	// SecureDelete overwrites deleted content with zeros.
	SecureDelete bool
}

// DB is an open file.
type DB struct {
	w, r   *sql.DB
	path   string
	cfg    Config
	opened os.FileInfo // the file as it was when it was opened
	frozen bool        // read without the right to lock: the file must not change

	writing atomic.Pointer[writing] // the transaction that writes now
}

// writing is a transaction that writes, and its connection.
type writing struct {
	tx   *sql.Tx
	conn *sql.Conn
}

// Busy reports whether another connection or process held the file's lock for too long.
func Busy(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}

// Open opens or creates the file and brings its schema up to date.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	cfg = cfg.withDefaults()
	if err := prepareFile(ctx, cfg); err != nil {
		return nil, err
	}
	db := &DB{path: cfg.Path, cfg: cfg}
	db.w = sql.OpenDB(&connector{cfg: cfg})
	db.w.SetMaxOpenConns(1)
	db.w.SetMaxIdleConns(1)
	if err := db.migrate(ctx, cfg); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", cfg.Path, err), db.w.Close())
	}
	var err error
	if db.opened, err = os.Stat(cfg.Path); err != nil {
		return nil, errors.Join(err, db.w.Close())
	}
	db.openReaders(false)
	return db, nil
}

func (db *DB) openReaders(frozen bool) {
	db.frozen = frozen
	db.r = sql.OpenDB(&connector{cfg: db.cfg, readOnly: true, frozen: frozen})
	db.r.SetMaxOpenConns(db.cfg.Readers)
	db.r.SetMaxIdleConns(db.cfg.Readers)
}

func (c Config) withDefaults() Config {
	set := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	set(&c.CacheKiB, 16384)
	set(&c.ReaderCacheKiB, c.CacheKiB)
	set(&c.PageSize, 4096)
	set(&c.WALPages, 1000)
	set(&c.Readers, 8)
	if c.Synchronous == "" {
		c.Synchronous = "FULL"
	}
	if c.BusyTimeout == 0 {
		c.BusyTimeout = 30 * time.Second
	}
	return c
}

// prepareFile makes the directory and the file private before SQLite sees them; the log and the
// shared memory file inherit the file's mode.
func prepareFile(ctx context.Context, cfg Config) error {
	path := cfg.Path
	if err := argument.File("open", "path", path); err != nil {
		return err
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return &fs.PathError{Op: "open", Path: path, Err: syscall.EISDIR}
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("open %s: %w", path, ErrNoFile)
	case err == nil && cfg.Whole && info.Size() == 0:
		return fmt.Errorf("open %s: %w", path, ErrEmpty)
	case err == nil:
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if cfg.Whole {
		return createWhole(ctx, cfg)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// TruncateLog writes the log back into the file and cuts it off, without waiting. It reports false
// when a reader, here or in another process, still needs what is in the log.
func (db *DB) TruncateLog(ctx context.Context) (done bool, err error) {
	conn, err := db.w.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, `PRAGMA busy_timeout = 0`); err != nil {
		return false, err
	}
	var busy, log, moved int
	err = conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &log, &moved)
	if Busy(err) {
		busy, err = 1, nil
	}
	_, restored := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, db.cfg.BusyTimeout.Milliseconds()))
	return busy == 0, errors.Join(err, restored)
}

// Path returns the file's path.
func (db *DB) Path() string { return db.path }

// Reader returns the pool of read-only connections.
func (db *DB) Reader() *sql.DB { return db.r }

// Writer returns the pool that holds the one writing connection. Its transactions begin IMMEDIATE.
func (db *DB) Writer() *sql.DB { return db.w }

// Close closes all connections.
func (db *DB) Close() error { return errors.Join(db.r.Close(), db.w.Close()) }

// Write runs fn in one IMMEDIATE transaction: committed if fn returns nil, otherwise rolled back.
func (db *DB) Write(ctx context.Context, fn func(*sql.Tx) error) error {
	conn, err := db.w.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return inTx(ctx, conn, nil, func(tx *sql.Tx) error {
		db.writing.Store(&writing{tx, conn})
		defer db.writing.Store(nil)
		return fn(tx)
	})
}

// Read runs fn in one read transaction, so that all of its queries see the same state.
func (db *DB) Read(ctx context.Context, fn func(*sql.Tx) error) error {
	return db.unlessChanged(inTx(ctx, db.r, &sql.TxOptions{ReadOnly: true}, fn))
}

// unlessChanged is the error of a reading, also where the file changed meanwhile though it must not.
func (db *DB) unlessChanged(err error) error {
	if err == nil && db.frozen {
		return db.StillThere()
	}
	return err
}

// pool is where transactions begin.
type pool interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

func inTx(ctx context.Context, pool pool, opts *sql.TxOptions, fn func(*sql.Tx) error) (err error) {
	tx, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			err = errors.Join(err, ignoreDone(tx.Rollback()))
		}
	}()
	if err = fn(tx); err != nil {
		return err
	}
	done = true
	return tx.Commit()
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}
