//go:build cgo

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"
	"github.com/stretchr/testify/require"
)

func openTable(t *testing.T) *DB {
	cfg := config(t)
	cfg.Migrations = []string{`CREATE TABLE t (id INTEGER PRIMARY KEY, x, y NOT NULL)`}
	db, err := Open(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

var insertRows = Statement{Columns: 3, Text: func(rows int) string {
	return `INSERT OR FAIL INTO t VALUES (?,?,?)` + strings.Repeat(`,(?,?,?)`, rows-1)
}}

// all reads the table as text, which shows the types of its values too.
func all(t *testing.T, db *DB) (rows []string) {
	list, err := db.Reader().Query(`SELECT id || ' ' || typeof(x) || ' ' || coalesce(quote(x), '') || ' ' || y FROM t ORDER BY id`)
	require.NoError(t, err)
	defer list.Close()
	for list.Next() {
		var row string
		require.NoError(t, list.Scan(&row))
		rows = append(rows, row)
	}
	require.NoError(t, list.Err())
	return rows
}

func TestRowsAreWrittenAsTheyAre(t *testing.T) {
	db := openTable(t)
	type named int16
	values := []any{int64(-5), 7, 1.5, true, false, "text", "", []byte("bytes"), []byte{}, nil, "a\x00b", "\xff", []byte(nil), named(3)}
	require.NoError(t, db.Write(t.Context(), func(tx *sql.Tx) error {
		return db.WriteRows(t.Context(), tx, insertRows, len(values), func(into []any, row int) []any { return append(into, row, values[row], "y") })
	}))
	require.Equal(t, []string{
		`0 integer -5 y`, `1 integer 7 y`, `2 real 1.5 y`, `3 integer 1 y`, `4 integer 0 y`, `5 text 'text' y`, `6 text '' y`, `7 blob X'6279746573' y`,
		`8 blob X'' y`, `9 null NULL y`, `10 text 'a' y`, "11 text '\xff' y", `12 null NULL y`, `13 integer 3 y`,
	}, all(t, db))
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		return db.WriteRows(t.Context(), tx, insertRows, 1, func(into []any, row int) []any { return append(into, 99, struct{}{}, "y") })
	})
	require.ErrorContains(t, err, "value 1: unsupported type struct {}")
	require.Len(t, all(t, db), len(values))
}

// Statements of any number of rows write each row once.
func TestEveryRowIsWrittenOnce(t *testing.T) {
	for _, rows := range []int{0, 1, rowsPerStatement - 1, rowsPerStatement, rowsPerStatement + 1, 2*rowsPerStatement + 17} {
		db := openTable(t)
		require.NoError(t, db.Write(t.Context(), func(tx *sql.Tx) error {
			return db.WriteRows(t.Context(), tx, insertRows, rows, func(into []any, row int) []any { return append(into, row, row*row, row) })
		}))
		found := all(t, db)
		require.Len(t, found, rows)
		for i, row := range found {
			require.Equal(t, fmt.Sprintf("%d integer %d %[1]d", i, i*i), row)
		}
	}
}

// A statement that fails leaves nothing behind, and the file usable.
func TestRowsThatCannotBeWritten(t *testing.T) {
	db := openTable(t)
	write := func(rows int, value func(row int) any) error {
		return db.Write(t.Context(), func(tx *sql.Tx) error {
			if _, err := tx.Exec(`INSERT INTO t VALUES (-1, NULL, 'before')`); err != nil {
				return err
			}
			return db.WriteRows(t.Context(), tx, insertRows, rows, func(into []any, row int) []any { return append(into, row, nil, value(row)) })
		})
	}
	twice := func(int) any { return "y" }
	require.NoError(t, write(10, twice))
	before := all(t, db)
	require.Len(t, before, 11)
	var of sqlite3.Error
	require.ErrorAs(t, write(500, twice), &of)
	require.Equal(t, sqlite3.ErrConstraint, of.Code)
	require.Equal(t, before, all(t, db))

	_, err := db.Writer().Exec(`DELETE FROM t`)
	require.NoError(t, err)
	err = write(500, func(row int) any {
		if row == 450 {
			return nil
		}
		return "y"
	})
	require.ErrorContains(t, err, "NOT NULL")
	require.Empty(t, all(t, db))

	var pages int
	require.NoError(t, db.Writer().QueryRow(`PRAGMA page_count`).Scan(&pages))
	_, err = db.Writer().Exec(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+20))
	require.NoError(t, err)
	large := func(int) any { return strings.Repeat("x", 5000) }
	err = write(500, large)
	require.ErrorAs(t, err, &of)
	require.Equal(t, sqlite3.ErrFull, of.Code)
	require.EqualError(t, err, "database or disk is full", "what SQLite rolled back itself is no second error")
	require.Empty(t, all(t, db))
	require.NoError(t, write(5, large), "the file can be written again")
	require.Len(t, all(t, db), 6)
}

