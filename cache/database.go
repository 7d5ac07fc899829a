package cache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
	"github.com/imednetgo/imednet/internal/filelock"
)

// Database has the tables of a mirror in place of a file. Package postgres implements it.
type Database interface {
	// Migrate runs the statements of the migrations that the database has not seen, each once and in
	// order. Those that it has seen never change.
	Migrate(ctx context.Context, migrations []string) error
	// Read runs fn over one unchanging state. fn may run again.
	Read(ctx context.Context, fn func(*sql.Tx) error) error
	// WriteStudy runs fn in one transaction, with no other writer to the same study beside it, and commits
	// what it did unless it fails. fn may run again. Once WriteStudy has returned nil, the new state survives
	// a power failure. Writers of different studies need not wait for each other. In the transaction the
	// server's setting imednet.writer is 'mirror', which tells triggers that no stranger writes. A statement
	// whose context [CanWait] may be sent with the next one, at the latest with the commit.
	WriteStudy(ctx context.Context, studyKey string, fn func(*sql.Tx) error) error
	// TryLockRun acquires the lock of a study's runs unless it is held in this or another process, and never
	// waits. The lock ends with unlock or with the process. It can be lost with a connection, or pass to whoever
	// took over the right to write to the study: what a mirror writes is compared with what it read all the same.
	TryLockRun(ctx context.Context, studyKey string) (unlock func() error, ok bool, err error)
}

// NewDatabaseLoader opens the mirror in a database, whose tables it makes if they are missing. A nil client
// opens it read-only. The guarantees of a run and of an iteration are those of a mirror in a file; each
// transaction is durable once it is committed. Closing the mirror leaves the database open.
//
// Errors, in an *[imednet.Error]: an invalid option, or an error of the database.
func NewDatabaseLoader(ctx context.Context, client Client, db Database, opts ...Option) (*CachedRecordsLoader, error) {
	const function = "cache.NewDatabaseLoader"
	cfg, err := configure(function, client, opts)
	if err == nil {
		err = argument.Required(function, "db", db)
	}
	if err == nil {
		err = db.Migrate(ctx, postgresMigrations)
	}
	if err != nil {
		return nil, wrap("open", "", err)
	}
	return &CachedRecordsLoader{client: client, db: database{db}, cfg: cfg}, nil
}

// database is a mirror in the tables of a database server.
type database struct{ Database }

func (d database) look(ctx context.Context, fn func(querier) error) error {
	return d.Read(ctx, func(tx *sql.Tx) error { return fn(tx) })
}

func (d database) Write(ctx context.Context, studyKey string, fn func(*sql.Tx) error) error {
	return d.WriteStudy(ctx, studyKey, fn)
}

func (d database) hold(ctx context.Context, studyKey string, cfg config) (release func() error, err error) {
	err = filelock.Poll(ctx, cfg.lockTimeout, cfg.clock, func() (held bool, err error) {
		release, held, err = d.TryLockRun(ctx, studyKey)
		return held, err
	})
	if errors.Is(err, filelock.ErrTimeout) {
		err = fmt.Errorf("%w: %w", ErrSyncRunning, err)
	}
	return release, err
}

func (d database) holdToRead(ctx context.Context, studyKey string, cfg config) (release func() error, err error) {
	return d.hold(ctx, studyKey, cfg)
}

func (d database) readNotes(ctx context.Context, studyKey string) (text string, err error) {
	err = d.look(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT notes FROM imednet_notes WHERE study_key = ?`, studyKey).Scan(&text)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return text, err
}

func (d database) writeNotes(ctx context.Context, studyKey, text string) error {
	return d.WriteStudy(ctx, studyKey, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO imednet_notes (study_key, notes) VALUES (?, ?) ON CONFLICT (study_key) DO UPDATE SET notes = excluded.notes`, studyKey, text)
		return err
	})
}

func (database) deferSearch(context.Context, string, int64) error { return nil }
func (database) makeSearchable(context.Context) error             { return nil }

func (database) stillThere() error                           { return nil }
func (database) damage(context.Context) ([]string, error)    { return nil, nil }
func (database) flush() error                                { return nil }
func (database) erase(context.Context, string, config) error { return nil }
func (database) backup(context.Context, string) error        { return ErrNoFile }
func (database) path() string                                { return "" }
func (database) close() error                                { return nil }

