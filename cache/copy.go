package cache

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/audit"
)

// ErrNotEmpty means that a mirror to which another was to be copied has other content.
var ErrNotEmpty = audit.ErrNotEmpty

// The other tables of a mirror, which only copies write in bulk.
var (
	studyTable = table{"imednet_study", columns("id bigint", "study_key text", "phase bigint", "version bigint", "top bigint", "mark bigint", "modified bigint",
		"as_of bigint", "revision bigint", "seen blob", "active bigint", "deleted bigint", "vanished bigint", "purged bigint"), 1}
	historyTable = table{"imednet_history", columns("study bigint", "record_id bigint", "version bigint", "state bigint", "replaced bigint", "form_id numeric", "form_key text",
		"site_id numeric", "interval_id numeric", "visit_id numeric", "subject_id numeric", "subject_key text", "modified bigint", "payload bytea", "doubtful bigint", "digest text"), 3}
	versionTable    = table{"imednet_version", columns("study bigint", "version bigint", "seen_at bigint"), 2}
	runTable        = table{"imednet_run", columns("id bigint", "study bigint", "kind text", "ended_at bigint", "version bigint", "report text"), 1}
	foreignTable    = table{"imednet_foreign", columns("study_key text", "record_id bigint", "times bigint", "payload bytea"), 2}
	purgedTable     = table{"imednet_purged", columns("study_key text", "version bigint"), 1}
	resourceTable   = table{"imednet_resource", columns("id bigint", "study bigint", "name text", "since bigint", "top bigint", "mark bigint", "listed bigint", "vanished bigint", "changed_at bigint", "refused_at bigint"), 1}
	rowHistoryTable = table{"imednet_row_history", columns("resource bigint", "row_id text", "version bigint", "state bigint", "replaced bigint", "record_id numeric", "payload bytea", "digest text"), 3}
	cutTable        = table{"imednet_cut", columns("study bigint", "name text", "version bigint", "made_at bigint", "manifest text"), 2}
	purgeTable      = table{"imednet_purge", columns("sequence bigint", "statement text", "hash text", "signature text"), 1}
	beforeTable     = table{"imednet_purge_before", columns("study_key text", "whole bigint", "version bigint"), 1}
)

func columns(all ...string) (out []column) {
	for _, one := range all {
		name, kind, _ := strings.Cut(one, " ")
		out = append(out, column{name, kind})
	}
	return out
}

// copiedTables are all tables with content.
var copiedTables = []table{studyTable, cachedTable, recordTable, tombstoneTable, historyTable, versionTable, pendingTable, runTable, foreignTable, purgedTable,
	resourceTable, rowTable, rowHistoryTable, cutTable, purgeTable, beforeTable}

// CopyFrom copies everything from another mirror, of a file or of a database, into this one, which must be empty, or have
// the same rows from a copy before ([ErrNotEmpty]): every study with its history, data cuts and tombstones of purges. It writes in one transaction,
// compares every row with the source's afterwards, and proves the tombstones before and after. Stop whatever
// writes to the source first. It returns the number of rows.
func (l *CachedRecordsLoader) CopyFrom(ctx context.Context, from *CachedRecordsLoader) (rows int64, err error) {
	const op = "copy"
	if err := argument.Required("cache.CachedRecordsLoader.CopyFrom", "from", from); err != nil {
		return 0, wrap(op, "", err)
	}
	if _, err := from.VerifyPurges(ctx, PurgeVerifyOptions{}); err != nil {
		return 0, wrap(op, "", err)
	}
	err = l.copyRows(ctx, from)
	if err == nil || errors.Is(err, ErrNotEmpty) {
		rows, err = l.compareWith(ctx, from, err)
	}
	if err == nil {
		err = l.copyNotes(ctx, from)
	}
	if err == nil {
		_, err = l.VerifyPurges(ctx, PurgeVerifyOptions{})
	}
	return rows, wrap(op, "", err)
}

// copyRows writes within the reading: what is read again after a lost connection is written again from the start.
func (l *CachedRecordsLoader) copyRows(ctx context.Context, from *CachedRecordsLoader) error {
	return from.db.Read(ctx, func(src *sql.Tx) error {
		return l.db.Write(ctx, everyStudy, func(dst *sql.Tx) error {
			return l.db.silently(ctx, dst, func() error { return copyTables(ctx, l.db, dst, from.db, src) })
		})
	})
}

// everyStudy stands for the key of a study in a write that keeps writers to all studies away.
const everyStudy = ""

