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

// insertRows runs head VALUES (…),(…) tail with the arguments of many rows, width to a row.
func insertRows(ctx context.Context, tx *sql.Tx, head string, width int, tail string, args []any) error {
	full := len(args) / width / rowsPerStatement
	if full > 0 {
		stmt, err := tx.PrepareContext(ctx, head+values(width, rowsPerStatement)+tail)
		if err != nil {
			return err
		}
		defer stmt.Close()
		for range full {
			if _, err := stmt.ExecContext(ctx, args[:width*rowsPerStatement]...); err != nil {
				return err
			}
			args = args[width*rowsPerStatement:]
		}
	}
	if len(args) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, head+values(width, len(args)/width)+tail, args...)
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
