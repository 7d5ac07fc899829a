//go:build cgo

package cache

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/filelock"
	"github.com/imednetgo/imednet/internal/fsync"
	"github.com/imednetgo/imednet/internal/sqlite"
)

// NewCachedRecordsLoader opens the mirror in the file at path. It creates the file (mode 0600) and
// its directory (mode 0700) if necessary. A file written by the Python package is adopted: its rows
// can be read at once, and the first sync reads everything. A nil client opens the mirror
// for reading: an emptied file is an error then, not a new mirror. A file that is up to date is opened without a lock and
// without writing, so that whoever may only read it can read it and compare it with the server. The caller must close the mirror.
// It requires a program built with cgo.
//
// Errors, in an *[imednet.Error]: [ErrForeignFile], [ErrNewerSchema], an invalid option, or an
// error of the file system.
func NewCachedRecordsLoader(ctx context.Context, client Client, path string, opts ...Option) (*CachedRecordsLoader, error) {
	const function = "cache.NewCachedRecordsLoader"
	cfg, err := configure(function, client, opts)
	if err == nil {
		err = argument.File(function, "path", path)
	}
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return nil, wrap("open", "", err)
	}
	db, err := open(ctx, path, cfg, client == nil)
	if err != nil {
		return nil, wrap("open", "", err)
	}
	var encoding string
	if err := db.Reader().QueryRowContext(ctx, `PRAGMA encoding`).Scan(&encoding); err != nil {
		return nil, wrap("open", "", errors.Join(err, db.Close()))
	}
	return &CachedRecordsLoader{client: client, db: file{db: db, batchRows: cfg.batchRows, utf8: encoding == "UTF-8"}, cfg: cfg}, nil
}