func copyTables(ctx context.Context, to storage, dst *sql.Tx, from storage, src *sql.Tx) (err error) {
	for _, t := range copiedTables {
		var taken bool
		if err := dst.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+t.name+`)`).Scan(&taken); err != nil {
			return err
		}
		if taken {
			return ErrNotEmpty
		}
		copyAll := func() error { return t.copy(ctx, to, dst, from, src) }
		if t.name == beforeTable.name {
			err = to.unguarded(ctx, dst, copyAll)
		} else {
			err = copyAll()
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return to.numberOn(ctx, dst)
}

// copiedRows is the number of rows that are written at once.
const copiedRows = 500

func (t table) copy(ctx context.Context, to storage, dst *sql.Tx, from storage, src *sql.Tx) error {
	var batch [][]any
	flush := func() error {
		err := putRows(ctx, to, dst, t, batch, func(args []any, row []any) []any { return append(args, t.stored(to, row)...) })
		batch = batch[:0]
		return err
	}
	err := t.each(ctx, from, src, func(row []any) error {
		if batch = append(batch, row); len(batch) < copiedRows {
			return nil
		}
		return flush()
	})
	if err == nil && len(batch) > 0 {
		err = flush()
	}
	return err
}

// each calls fn for every row in the order of the key, with the values as they were before a database gave them
// its form.
func (t table) each(ctx context.Context, db storage, tx *sql.Tx, fn func([]any) error) error {
	rows, err := tx.QueryContext(ctx, t.list())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := t.scan(db, rows)
		if err == nil {
			err = fn(row)
		}
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t table) list() string { return t.query(`TRUE`) }

// query lists the rows of which a condition is true, in the order of the key.
func (t table) query(where string) string {
	var names []string
	for _, c := range t.columns {
		names = append(names, c.name)
	}
	return `SELECT ` + strings.Join(names, ", ") + ` FROM ` + t.name + ` WHERE ` + where + ` ORDER BY ` + strings.Join(names[:t.key], ", ")
}

func (t table) scan(db dialect, rows *sql.Rows) ([]any, error) {
	row, into := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range row {
		into[i] = &row[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	for i, c := range t.columns {
		value, err := c.read(db, row[i])
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
		row[i] = value
	}
	return row, nil
}

// isKey reports whether a column holds texts of the server in the form of search keys.
func (c column) isKey() bool {
	return c.name == "form_key" || c.name == "subject_key" || c.name == "date_modified"
}

// read returns a value as it was before a database gave it its form.
func (c column) read(db dialect, stored any) (any, error) {
	switch {
	case stored == nil:
		return nil, nil
	case c.name == "row_id":
		return db.readRowID(stored), nil
	case c.kind == "blob":
		return stored, nil
	}
	if b, ok := stored.([]byte); ok {
		stored = string(b)
	}
	text, isText := stored.(string)
	switch {
	case c.isKey() && isText:
		return db.readKey(text), nil
	case c.kind == "numeric" && isText:
		return readNumeric(text)
	}
	return stored, nil
}

func readNumeric(text string) (any, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	return strconv.ParseFloat(text, 64)
}

// stored returns values in the form of a database.
func (t table) stored(db dialect, row []any) []any {
	out := make([]any, len(row))
	for i, c := range t.columns {
		text, isText := row[i].(string)
		switch {
		case c.name == "row_id":
			out[i] = db.rowID(row[i])
		case c.isKey() && isText:
			out[i] = db.key(text)
		default:
			out[i] = row[i]
		}
	}
	return out
}

// compareWith demands that both mirrors have the same rows, and counts them; copied is why they were not copied now.
func (l *CachedRecordsLoader) compareWith(ctx context.Context, from *CachedRecordsLoader, copied error) (rows int64, err error) {
	err = l.db.Read(ctx, func(dst *sql.Tx) error {
		return from.db.Read(ctx, func(src *sql.Tx) error {
			rows = 0
			for _, t := range copiedTables {
				n, err := t.compare(ctx, l.db, dst, from.db, src)
				if err != nil {
					return fmt.Errorf("table %s: %w", t.name, err)
				}
				rows += n
			}
			return nil
		})
	})
	if err != nil {
		return 0, errors.Join(copied, err)
	}
	return rows, nil
}

func (t table) compare(ctx context.Context, to storage, dst *sql.Tx, from storage, src *sql.Tx) (n int64, err error) {
	copied, err := dst.QueryContext(ctx, t.list())
	if err != nil {
		return 0, err
	}
	defer copied.Close()
	err = t.each(ctx, from, src, func(row []any) error {
		n++
		if !copied.Next() {
			return cmp.Or(copied.Err(), fmt.Errorf("row %d was not copied", n))
		}
		other, err := t.scan(to, copied)
		if err == nil && !t.same(row, other) {
			err = fmt.Errorf("row %d was not copied as it is", n)
		}
		return err
	})
	if err == nil && copied.Next() {
		err = errors.New("there are more rows than were copied")
	}
	return n, errors.Join(err, copied.Err())
}

// same compares two rows. Of keys with bytes that are no UTF-8 a database keeps what filters see; the payload has
// the bytes.
func (t table) same(a, b []any) bool {
	for i, c := range t.columns {
		x, xBytes := a[i].([]byte)
		y, yBytes := b[i].([]byte)
		switch {
		case xBytes && yBytes:
			if !bytes.Equal(x, y) {
				return false
			}
		case xBytes != yBytes:
			return false
		case c.isKey() && keyArg(database{}, a[i]) == keyArg(database{}, b[i]):
		case a[i] != b[i]:
			return false
		}
	}
	return true
}

// copyNotes copies what runs leave to the next ones.
func (l *CachedRecordsLoader) copyNotes(ctx context.Context, from *CachedRecordsLoader) error {
	keys, err := from.StudyKeys(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		text, err := from.db.readNotes(ctx, key)
		if err == nil && text != "" {
			err = l.db.writeNotes(ctx, key, text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
