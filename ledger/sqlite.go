//go:build cgo

package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"path/filepath"

	"github.com/go-json-experiment/json"
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
	db    *sqlite.DB
	path  string
	limit int
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
	s := &SQLiteStore{db: db, path: path, limit: cfg.historyLimit}
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
	state := LedgerState{Studies: map[string]StudyState{}}
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT study_key, stream_name, body FROM ledger_entry`)
	if err != nil {
		return LedgerState{}, s.wrap("load", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k Key
		var body []byte
		if err := rows.Scan(&k.StudyKey, &k.Stream, &body); err != nil {
			return LedgerState{}, s.wrap("load", err)
		}
		e, err := decodeEntry(k, body)
		if err != nil {
			return LedgerState{}, s.wrap("load", err)
		}
		state.Put(k, e)
	}
	if err := rows.Err(); err != nil {
		return LedgerState{}, s.wrap("load", err)
	}
	return state, nil
}

func decodeEntry(k Key, body []byte) (StreamState, error) {
	var e StreamState
	if err := json.Unmarshal(body, &e); err != nil {
		return e, fmt.Errorf("study %s, stream %s: %w: %w", k.StudyKey, k.Stream, ErrDamaged, err)
	}
	return e, nil
}

// Commit implements [Store].
func (s *SQLiteStore) Commit(ctx context.Context, c Commit) error {
	return s.wrap("commit", s.db.Write(ctx, func(tx *sql.Tx) error {
		for _, change := range c.Changes {
			if err := applyChange(ctx, tx, change); err != nil {
				return err
			}
		}
		return s.appendRuns(ctx, tx, c.Runs)
	}))
}

func applyChange(ctx context.Context, tx *sql.Tx, c Change) error {
	var body []byte
	var current StreamState
	err := tx.QueryRowContext(ctx, `SELECT body FROM ledger_entry WHERE study_key = ? AND stream_name = ?`, c.StudyKey, c.Stream).Scan(&body)
	exists := !errors.Is(err, sql.ErrNoRows)
	if exists && err != nil {
		return err
	}
	if exists {
		if current, err = decodeEntry(c.Key, body); err != nil {
			return err
		}
	}
	if err := c.check(current, exists); err != nil {
		return err
	}
	if c.New == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM ledger_entry WHERE study_key = ? AND stream_name = ?`, c.StudyKey, c.Stream)
		return err
	}
	next, err := c.New.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO ledger_entry (study_key, stream_name, body) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET body = excluded.body`, c.StudyKey, c.Stream, string(next))
	return err
}

func (s *SQLiteStore) appendRuns(ctx context.Context, tx *sql.Tx, runs []Run) error {
	if len(runs) == 0 {
		return nil
	}
	var newest []byte
	err := tx.QueryRowContext(ctx, `SELECT body FROM ledger_run ORDER BY run_id DESC LIMIT 1`).Scan(&newest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	_, lines, err := chain(lastHash(newest), runs)
	if err != nil {
		return err
	}
	for i, r := range runs {
		if _, err := tx.ExecContext(ctx, `INSERT INTO ledger_run (study_key, stream_name, body) VALUES (?, ?, ?)`, r.StudyKey, r.Stream, string(lines[i])); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM ledger_run WHERE run_id <= (SELECT run_id FROM ledger_run ORDER BY run_id DESC LIMIT 1 OFFSET ?)`, s.limit)
	return err
}

// TryLock implements [Store].
func (s *SQLiteStore) TryLock(_ context.Context, k Key) (func() error, bool, error) {
	return tryStreamLock(s.path, k)
}

// Runs implements [Store].
func (s *SQLiteStore) Runs(ctx context.Context, f RunFilter) iter.Seq2[Run, error] {
	return func(yield func(Run, error) bool) {
		if err := s.eachRun(ctx, f, func(r Run) bool { return yield(r, nil) }); err != nil {
			yield(Run{}, s.wrap("runs", err))
		}
	}
}

func (s *SQLiteStore) eachRun(ctx context.Context, f RunFilter, yield func(Run) bool) error {
	limit := f.Limit
	if limit <= 0 {
		limit = -1 // SQLite's word for none
	}
	rows, err := s.db.Reader().QueryContext(ctx, `SELECT body FROM ledger_run
		WHERE (?1 = '' OR study_key = ?1) AND (?2 = '' OR stream_name = ?2) ORDER BY run_id DESC LIMIT ?3`, f.StudyKey, f.Stream, limit)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var body []byte
		if err := rows.Scan(&body); err != nil {
			return err
		}
		var r Run
		if err := json.Unmarshal(body, &r); err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if !yield(r) {
			return nil
		}
	}
	return rows.Err()
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
