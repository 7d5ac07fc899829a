package cache

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// rowsPerStatement is the number of rows that one INSERT carries: enough to make the cost of a
// statement vanish, and far below SQLite's limit of parameters.
const rowsPerStatement = 64

// insertRows runs head VALUES (…),(…) tail for many rows. arguments appends those of a row, width of them.
func insertRows[T any](ctx context.Context, tx *sql.Tx, head string, width int, tail string, rows []T, arguments func([]any, T) []any) error {
	args := make([]any, 0, width*min(len(rows), rowsPerStatement))
	next := func() []any {
		args = args[:0]
		n := min(len(rows), rowsPerStatement)
		for _, row := range rows[:n] {
			args = arguments(args, row)
		}
		rows = rows[n:]
		return args
	}
	if len(rows) >= rowsPerStatement {
		stmt, err := tx.PrepareContext(ctx, head+values(width, rowsPerStatement)+tail)
		if err != nil {
			return err
		}
		defer stmt.Close()
		for len(rows) >= rowsPerStatement {
			if _, err := stmt.ExecContext(ctx, next()...); err != nil {
				return err
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	query := head + values(width, len(rows)) + tail
	_, err := tx.ExecContext(ctx, query, next()...)
	return err
}

func values(width, rows int) string {
	one := "(?" + strings.Repeat(",?", width-1) + ")"
	return " VALUES " + one + strings.Repeat(","+one, rows-1) + " "
}

// idList is a list of ids as the one argument of json_each.
func idList(ids []int64) string {
	b := []byte{'['}
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return string(append(b, ']'))
}
