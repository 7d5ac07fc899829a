package cache

import (
	"context"
	"database/sql"
	"strings"

	"github.com/imednetgo/imednet/internal/audit"
)

// storage is where a mirror is kept: a file of its own, or the tables of a [Database].
type storage interface {
	// Read runs fn over one unchanging state. fn may run again.
	Read(ctx context.Context, fn func(*sql.Tx) error) error
	// group reads the next rows of what query asks for, as over one unchanging state, and reports whether they are the last. query
	// may run again. The rows stand in memory, which is empty, as far as it suffices.
	group(ctx context.Context, memory []stored, most int, query func(context.Context, *sql.Tx) (string, []any, error)) (rows []stored, done bool, err error)
	// look runs fn, which asks for one thing only. fn may run again.
	look(ctx context.Context, fn func(querier) error) error
	// Write runs fn in one transaction, with no other writer to the study beside it, and commits what it did
	// unless it fails. fn may run again.
	Write(ctx context.Context, studyKey string, fn func(*sql.Tx) error) error
	// hold keeps other runs from the study, in all processes, until it is released. It waits as long as runs
	// wait for one another, and then fails with ErrSyncRunning.
	hold(ctx context.Context, studyKey string, cfg config) (release func() error, err error)
	// holdToRead is hold for who writes nothing, not even a lock file. Where no run has left one, or this user may not
	// read it, runs are not kept away.
	holdToRead(ctx context.Context, studyKey string, cfg config) (release func() error, err error)

	// readNotes returns the text that runs of a study leave to the next one; "" when there is none.
	readNotes(ctx context.Context, studyKey string) (string, error)
	// writeNotes replaces it. The caller holds the study.
	writeNotes(ctx context.Context, studyKey, text string) error

	// deferSearch prepares for the first pass of a study with so many records: what only searches need may be left
	// to makeSearchable, which comes before the study is whole, also after a pass that was cut short.
	deferSearch(ctx context.Context, studyKey string, records int64) error
	makeSearchable(ctx context.Context) error

	// stillThere fails when the file is no longer the one that was opened.
	stillThere() error
	// damage lists what is wrong with the file itself.
	damage(ctx context.Context) ([]string, error)
	// flush makes every commit durable.
	flush() error
	// erase makes sure that what was removed can no longer be read.
	erase(ctx context.Context, studyKey string, cfg config) error
	backup(ctx context.Context, path string) error
	path() string
	close() error

	dialect
}

// dialect is what differs in the SQL and in the values of the databases.
type dialect interface {
	// bytes is an expression of a payload as group reads it with the least cost.
	bytes(payload string) string
	// mostOfGroup is how many records are read at once at most.
	mostOfGroup() int
	// silently runs fn while nothing notes what is written to record_cache.
	silently(ctx context.Context, tx *sql.Tx, fn func() error) error
	// purgeAlone keeps other purges away to the end of the transaction: their tombstones form one chain.
	purgeAlone(ctx context.Context, tx *sql.Tx) error
	// checkPurgeTables notes what is wrong with the tables of purges themselves, and with their triggers.
	checkPurgeTables(ctx context.Context, tx *sql.Tx, found *audit.Findings) error
	// put writes rows to a table in place of those with the same key. appendValues appends those of row i, one
	// for each column.
	put(ctx context.Context, tx *sql.Tx, to table, rows int, appendValues func(into []any, i int) []any) error
	// add is put for rows of whose keys none is there.
	add(ctx context.Context, tx *sql.Tx, to table, rows int, appendValues func(into []any, i int) []any) error
	// rowID returns the id of a row as the column row_id has it; readRowID returns it to what it was.
	rowID(id any) any
	readRowID(stored any) any
	// key returns a text as columns with search keys have it, in which texts compare byte by byte; readKey returns
	// it to what it was.
	key(text string) string
	readKey(stored string) string
	// unguarded runs fn, which copies what was purged before there were tombstones, without the trigger that refuses
	// it.
	unguarded(ctx context.Context, tx *sql.Tx, fn func() error) error
	// numberOn has new rows numbered after those that were copied.
	numberOn(ctx context.Context, tx *sql.Tx) error
}

// table names a table, and the columns of it that batches write, of which the first ones are its key.
type table struct {
	name    string
	columns []column
	key     int // how many columns
}

// column is a column with its type in PostgreSQL, where "blob" is bytea as well: bytes that are no text in SQLite
// either.
type column struct{ name, kind string }

// sqlKind is the column's type in PostgreSQL.
func (c column) sqlKind() string {
	if c.kind == "blob" {
		return "bytea"
	}
	return c.kind
}

// The tables that batches write.
var (
	cachedTable = table{"record_cache", []column{{"study_key", "text"}, {"record_id", "bigint"}, {"form_key", "text"}, {"date_modified", "text"}, {"payload", "bytea"}}, 2}
	recordTable = table{"imednet_record", []column{{"study", "bigint"}, {"record_id", "bigint"}, {"state", "bigint"}, {"doubtful", "bigint"}, {"version", "bigint"},
		{"form_id", "numeric"}, {"form_key", "text"}, {"site_id", "numeric"}, {"interval_id", "numeric"}, {"visit_id", "numeric"}, {"subject_id", "numeric"},
		{"subject_key", "text"}, {"modified", "bigint"}}, 2}
	tombstoneTable = table{"imednet_tombstone", []column{{"study", "bigint"}, {"record_id", "bigint"}, {"reason", "text"}, {"listed", "bigint"}, {"payload", "bytea"}}, 2}
	pendingTable   = table{"imednet_pending", []column{{"study", "bigint"}, {"record_id", "bigint"}, {"deleted", "bigint"}}, 2}
	rowTable       = table{"imednet_row", []column{{"resource", "bigint"}, {"row_id", "text"}, {"state", "bigint"}, {"version", "bigint"}, {"record_id", "numeric"}, {"payload", "bytea"}}, 2}
)

// upsert is the statement that writes the rows of a source, VALUES or a query, in place of those with the
// same key.
func (t table) upsert(source string) string {
	var keys, changes []string
	for i, c := range t.columns {
		if i < t.key {
			keys = append(keys, c.name)
			continue
		}
		changes = append(changes, c.name+" = excluded."+c.name)
	}
	return "INSERT INTO " + t.target() + source + " ON CONFLICT (" + strings.Join(keys, ", ") + ") DO UPDATE SET " + strings.Join(changes, ", ")
}

// insert is the statement of SQLite that writes the rows of a source of whose keys none is there, and otherwise fails. After a
// failure the transaction must be rolled back: SQLite then keeps no copies of pages for undoing this statement alone, which
// cost a third of a first pass's writing.
func (t table) insert(source string) string { return "INSERT OR FAIL INTO " + t.target() + source }

// target is the table with its columns.
func (t table) target() string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return t.name + " (" + strings.Join(names, ", ") + ")"
}

// addRows is putRows for rows of whose keys none is there.
func addRows[T any](ctx context.Context, db dialect, tx *sql.Tx, to table, rows []T, appendValues func([]any, T) []any) error {
	return db.add(ctx, tx, to, len(rows), func(into []any, i int) []any { return appendValues(into, rows[i]) })
}

// putRows writes rows to a table in place of those with the same key.
func putRows[T any](ctx context.Context, db dialect, tx *sql.Tx, to table, rows []T, appendValues func([]any, T) []any) error {
	return db.put(ctx, tx, to, len(rows), func(into []any, i int) []any { return appendValues(into, rows[i]) })
}