func TestRowsAreWrittenInTheTransactionThatWrites(t *testing.T) {
	db := openTable(t)
	one := func(into []any, row int) []any { return append(into, row, nil, "y") }
	require.Error(t, db.WriteRows(t.Context(), nil, insertRows, 1, one))
	require.NoError(t, db.Write(t.Context(), func(tx *sql.Tx) error {
		require.NoError(t, db.Read(t.Context(), func(other *sql.Tx) error {
			require.ErrorContains(t, db.WriteRows(t.Context(), other, insertRows, 1, one), "transaction that writes")
			return nil
		}))
		return db.WriteRows(t.Context(), tx, insertRows, 1, one)
	}))
	require.Len(t, all(t, db), 1)
	stopped := errors.New("stopped")
	require.ErrorIs(t, db.Write(t.Context(), func(tx *sql.Tx) error {
		return errors.Join(db.WriteRows(t.Context(), tx, insertRows, 3, func(into []any, row int) []any { return append(into, row+10, nil, "y") }), stopped)
	}), stopped)
	require.Len(t, all(t, db), 1, "it is rolled back with the transaction")
}

func TestEachRowIsReadUntilEnough(t *testing.T) {
	db := openTable(t)
	_, err := db.Writer().Exec(`INSERT INTO t VALUES (1, 'a', 1), (2, x'00ff', 2.5), (3, NULL, 'z')`)
	require.NoError(t, err)
	read := func(most int, args ...any) (rows [][]driver.Value, err error) {
		err = db.Each(t.Context(), func(tx *sql.Tx) (string, []any, error) {
			var found int
			require.NoError(t, tx.QueryRow(`SELECT count(*) FROM t`).Scan(&found))
			require.Equal(t, 3, found)
			return `SELECT id, x, y FROM t WHERE id > ? ORDER BY id`, args, nil
		}, func(values []driver.Value) (bool, error) {
			rows = append(rows, append([]driver.Value{}, values...))
			return len(rows) < most, nil
		})
		return rows, err
	}
	rows, err := read(10, 0)
	require.NoError(t, err)
	require.Equal(t, [][]driver.Value{{int64(1), "a", int64(1)}, {int64(2), []byte{0, 0xff}, 2.5}, {int64(3), nil, "z"}}, rows)
	rows, err = read(1, int64(1))
	require.NoError(t, err)
	require.Len(t, rows, 1)
	_, err = read(1, struct{}{})
	require.Error(t, err)

	stopped := errors.New("stopped")
	require.ErrorIs(t, db.Each(t.Context(), func(*sql.Tx) (string, []any, error) { return "", nil, stopped }, nil), stopped)
	require.ErrorIs(t, db.Each(t.Context(), func(*sql.Tx) (string, []any, error) { return `SELECT 1`, nil, nil },
		func([]driver.Value) (bool, error) { return true, stopped }), stopped)
	require.ErrorContains(t, db.Each(t.Context(), func(*sql.Tx) (string, []any, error) { return `SELECT missing`, nil, nil }, nil), "no such column")
	ended, cancel := context.WithCancel(t.Context())
	err = db.Each(ended, func(*sql.Tx) (string, []any, error) {
		return `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n`, nil, nil
	}, func([]driver.Value) (bool, error) { cancel(); return true, nil })
	require.ErrorIs(t, err, context.Canceled)
	rows, err = read(10, 2)
	require.NoError(t, err)
	require.Len(t, rows, 1)
}
