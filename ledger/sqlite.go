//go:build cgo

package ledger

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"

	"github.com/mattn/go-sqlite3"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/filelock"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// applicationID marks our ledgers: "iMnL".
const applicationID = 0x694d6e4c

var migrations = []string{`
CREATE TABLE ledger_entry (
	study_key   TEXT NOT NULL,
	stream_name TEXT NOT NULL,
	body        TEXT NOT NULL, -- the entry as the JSON file has it
	PRIMARY KEY (study_key, stream_name)
) WITHOUT ROWID;
CREATE TABLE ledger_run (
	run_id      INTEGER PRIMARY KEY AUTOINCREMENT,
	study_key   TEXT NOT NULL,
	stream_name TEXT NOT NULL,
	body        TEXT NOT NULL -- the run as a line of the history has it
);
CREATE INDEX ledger_run_stream ON ledger_run (study_key, stream_name, run_id);
`}

// SQLiteStore stores a ledger in a SQLite file and is durable at every commit. The locks of streams
// are files in `<path>.locks`.
type SQLiteStore struct {
	db     *sqlite.DB
	path   string
	tables tables
}

var _ Store = (*SQLiteStore)(nil)

// OpenSQLite opens or creates the file at path (mode 0600 in a directory of mode 0700). It requires
// a program built with cgo. A file that is damaged or not a SQLite file is [ErrDamaged] and is not
// changed.
func OpenSQLite(ctx context.Context, path string, opts ...StoreOption) (*SQLiteStore, error) {
	cfg, err := newStoreConfig(opts)
	if err == nil {
		err = argument.File("ledger.OpenSQLite", "path", path)
	}
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return nil, fileError("open", path, err, "")
	}
	db, err := openDB(ctx, path, cfg)
	s := &SQLiteStore{db: db, path: path, tables: tables{db, cfg.historyLimit}}
	if err != nil {
		return nil, s.wrap("open", err)
	}
	return s, nil
}

// openDB opens the file while no other process opens it: changing a new file to WAL is the one
// step that SQLite does not wait for.
func openDB(ctx context.Context, path string, cfg storeConfig) (_ *sqlite.DB, err error) {
	lock, err := filelock.Acquire(ctx, path+".open.lock", filelock.Exclusive, cfg.commitTimeout, cfg.clock)
	if errors.Is(err, filelock.ErrTimeout) {
		err = fmt.Errorf("another process is opening the file: %w", ErrLocked)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = joined(err, lock.Release()) }()
	return sqlite.Open(ctx, sqlite.Config{Path: path, ApplicationID: applicationID, Migrations: migrations,
		BusyTimeout: cfg.commitTimeout, CacheKiB: 1024, Readers: 2})
}

// Backup copies the file, as of one moment, to a new file with mode 0600 while others read and
// write. It is an error if the new file already exists.
func (s *SQLiteStore) Backup(ctx context.Context, path string) error {
	return s.wrap("backup", s.db.Backup(ctx, path))
}

// Close closes the file.
func (s *SQLiteStore) Close() error { return s.db.Close() }

// Load implements [Store].
func (s *SQLiteStore) Load(ctx context.Context) (LedgerState, error) {
	state, err := s.tables.load(ctx)
	return state, s.wrap("load", err)
}

// Commit implements [Store].
func (s *SQLiteStore) Commit(ctx context.Context, c Commit) error {
	return s.wrap("commit", s.tables.commit(ctx, c))
}

// TryLock implements [Store].
func (s *SQLiteStore) TryLock(_ context.Context, k Key) (func() error, bool, error) {
	return tryStreamLock(s.path, k)
}

// Runs implements [Store].
func (s *SQLiteStore) Runs(ctx context.Context, f RunFilter) iter.Seq2[Run, error] {
	return s.tables.runs(ctx, f, s.wrap)
}

func (s *SQLiteStore) wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	e := fileError(op, s.path, err, hint(err))
	var fault sqlite3.Error
	if errors.As(err, &fault) && (fault.Code == sqlite3.ErrCorrupt || fault.Code == sqlite3.ErrNotADB) {
		e.Err = fmt.Errorf("%w: %w", ErrDamaged, err)
		e.Hint = "nothing was changed; move the file away and import the last export, or start anew"
	}
	return e
}