// open opens the file while no other process opens it: changing a new file to WAL is the one step
// that SQLite does not wait for.
//
// A file whose schema is up to date needs no lock to be opened, nor the right to write: whoever writes finds out when it
// writes. What is no regular file is refused, and nothing is made beside it.
func open(ctx context.Context, path string, cfg config, reading bool) (_ *sqlite.DB, err error) {
	settings := fileSettings(path)
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return sqlite.Open(ctx, settings)
	}
	if db, err := sqlite.OpenCurrent(ctx, settings); db != nil || err != nil {
		return db, err
	}
	lock, err := orRunning(filelock.Acquire(ctx, path+".open.lock", filelock.Exclusive, openTimeout, cfg.clock))
	if err != nil {
		return nil, fmt.Errorf("the file is not up to date, and cannot be locked to bring it up to date: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	settings.Whole = reading // nobody is making it: that is done under the lock
	return sqlite.Open(ctx, settings)
}

func fileSettings(path string) sqlite.Config {
	return sqlite.Config{
		Path:           path,
		ApplicationID:  applicationID,
		Foreign:        pythonTable,
		Migrations:     migrations,
		Synchronous:    "NORMAL",
		PageSize:       16 << 10,
		CacheKiB:       8 << 10,
		ReaderCacheKiB: 4 << 10,
		WALPages:       4000,
		SecureDelete:   true,
	}
}

// openTimeout is how long opening waits for others that open the same file.
const openTimeout = 30 * time.Second

// file is a mirror's SQLite file.
type file struct {
	db        *sqlite.DB
	batchRows int  // of a full batch
	utf8      bool // its texts are, as in all files that we make
}

func (f file) Read(ctx context.Context, fn func(*sql.Tx) error) error { return f.db.Read(ctx, fn) }

// group reads rows from the driver, so that a payload is copied once.
func (f file) group(ctx context.Context, memory []stored, most int, query func(context.Context, *sql.Tx) (string, []any, error)) ([]stored, bool, error) {
	g, full := gathering{group: memory, most: most}, false
	err := f.db.Each(ctx, func(tx *sql.Tx) (string, []any, error) { return query(ctx, tx) }, func(values []driver.Value) (bool, error) {
		s, err := storedOf(values)
		full = err == nil && !g.add(s)
		return !full, err
	})
	return g.group, !full, err
}

// storedOf reads a row that is an id, a subject and a payload.
func storedOf(values []driver.Value) (s stored, err error) {
	s.subject = values[1]
	if id, ok := values[0].(int64); ok {
		s.id = id
	} else {
		return s, fmt.Errorf("the id of a record is a %T", values[0])
	}
	switch payload := values[2].(type) {
	case nil:
	case []byte:
		s.payload = payload
	case string:
		s.payload = []byte(payload)
	default:
		return s, fmt.Errorf("a payload is a %T", payload)
	}
	return s, nil
}

// mostOfGroup is large, since SQLite finds a row when it is asked for it: asking itself takes as long as reading a hundred.
func (file) mostOfGroup() int { return 4 * groupRows }

// bytes spares the copy of a text; the text of a file in UTF-16 is not cast, since its bytes are others.
func (f file) bytes(payload string) string {
	if !f.utf8 {
		return payload
	}
	return `CAST(` + payload + ` AS BLOB)`
}

func (f file) look(_ context.Context, fn func(querier) error) error { return fn(f.db.Reader()) }

func (f file) Write(ctx context.Context, _ string, fn func(*sql.Tx) error) error {
	return f.db.Write(ctx, fn)
}

// hold locks the study. Runs of other studies share the file's lock, which the Python package's worker
// takes for itself alone; each holds its own study's lock alone.
func (f file) hold(ctx context.Context, studyKey string, cfg config) (release func() error, err error) {
	return f.holdBy(ctx, studyKey, cfg, filelock.Acquire)
}

func (f file) holdToRead(ctx context.Context, studyKey string, cfg config) (release func() error, err error) {
	return f.holdBy(ctx, studyKey, cfg, filelock.AcquireExisting)
}

func (f file) holdBy(ctx context.Context, studyKey string, cfg config, acquire acquirer) (release func() error, err error) {
	whole, err := orRunning(acquire(ctx, f.path()+".lock", filelock.Shared, cfg.lockTimeout, cfg.clock))
	if err != nil {
		return nil, err
	}
	study, err := orRunning(acquire(ctx, studyLockPath(f.path(), studyKey), filelock.Exclusive, cfg.lockTimeout, cfg.clock))
	if err != nil {
		return nil, errors.Join(err, whole.Release())
	}
	return func() error { return errors.Join(study.Release(), whole.Release()) }, nil
}

// readNotes reads the study's lock file, which each run holds: a quiet run must not write to the database.
func (f file) readNotes(_ context.Context, studyKey string) (string, error) {
	text, err := os.ReadFile(studyLockPath(f.path(), studyKey))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return string(text), err
}

func (f file) writeNotes(_ context.Context, studyKey, text string) error {
	return os.WriteFile(studyLockPath(f.path(), studyKey), []byte(text), 0o600)
}

func (f file) stillThere() error { return f.db.StillThere() }

func (f file) damage(ctx context.Context) (found []string, err error) {
	rows, err := f.db.Reader().QueryContext(ctx, `PRAGMA integrity_check`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if text != "ok" {
			found = append(found, text)
		}
	}
	return found, rows.Err()
}

func (f file) flush() error {
	// The commits that are not durable yet are those in the log. It is opened beside SQLite
	// without harm: SQLite holds no lock on the log itself, which closing it would drop.
	log, err := os.OpenFile(f.path()+"-wal", os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // everything is in the database, which a checkpoint syncs
	}
	if err != nil {
		return err
	}
	if err := errors.Join(log.Sync(), log.Close()); err != nil {
		return err
	}
	return fsync.Dir(filepath.Dir(f.path()))
}

// erase writes the log back and cuts it off, so that what was removed is not left in it. It waits
// for readers that need the log as long as runs wait for one another (WithLockTimeout).
func (f file) erase(ctx context.Context, studyKey string, cfg config) error {
	start := cfg.clock.Now()
	for {
		done, err := f.db.TruncateLog(context.WithoutCancel(ctx))
		if done || err != nil {
			return err
		}
		readers := strings.Join(sqlite.Readers(f.path()), ", ")
		if readers == "" {
			readers = "another program"
		}
		waited := cfg.clock.Now().Sub(start)
		if waited >= cfg.lockTimeout {
			return fmt.Errorf("%w: %s", ErrStillReadable, readers)
		}
		cfg.progress(imednet.Progress{Op: "purge: waiting for " + readers, StudyKey: studyKey,
			Done: int64(waited / time.Second), Total: int64(cfg.lockTimeout / time.Second)})
		if err := cfg.clock.Sleep(ctx, logPause); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrStillReadable, readers, err)
		}
	}
}

