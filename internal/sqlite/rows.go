//go:build cgo

package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/mattn/go-sqlite3"
)

// Very many rows go to and from the driver itself, within a transaction of package sql: what that package does to each
// argument and value costs as much as what SQLite does with it. The driver's Query binds all arguments and takes the
// first step in one call of C, which writes all the rows of an INSERT.

// Each runs in one read transaction. query says what is to be read, and may read itself before; row has the values of one
// row after the other, which are its own if they are bytes, until it returns false.
func (db *DB) Each(ctx context.Context, query func(*sql.Tx) (string, []any, error), row func(values []driver.Value) (more bool, err error)) error {
	conn, err := db.r.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return db.unlessChanged(inTx(ctx, conn, &sql.TxOptions{ReadOnly: true}, func(tx *sql.Tx) error {
		text, args, err := query(tx)
		if err != nil {
			return err
		}
		return conn.Raw(func(c any) error { return each(ctx, c.(*sqlite3.SQLiteConn), text, args, row) })
	}))
}

func each(ctx context.Context, conn *sqlite3.SQLiteConn, query string, args []any, row func([]driver.Value) (bool, error)) (err error) {
	named, err := appendArgs(nil, args)
	if err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, query, named)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(values); err != nil {
			return unlessEnd(err)
		}
		if more, err := row(values); !more || err != nil {
			return err
		}
	}
}

func unlessEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// Statement is one that writes rows.
type Statement struct {
	Columns int                   // arguments of a row
	Text    func(rows int) string // the statement for so many rows, with the arguments of each behind those of the one before
}

// rowsPerStatement is how many rows one statement writes: enough to make its own cost vanish, and few enough that it is soon
// prepared.
const rowsPerStatement = 100

// WriteRows writes rows within the transaction of Write that is under way. appendValues appends the values of a row.
func (db *DB) WriteRows(ctx context.Context, tx *sql.Tx, s Statement, rows int, appendValues func(into []any, row int) []any) error {
	w := db.writing.Load()
	if w == nil || w.tx != tx {
		return errors.New("rows can only be written in the transaction that writes")
	}
	return w.conn.Raw(func(c any) error {
		return writeRows(ctx, c.(*sqlite3.SQLiteConn), s, rows, appendValues)
	})
}

func writeRows(ctx context.Context, conn *sqlite3.SQLiteConn, s Statement, rows int, appendValues func([]any, int) []any) error {
	values := make([]any, 0, s.Columns*min(rows, rowsPerStatement))
	var args []driver.NamedValue
	for done := 0; done < rows; {
		n := min(rowsPerStatement, rows-done)
		stmt, err := conn.PrepareContext(ctx, s.Text(n))
		if err != nil {
			return err
		}
		for ; rows-done >= n && err == nil; done += n {
			values = values[:0]
			for i := range n {
				values = appendValues(values, done+i)
			}
			if args, err = appendArgs(args[:0], values); err == nil {
				err = run(ctx, stmt.(driver.StmtQueryContext), args)
			}
		}
		if err := errors.Join(err, stmt.Close()); err != nil {
			return err
		}
	}
	return nil
}

// run runs a statement that returns no rows.
func run(ctx context.Context, stmt driver.StmtQueryContext, args []driver.NamedValue) error {
	rows, err := stmt.QueryContext(ctx, args)
	if err != nil {
		return err
	}
	return errors.Join(unlessEnd(rows.Next(nil)), rows.Close())
}

// appendArgs appends values as the driver takes them.
func appendArgs(to []driver.NamedValue, values []any) ([]driver.NamedValue, error) {
	for i, v := range values {
		switch n := v.(type) {
		case nil, int64, float64, bool, string, []byte:
		case int:
			v = int64(n)
		default:
			converted, err := driver.DefaultParameterConverter.ConvertValue(v)
			if err != nil {
				return nil, fmt.Errorf("value %d: %w", i, err)
			}
			v = converted
		}
		to = append(to, driver.NamedValue{Ordinal: len(to) + 1, Value: v})
	}
	return to, nil
}