// silently has nothing to do: see WriteStudy of a Database.
func (database) silently(_ context.Context, _ *sql.Tx, fn func() error) error { return fn() }

func (database) purgeAlone(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended(current_schema || '.imednet_purge', 0))`)
	return err
}

func (database) checkPurgeTables(ctx context.Context, tx *sql.Tx, found *audit.Findings) error {
	return purgeGuards.Check(ctx, tx, audit.PostgreSQL, found)
}

// group reads rows by package sql.
func (d database) group(ctx context.Context, memory []stored, most int, query func(context.Context, *sql.Tx) (string, []any, error)) (group []stored, done bool, err error) {
	err = d.Read(ctx, func(tx *sql.Tx) error {
		group, done = nil, false
		text, args, err := query(ctx, tx)
		if err == nil {
			group, done, err = readGroup(ctx, tx, memory, most, text, args)
		}
		return err
	})
	return group, done, err
}

func readGroup(ctx context.Context, q querier, memory []stored, most int, query string, args []any) ([]stored, bool, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for g := (gathering{group: memory, most: most}); ; {
		if !rows.Next() {
			return g.group, true, rows.Err()
		}
		var s stored
		if err := rows.Scan(&s.id, &s.subject, &s.payload); err != nil {
			return nil, false, err
		}
		if !g.add(s) {
			return g.group, false, nil
		}
	}
}

// mostOfGroup is not large, since a server sends rows that are behind the last one of a group too.
func (database) mostOfGroup() int { return groupRows }

// bytes is the payload: it is bytes.
func (database) bytes(payload string) string { return payload }

// put sends the rows as one array for each column.
func (database) put(ctx context.Context, tx *sql.Tx, to table, rows int, appendValues func([]any, int) []any) error {
	return sendRows(ctx, tx, to, to.upsert, rows, appendValues)
}

// sendRows sends rows as one array for each column, from which a statement writes them.
func sendRows(ctx context.Context, tx *sql.Tx, to table, statement func(source string) string, rows int, appendValues func([]any, int) []any) error {
	if rows == 0 {
		return nil
	}
	columns := newArrays(to, rows)
	values := make([]any, 0, len(to.columns))
	for i := range rows {
		values = appendValues(values[:0], i)
		for j, v := range values {
			if err := columns[j].add(v); err != nil {
				return err
			}
		}
	}
	var lists []string
	var args []any
	for i, c := range to.columns {
		lists = append(lists, columns[i].placeholder()+"::"+c.sqlKind()+"[]")
		args = append(args, columns[i].arg())
	}
	_, err := tx.ExecContext(ctx, statement(" SELECT * FROM unnest("+strings.Join(lists, ", ")+")"), args...)
	return err
}

// CopiedRows are rows that a [Database] copies to a table in bulk, where they stand as the one argument of a
// statement COPY. Where rows cannot be copied, as where row-level security applies to the user, the statement fails
// with [ErrNotCopied], and has done nothing.
type CopiedRows struct {
	Table   string
	Columns []string
	Kinds   []string // of the columns: bigint, numeric, text or bytea
	Rows    int
	// Values appends the values of a row, from 0, one for each column: int, int64, float64, bool for 0 and 1,
	// string, []byte or nil.
	Values func(into []any, row int) []any
}

// ErrNotCopied means that rows must be inserted, since they cannot be copied.
var ErrNotCopied = errors.New("rows cannot be copied")

// add copies the rows, or inserts them where they cannot be copied. It replaces none, to which a writer has no right in tables
// of former states.
func (d database) add(ctx context.Context, tx *sql.Tx, to table, rows int, appendValues func([]any, int) []any) error {
	if rows == 0 {
		return nil
	}
	copied := CopiedRows{Table: to.name, Rows: rows, Values: appendValues}
	for _, c := range to.columns {
		copied.Columns, copied.Kinds = append(copied.Columns, c.name), append(copied.Kinds, c.sqlKind())
	}
	_, err := tx.ExecContext(ctx, "COPY", &copied)
	if errors.Is(err, ErrNotCopied) {
		return sendRows(ctx, tx, to, func(source string) string { return "INSERT INTO " + to.target() + source }, rows, appendValues)
	}
	return err
}

// waitKey marks the context of a statement that can wait.
type waitKey struct{}

// canWait is the context of a statement whose outcome matters at the commit only.
func canWait(ctx context.Context) context.Context { return context.WithValue(ctx, waitKey{}, true) }

// CanWait reports whether nothing depends on a statement's outcome before the next one of its transaction, so that
// a [Database] may send both together.
func CanWait(ctx context.Context) bool { return ctx.Value(waitKey{}) != nil }

// array is the values of one column: bytes, or anything else as text.
type array struct {
	bytes [][]byte
	texts []*string
}

func newArrays(to table, rows int) []array {
	all := make([]array, len(to.columns))
	for i, c := range to.columns {
		if c.sqlKind() == "bytea" {
			all[i].bytes = make([][]byte, 0, rows)
			continue
		}
		all[i].texts = make([]*string, 0, rows)
	}
	return all
}

func (a *array) placeholder() string {
	if a.bytes != nil {
		return "?"
	}
	return "?::text[]"
}

func (a *array) arg() any {
	if a.bytes != nil {
		return a.bytes
	}
	return a.texts
}

func (a *array) add(v any) error {
	if a.bytes != nil {
		switch v := v.(type) {
		case nil:
			a.bytes = append(a.bytes, nil)
		case string:
			a.bytes = append(a.bytes, []byte(v))
		case []byte:
			a.bytes = append(a.bytes, v)
		default:
			return fmt.Errorf("a payload is a %T", v)
		}
		return nil
	}
	var text string
	switch v := v.(type) {
	case nil:
		a.texts = append(a.texts, nil)
		return nil
	case string:
		text = v
	case int64:
		text = strconv.FormatInt(v, 10)
	case int:
		text = strconv.Itoa(v)
	case float64:
		text = strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		text = strconv.Itoa(map[bool]int{true: 1}[v])
	default:
		return fmt.Errorf("a column's value is a %T", v)
	}
	a.texts = append(a.texts, &text)
	return nil
}

// Ids of rows are numbers or texts, which the column has as texts that sort as SQLite sorts both: a number as
// its count of digits in base 36, a colon and the digits, so that numbers sort by their value; a negative one,
// which no server gives, as its distance from the least; a text behind "t:", after all numbers.
const (
	negativeID = "-:"
	textID     = "t:"
)

func (d database) rowID(id any) any {
	n, ok := id.(int64)
	switch {
	case !ok:
		return textID + d.key(fmt.Sprint(id))
	case n < 0:
		return fmt.Sprintf("%s%019d", negativeID, n-math.MinInt64)
	}
	digits := strconv.FormatInt(n, 10)
	return strconv.FormatInt(int64(len(digits)), 36) + ":" + digits
}

func (database) readRowID(stored any) any {
	text, _ := stored.(string)
	kind, rest, _ := strings.Cut(text, ":")
	if kind+":" == textID {
		return unescape.Replace(rest)
	}
	n, err := strconv.ParseInt(rest, 10, 64)
	switch {
	case err != nil:
		return stored // another program wrote it
	case kind+":" == negativeID:
		return n + math.MinInt64
	}
	return n
}

// Texts of the server may hold a NUL, which PostgreSQL cannot store. Where one stands, and where the character
// that stands for it does, two others do, so that texts stay different and sort as before.
var (
	escape   = strings.NewReplacer("\x00", "\x01\x01", "\x01", "\x01\x02")
	unescape = strings.NewReplacer("\x01\x01", "\x00", "\x01\x02", "\x01")
)

func (database) key(text string) string {
	return escape.Replace(strings.ToValidUTF8(text, "\ufffd"))
}

func (database) readKey(stored string) string { return unescape.Replace(stored) }

// unguarded needs the owner of the tables.
func (database) unguarded(ctx context.Context, tx *sql.Tx, fn func() error) error {
	if _, err := tx.ExecContext(ctx, `ALTER TABLE imednet_purge_before DISABLE TRIGGER imednet_purge_before_insert`); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `ALTER TABLE imednet_purge_before ENABLE TRIGGER imednet_purge_before_insert`)
	return err
}

func (database) numberOn(ctx context.Context, tx *sql.Tx) error {
	for _, name := range []string{"imednet_study", "imednet_run", "imednet_resource"} {
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%[1]s', 'id'), greatest(1, (SELECT coalesce(max(id), 1) FROM %[1]s)))`, name))
		if err != nil {
			return err
		}
	}
	return nil
}