// logPause is the time between two attempts to cut off the log.
const logPause = 250 * time.Millisecond

func (f file) backup(ctx context.Context, path string) error { return f.db.Backup(ctx, path) }
func (f file) path() string                                  { return f.db.Path() }
func (f file) close() error                                  { return f.db.Close() }

// silently silences our triggers by a row that nobody else ever sees.
func (file) silently(ctx context.Context, tx *sql.Tx, fn func() error) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO imednet_writer (active) VALUES (1)`); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM imednet_writer`)
	return err
}

// purgeAlone has nothing to do: a file has one writer.
func (file) purgeAlone(context.Context, *sql.Tx) error { return nil }

// purgeTables are what a proof of purges rests on.
var purgeTables = []string{"imednet_purge", "imednet_purge_before", "imednet_purged", "imednet_study"}

func (file) checkPurgeTables(ctx context.Context, tx *sql.Tx, found *audit.Findings) error {
	for _, table := range purgeTables {
		if err := found.CheckTable(ctx, tx, table); err != nil {
			return err
		}
	}
	return purgeGuards.CheckAmong(ctx, tx, found)
}

func (f file) put(ctx context.Context, tx *sql.Tx, to table, rows int, appendValues func([]any, int) []any) error {
	return f.write(ctx, tx, to, to.upsert, rows, appendValues)
}

// add writes records while the trigger is away that would ask for each of them whether another program writes it. Others
// see the file only as it is before and after the transaction, with the trigger.
func (f file) add(ctx context.Context, tx *sql.Tx, to table, rows int, appendValues func([]any, int) []any) error {
	if to.name != pythonTable || rows < f.batchRows/4 { // a change of the schema costs all who have the file open something
		return f.write(ctx, tx, to, to.insert, rows, appendValues)
	}
	if _, err := tx.ExecContext(ctx, `DROP TRIGGER IF EXISTS imednet_foreign_insert`); err != nil {
		return err
	}
	if err := f.write(ctx, tx, to, to.insert, rows, appendValues); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, foreignInsert)
	return err
}

func (f file) write(ctx context.Context, tx *sql.Tx, to table, statement func(source string) string, rows int, appendValues func([]any, int) []any) error {
	if !f.utf8 {
		appendValues = inUTF16(to, appendValues)
	}
	return f.db.WriteRows(ctx, tx, sqlite.Statement{
		Columns: len(to.columns),
		Text:    func(rows int) string { return statement(f.placeholders(to, rows)) },
	}, rows, appendValues)
}

// inUTF16 has payloads become texts of a file in UTF-16, which cannot take the bytes themselves for texts. Bytes that are no
// text at all stay bytes.
func inUTF16(to table, appendValues func([]any, int) []any) func([]any, int) []any {
	return func(into []any, row int) []any {
		first := len(into)
		into = appendValues(into, row)
		for i, v := range into[first:] {
			if b, ok := v.([]byte); ok && to.columns[i].kind == "bytea" && utf8.Valid(b) {
				into[first+i] = string(b)
			}
		}
		return into
	}
}

// placeholders are those of rows. Payloads come as bytes and are stored as text, byte for byte.
func (f file) placeholders(to table, rows int) string {
	marks := make([]string, len(to.columns))
	for i, c := range to.columns {
		if marks[i] = "?"; c.kind == "bytea" && f.utf8 {
			marks[i] = "CAST(? AS TEXT)"
		}
	}
	one := "(" + strings.Join(marks, ",") + ")"
	return " VALUES " + one + strings.Repeat(","+one, rows-1)
}

func (file) rowID(id any) any             { return id }
func (file) readRowID(stored any) any     { return stored }
func (file) key(text string) string       { return text }
func (file) readKey(stored string) string { return stored }

func (file) unguarded(ctx context.Context, tx *sql.Tx, fn func() error) error {
	if _, err := tx.ExecContext(ctx, `DROP TRIGGER imednet_purge_before_insert`); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, purgeGuards.SQL(audit.SQLite))
	return err
}

// numberOn has nothing to do: a new row's number is one more than the greatest.
func (file) numberOn(context.Context, *sql.Tx) error { return nil }
